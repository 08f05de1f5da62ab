"""Unused bytes within the pages of a database file, in which erased rows may still stand.

``secure_delete`` overwrites a row where it is deleted. But a row that SQLite moved to another page before, to keep its
trees balanced, has left a copy in the unallocated space of the old page, and SQLite never clears that space
(https://www.sqlite.org/fileformat2.html, section 1.6: between the array of cell pointers and the first cell).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence

_HEADER = 100
_PAGE_SIZE = slice(16, 18)
_RESERVED = 20  # bytes at the end of each page that belong to an extension
_LARGEST_ROOT = slice(52, 56)  # not 0 with auto_vacuum, whose pages of pointers look like pages of a tree
_INTERIOR, _LEAVES = (2, 5), (10, 13)
_READ_AT_ONCE = 1 << 20


class Slack:
    """The unallocated space of a file.

    A process loses its locks on a file with the first descriptor of it that it closes (POSIX). So this one stays open
    as long as a connection of the process does.
    """

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        header = os.pread(self._descriptor, _HEADER, 0)
        size = int.from_bytes(header[_PAGE_SIZE], "big") if len(header) == _HEADER else 0
        self._page_size = 65_536 if size == 1 else size
        self._is_plain = size > 0 and header[_RESERVED] == 0 and not any(header[_LARGEST_ROOT])

    def used_before(self) -> Iterator[int]:
        """Numbers of pages whose unallocated space is not empty, but for the first page, which holds the schema."""
        if not self._is_plain:
            return
        size, at = self._page_size, self._page_size
        while chunk := os.pread(self._descriptor, max(size, _READ_AT_ONCE), at):
            for start in range(0, len(chunk) - size + 1, size):
                if _rest(chunk[start : start + size]) is not None:
                    yield (at + start) // size
            at += len(chunk) // size * size or size

    def clear(self, pages: Sequence[int]) -> None:
        """Overwrite the unallocated space of pages.

        Nobody may write meanwhile, and the write-ahead log must be empty: then nobody looks at these bytes.
        """
        for page in pages:
            begin = page * self._page_size
            rest = _rest(os.pread(self._descriptor, self._page_size, begin))
            if rest is not None:
                os.pwrite(self._descriptor, bytes(len(rest)), begin + rest.start)
        os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


def _rest(page: bytes) -> range | None:
    """The unallocated space of a page of a tree; None where it is empty, and for a page of another kind.

    Those of another kind begin with the number of a page, whose first byte is 0 in a file of less than 64 GiB.
    """
    if len(page) < 12 or page[0] not in (*_INTERIOR, *_LEAVES):
        return None
    _, cells, first = struct.unpack_from(">HHH", page, 1)
    begin = (12 if page[0] in _INTERIOR else 8) + 2 * cells
    end = first or 65_536
    if not begin <= end <= len(page) or page.count(0, begin, end) == end - begin:
        return None
    return range(begin, end)
