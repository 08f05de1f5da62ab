"""One log line per request: method, path, status, time, caller. Never a query string or body: they are ticket text.

The same times go into the metrics, by route. Every request has an id: in the answer, the log and the audit log.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Callable, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kbsearch.api.metrics import Metrics
from kbsearch.api.problems import bug, stopped

RawHeaders = Sequence[tuple[bytes, bytes]]
"""Names are lower-case."""

REQUEST_ID = "X-Request-ID"
_ID_HEADER = REQUEST_ID.lower().encode()
_OWN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_log = logging.getLogger("kbsearch.access")


class AccessLog:
    """Adds a request id and the path's ``headers`` to each answer, and logs the request. A caller may send the id."""

    def __init__(self, app: ASGIApp, metrics: Metrics, headers: Callable[[str], RawHeaders]) -> None:
        self._app = app
        self._metrics = metrics
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == _ID_HEADER), "")
        request_id = given if _OWN_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        status: int | None = None

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in self._headers(scope["path"]) if header[0] not in own),
                    (_ID_HEADER, request_id.encode()),
                ]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except asyncio.CancelledError:
            if status is not None:
                raise
            # The server ends and waits no longer: the answer is a problem all the same.
            await stopped(scope["path"])(scope, receive, noting)
        except Exception as error:
            if status is not None:
                raise  # half an answer has gone out: the server hangs up
            await bug(scope["method"], scope["path"], error)(scope, receive, noting)
        finally:
            took_s = time.perf_counter() - started
            template = getattr(scope.get("route"), "path", "other")
            self._metrics.requested(template, scope["method"], status or 500, took_s)
            self._write(scope, request_id, status or 500, took_s)

    def _write(self, scope: Scope, request_id: str, status: int, took_s: float) -> None:
        path = scope["path"].encode("unicode_escape").decode()  # no line breaks into the log
        actor = scope["state"].get("actor", "-")
        actor = actor if actor.isprintable() else actor.encode("unicode_escape").decode()
        took_ms = round(took_s * 1000, 1)
        facts = {
            "method": scope["method"], "path": path, "status": status, "took_ms": took_ms, "actor": actor,
            "request_id": request_id,
        }  # fmt: skip
        _log.info("%s %s %d %.1f ms %s %s", scope["method"], path, status, took_ms, actor, request_id, extra=facts)
