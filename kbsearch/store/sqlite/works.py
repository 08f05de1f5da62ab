"""Works that are done by one process at a time, each a locked byte of one file.

The byte is that of the work's name as a number. Such a lock belongs to an open file ("open file description lock",
fcntl(2)): closing other files leaves it, and the system releases it when the process dies, however it dies. Nothing is
written, so that it costs two system calls, and no file is left for each name.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from kbsearch.errors import AlreadyRunning
from kbsearch.store.sqlite.files import storage_errors

_FILE_NAME = "work.lock"
_FLOCK = "@hhqqi0q"  # struct flock: type, whence, start, length, pid


class Works:
    """The works under way in a data folder.

    Args:
        folder: the data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE_NAME
        with storage_errors(self._path):
            self._descriptor: int | None = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        self._here: set[int] = set()
        self._lock = threading.Lock()

    @contextmanager
    def alone(self, work: str) -> Generator[None]:
        """Do a work while nobody else does, in this process or another one. Raises AlreadyRunning."""
        digest = hashlib.blake2b(work.encode(errors="surrogatepass"), digest_size=8).digest()
        place = int.from_bytes(digest) >> 2  # the largest place of a file has 63 bits
        with self._lock, storage_errors(self._path):
            if place in self._here or not self._marked(place, fcntl.F_WRLCK):
                raise AlreadyRunning
            self._here.add(place)
        try:
            yield
        finally:
            with self._lock:
                self._here.discard(place)
                self._marked(place, fcntl.F_UNLCK)

    def close(self) -> None:
        """Leave every work to others. May be called more than once."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def _marked(self, place: int, how: int) -> bool:
        """Lock a byte or release it. False if another process holds it."""
        if self._descriptor is None:
            return True
        try:
            fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, struct.pack(_FLOCK, how, os.SEEK_SET, place, 1, 0))
        except (BlockingIOError, PermissionError):
            return False
        return True
