"""One line for each request: method, path, status, time. Never a query string or a body: they hold ticket text.

The same times go into the metrics, by route.
"""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kbsearch.api.metrics import Metrics

_log = logging.getLogger("kbsearch.access")


class AccessLog:
    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            took_s = time.perf_counter() - started
            template = getattr(scope.get("route"), "path", "other")
            self._metrics.requested(template, scope["method"], status, took_s)
            path = scope["path"].encode("unicode_escape").decode()  # no line breaks into the log
            _log.info("%s %s %d %.1f ms", scope["method"], path, status, took_s * 1000)
