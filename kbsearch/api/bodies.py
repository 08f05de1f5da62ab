"""Bodies are read within a size and a time, before anything parses them and before they hold a place."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.types import Message, Receive

from kbsearch.errors import BodyTooLarge, BodyTooSlow, UnsupportedMediaType

MOST_BYTES = 1024 * 1024
JSON = "application/json"


def has_one(request: Request) -> bool:
    return "content-length" in request.headers or "transfer-encoding" in request.headers


def check_json(request: Request, body: bytes) -> None:
    """Raises UnsupportedMediaType for a body that is not said to be JSON; an empty one may be anything."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and media_type != JSON and not (media_type.startswith("application/") and media_type.endswith("+json")):
        raise UnsupportedMediaType(JSON)


async def whole(request: Request, timeout_s: float, most_bytes: int = MOST_BYTES) -> Request:
    """The request with its body read.

    Raises:
        BodyTooLarge: it has more than ``most_bytes``; if its length is announced, before any of it is read.
        BodyTooSlow: it did not come within ``timeout_s``.
    """
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > most_bytes:
        raise BodyTooLarge(most_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most_bytes:
                    raise BodyTooLarge(most_bytes)
    except TimeoutError:
        raise BodyTooSlow from None
    return Request(request.scope, _replaying(bytes(body), request.receive))


def streamed(request: Request, idle_timeout_s: float) -> Request:
    """The request, whose body may be of any size but must keep coming: BodyTooSlow is raised where it does not."""

    async def receive() -> Message:
        try:
            async with asyncio.timeout(idle_timeout_s):
                return await request.receive()
        except TimeoutError:
            raise BodyTooSlow from None

    return Request(request.scope, receive)


def _replaying(body: bytes, receive: Receive) -> Receive:
    handed_over = False

    async def replay() -> Message:
        nonlocal handed_over
        if handed_over:
            return await receive()
        handed_over = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
