"""Records of a file or a body: NDJSON or a JSON array, plain or gzipped, with or without a byte order mark."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

LONGEST_RECORD = 1024 * 1024
"""In bytes of UTF-8."""
_MOST_EXPANDED = 200
"""Times the size of a gzipped file; NDJSON shrinks to a tenth, a bomb to a thousandth."""
_ALWAYS_EXPANDED = 64 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_CHUNK = 64 * 1024
NO_OBJECT = "this is not a JSON object in UTF-8"

Record = dict[str, Any] | str
"""A JSON object, or what is wrong with the record."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A record, the number of its line (of its element in an array), and how far the file was read."""

    number: int
    record: Record
    read: int


def records(file: IO[bytes]) -> Iterator[Numbered]:
    """Every record that is not blank. A broken file ends with a record that says so.

    Args:
        file: open at its beginning, and can be set back to it.
    """
    source: IO[bytes] = file
    if file.read(len(_GZIP)) == _GZIP:
        size = file.seek(0, 2)
        file.seek(0)
        source = cast("IO[bytes]", _Expanded(file, max(_ALWAYS_EXPANDED, _MOST_EXPANDED * size)))
    else:
        file.seek(0)
    number = 0
    try:
        head = source.read(_CHUNK)
        head = head.removeprefix(_BOM)
        read = _elements if head.lstrip()[:1] == b"[" else _lines
        for number, record in read(_Ahead(head, source)):
            yield Numbered(number, record, file.tell())
    except _TooMuch:
        yield Numbered(
            number + 1, "the gzipped data is many times larger than its file; the rest is left out", file.tell()
        )
    except (OSError, EOFError, zlib.error):
        yield Numbered(number + 1, "the gzipped data is damaged or ends early", file.tell())


def parsed(text: bytes) -> Record:
    """A line as a JSON object."""
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return NO_OBJECT
    return cast("dict[str, Any]", row) if isinstance(row, dict) else NO_OBJECT


class _TooMuch(Exception):
    pass


class _Expanded(gzip.GzipFile):
    def __init__(self, file: IO[bytes], most: int) -> None:
        super().__init__(fileobj=file)
        self._left = most

    def read(self, size: int | None = -1) -> bytes:
        got = super().read(size)
        self._left -= len(got)
        if self._left < 0:
            raise _TooMuch
        return got


class _Ahead:
    """What was read ahead, then the rest of a file, in pieces."""

    def __init__(self, head: bytes, source: IO[bytes]) -> None:
        self._head, self._source = head, source

    def piece(self) -> bytes:
        if self._head:
            head, self._head = self._head, b""
            return head
        return self._source.read(_CHUNK)


def _lines(ahead: _Ahead) -> Iterator[tuple[int, Record]]:
    number, rest, skipping = 0, b"", False
    while piece := ahead.piece():
        *ended, rest = (rest + piece).split(b"\n")
        for line in ended:
            number += 1
            if skipping or len(line) > LONGEST_RECORD:
                skipping = False
                yield number, f"the line has more than {LONGEST_RECORD} bytes"
            elif line.strip():
                yield number, parsed(line)
        if len(rest) > LONGEST_RECORD:
            rest, skipping = b"", True
    if skipping:
        yield number + 1, f"the line has more than {LONGEST_RECORD} bytes"
    elif rest.strip():
        yield number + 1, parsed(rest)


def _elements(ahead: _Ahead) -> Iterator[tuple[int, Record]]:
    """The elements of a JSON array, up to the first that is not JSON."""
    number, decoder = 0, json.JSONDecoder()
    buffer, pending = "", b""
    started = ended = False
    while not ended:
        piece = ahead.piece()
        pending += piece
        if len(buffer) > LONGEST_RECORD:
            yield number + 1, f"the element has more than {LONGEST_RECORD} bytes; the rest is left out"
            return
        try:
            text, pending = _decoded(pending, final=not piece)
        except UnicodeDecodeError:
            yield number + 1, NO_OBJECT
            return
        buffer = (buffer + text).lstrip()
        if not started:
            buffer, started = buffer[1:].lstrip(), True
        while buffer and not ended:
            if buffer[0] == "]":
                ended = True
                break
            try:
                row, end = decoder.raw_decode(buffer)
            except (ValueError, RecursionError):
                break  # more of it may come
            number += 1
            buffer = buffer[end:].lstrip()
            buffer = buffer[1:].lstrip() if buffer[:1] == "," else buffer
            yield number, cast("dict[str, Any]", row) if isinstance(row, dict) else NO_OBJECT
        if not piece and not ended:
            yield number + 1, "the array is not JSON from here on, or ends early; the rest is left out"
            return


def _decoded(data: bytes, final: bool) -> tuple[str, bytes]:
    """As much as is whole characters, and what is left of a character."""
    try:
        return data.decode("utf-8"), b""
    except UnicodeDecodeError as error:
        if final or error.end < len(data) or len(data) - error.start > 3:
            raise
        return data[: error.start].decode("utf-8"), data[error.start :]
