"""Reads request bodies within limits of size and time, before they are parsed and before they take a place."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.types import Message, Receive

from kbsearch.errors import BodyTooLarge, BodyTooSlow, NoRoomForBody, UnsupportedMediaType

_log = logging.getLogger(__name__)

MOST_BYTES = 1024 * 1024
_LONGEST_LENGTH = 20  # digits
JSON = "application/json"
NDJSON = "application/x-ndjson"
_OF_ANYTHING = (
    "",
    "application/gzip",
    "application/octet-stream",
    "application/x-gzip",
    "application/x-www-form-urlencoded",  # curl --data-binary
    "text/plain",
)


def has_one(request: Request) -> bool:
    return "content-length" in request.headers or "transfer-encoding" in request.headers


def check_json(request: Request, body: bytes) -> None:
    """Raises UnsupportedMediaType for a body without the Content-Type of JSON, unless it is empty."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and media_type != JSON and not (media_type.startswith("application/") and media_type.endswith("+json")):
        raise UnsupportedMediaType(JSON)


def check_records(request: Request) -> None:
    """Raises UnsupportedMediaType for a body that announces something else than JSON records, or cannot be unpacked.

    Types that say nothing of the content are accepted: many clients send one of them by default.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "json" not in media_type.partition("/")[2] and media_type not in _OF_ANYTHING:
        raise UnsupportedMediaType(NDJSON, detail="send one JSON object per line (NDJSON), or a JSON array of objects")
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise UnsupportedMediaType("gzip", "Content-Encoding")


async def whole(request: Request, timeout_s: float, most_bytes: int = MOST_BYTES) -> Request:
    """The request with its body read.

    Raises:
        BodyTooLarge: it has more than ``most_bytes``; if its length is announced, before any of it is read.
        BodyTooSlow: it did not arrive within ``timeout_s``.
    """
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and (len(announced) > _LONGEST_LENGTH or int(announced) > most_bytes):
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


@dataclass(frozen=True, slots=True)
class Spooled:
    """A body of any size in a file that is open at its beginning. ``digest`` names method, path and body."""

    file: IO[bytes]
    digest: bytes


@asynccontextmanager
async def spooled(request: Request, timeout_s: float, least_bytes_per_s: float) -> AsyncGenerator[Spooled]:
    """The body in a temporary file, so that a slow client holds neither memory nor a transaction.

    Raises:
        BodyTooSlow: fewer than ``least_bytes_per_s`` arrived over ``timeout_s``.
        NoRoomForBody: the folder for temporary files is full or cannot be used.
    """
    with _no_room():
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed below, whatever that says
    try:
        with _no_room():
            digest = await _spool(request, file, timeout_s, max(1, round(least_bytes_per_s * timeout_s)))
        yield Spooled(file, digest)
    finally:
        with suppress(OSError):  # what could not be written cannot be flushed either
            file.close()


async def _spool(request: Request, file: IO[bytes], timeout_s: float, least_bytes: int) -> bytes:
    """Write the body to the file, of which ``least_bytes`` must come within each ``timeout_s``. Returns its digest."""
    loop = asyncio.get_running_loop()
    digest = hashlib.sha256(f"{request.method}\n{request.url.path}\n".encode())
    come = 0
    try:
        async with asyncio.timeout(timeout_s) as deadline:
            async for chunk in request.stream():
                digest.update(chunk)
                await run_in_threadpool(file.write, chunk)
                come += len(chunk)
                if come >= least_bytes:
                    come = 0
                    deadline.reschedule(loop.time() + timeout_s)
    except TimeoutError:
        raise BodyTooSlow from None
    await run_in_threadpool(file.seek, 0)
    return digest.digest()


@contextmanager
def _no_room() -> Generator[None]:
    try:
        yield
    except OSError as error:
        _log.error("the folder for temporary files cannot hold the body of an import: %s", error.strerror)
        raise NoRoomForBody from error


def _replaying(body: bytes, receive: Receive) -> Receive:
    handed_over = False

    async def replay() -> Message:
        nonlocal handed_over
        if handed_over:
            return await receive()
        handed_over = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
