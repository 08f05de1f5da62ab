"""Locks on a data folder and on generations of its index: shared by processes, or exclusive.

The system releases a lock when its process ends, for any reason.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from kbsearch.errors import StorageError
from kbsearch.store.sqlite.files import storage_errors

LOCK_NAME = "in-use.lock"


class FolderUse:
    """Holds a data folder for as long as it is open."""

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
    """Exclude all other processes from a data folder. Raises StorageError while one uses it."""
    descriptor = _locked(
        folder, fcntl.LOCK_EX, "a server or another command uses this data folder; stop it first, then try again"
    )
    try:
        yield
    finally:
        os.close(descriptor)


class GenerationUse:
    """Keeps a generation of the index, its rows and its files, from being dropped for as long as it is open.

    Args:
        folder: where the generations' files are; made if missing.
        generation: its id.
    """

    def __init__(self, folder: Path, generation: int) -> None:
        path = _generation_lock(folder, generation)
        self._descriptor: int | None = _opened(path)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def close(self) -> None:
        """May be called more than once."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def unless_in_use(folder: Path, generation: int) -> Generator[bool]:
    """Whether no process has a generation open; while the block runs, none can open it."""
    path = _generation_lock(folder, generation)
    descriptor = _opened(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
        path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _generation_lock(folder: Path, generation: int) -> Path:
    return folder / f"generation-{generation}.lock"


def _opened(path: Path) -> int:
    with storage_errors(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)


def _locked(folder: Path, how: int, otherwise: str) -> int:
    path = folder / LOCK_NAME
    descriptor = _opened(path)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise StorageError(f"{folder}: {otherwise}") from None
    return descriptor
