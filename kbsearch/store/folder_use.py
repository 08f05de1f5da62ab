"""Who uses a data folder: any number of processes at once, or one that replaces what is in it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from kbsearch.errors import StorageError
from kbsearch.store.database import storage_errors

LOCK_NAME = "in-use.lock"


class FolderUse:
    """Holds a data folder for as long as it is open. The system lets go when a process dies, however it dies."""

    def __init__(self, folder: Path) -> None:
        """Raises StorageError while another process replaces what is in the folder."""
        self._descriptor: int | None = _locked(
            folder, fcntl.LOCK_SH, "a restore is under way in this data folder; try again later"
        )

    def close(self) -> None:
        """May be called more than once."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def alone_in(folder: Path) -> Generator[None]:
    """Keep every other process out of a data folder. Raises StorageError while one uses it."""
    descriptor = _locked(
        folder, fcntl.LOCK_EX, "a server or another command uses this data folder; stop it first, then try again"
    )
    try:
        yield
    finally:
        os.close(descriptor)


def _locked(folder: Path, how: int, otherwise: str) -> int:
    path = folder / LOCK_NAME
    with storage_errors(path):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise StorageError(f"{folder}: {otherwise}") from None
    return descriptor
