"""Bodies beyond the limit are refused before anything parses them."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kbsearch.api.problems import problem

MOST_BYTES = 1024 * 1024
_STREAMED = "/v1/import/"


class BodyLimit:
    """Reads bodies up to 1 MiB and answers 413 beyond; bulk imports stream past it."""

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BYTES) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_STREAMED):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"0")
        too_large = declared.isdigit() and int(declared) > self._most_bytes
        body = bytearray()
        more = not too_large
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return  # the client has gone
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._most_bytes:
                too_large = True
                break
        if too_large:
            refused = problem(
                scope["path"],
                413,
                f"the body has more than {self._most_bytes} bytes; send many records to /v1/import",
                headers={"Connection": "close"},
            )
            await refused(scope, receive, send)
            return
        handed_over = False

        async def replay() -> Message:
            nonlocal handed_over
            if handed_over:
                return await receive()
            handed_over = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, replay, send)
