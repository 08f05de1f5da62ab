"""What the C library does with memory that was freed: it keeps it, for each thread's arena apart.

A server has dozens of threads, and a reindex or an import frees hundreds of megabytes in small pieces. glibc would hold
them: after four reindexes of 3,000 tickets, 374 MB were resident, of which 57 were free
(docs/operations/reliability.md). Elsewhere than on glibc nothing is done.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_M_ARENA_MAX = -8  # malloc.h
_ARENAS = 2


@cache
def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None


def share_arenas() -> None:
    """Let all threads share two arenas; to be called before they start.

    The interpreter's lock lets one thread at a time run anyway, so that they seldom wait for one another here.
    """
    if (library := _glibc()) is not None:
        library.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return what is free to the system. Takes milliseconds."""
    if (library := _glibc()) is not None:
        library.malloc_trim(0)
