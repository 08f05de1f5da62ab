"""One line for each request: method, path, status, time. Never a query string or a body: they hold ticket text."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("kbsearch.access")


class AccessLog:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
            took_ms = (time.perf_counter() - started) * 1000
            path = scope["path"].encode("unicode_escape").decode()  # no line breaks into the log
            _log.info("%s %s %d %.1f ms", scope["method"], path, status, took_ms)
