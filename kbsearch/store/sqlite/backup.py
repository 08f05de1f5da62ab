"""One file that holds everything: SQLite copied page by page while others read and write."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import sqlite_utils

from kbsearch.errors import BrokenFile, StorageError
from kbsearch.store.sqlite.damage import damage
from kbsearch.store.sqlite.files import FILE_NAME, partial_of, storage_errors
from kbsearch.store.sqlite.migrations import MIGRATIONS

_PAGES_AT_ONCE = 4_096  # 16 MiB


def back_up(folder: Path, target: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Copy one consistent state of a data folder's store to one file, while a server may use the folder.

    The file appears only after it is complete and checked.

    Args:
        folder: the data folder.
        target: the file; one of that name is replaced.
        progress: called with (pages done, pages in all).

    Raises:
        StorageError: the folder cannot be read, or the target not be written, or it is in the data folder.
        BrokenFile: the folder has no store, or the copy is not sound.
    """
    source = folder / FILE_NAME
    if not source.is_file():
        raise BrokenFile(str(source), "there is no store in this folder")
    if target.resolve().is_relative_to(folder.resolve()):
        raise StorageError(
            f"{target}: a backup in the data folder would keep there what is erased; name another folder"
        )
    partial = partial_of(target)
    try:
        _copy(source, partial, progress)
        check_backup(partial)
        _replace(partial, target)
    finally:
        _remove(partial)


def restore(file: Path, folder: Path) -> None:
    """Put a backup in the place of a data folder's store. Nothing may use the folder meanwhile.

    The previous store stays until the copy is complete and checked.

    Raises:
        BrokenFile: the file is no sound backup, or of a newer version.
        StorageError: the folder cannot be written.
    """
    check_backup(file)
    target = folder / FILE_NAME
    with storage_errors(target):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = partial_of(target)
    try:
        _copy(file, partial, None)
        check_backup(partial)
        for left in ("-wal", "-shm"):  # they belong to the store that was there before
            target.with_name(FILE_NAME + left).unlink(missing_ok=True)
        _replace(partial, target)
    finally:
        _remove(partial)


def check_backup(file: Path) -> None:
    """Raises BrokenFile for a file that is no sound store of this version or an earlier one."""
    if not file.is_file():
        raise BrokenFile(str(file), "there is no such file")
    try:
        # as_uri() escapes what would end a path in an address: #, ? and %
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            db = sqlite_utils.Database(connection, execute_plugins=False)
            found = damage(db)
            known = {migration.name for migration in MIGRATIONS._migrations}  # pyright: ignore[reportPrivateUsage]
            applied = {migration.name for migration in MIGRATIONS.applied(db)}
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        raise BrokenFile(str(file), "this is no kbsearch backup, or it is damaged") from None
    if found:
        raise BrokenFile(str(file), f"it is damaged: {found[0]}")
    if not applied:
        raise BrokenFile(str(file), "this is no kbsearch backup")
    if applied - known:
        raise BrokenFile(str(file), "a newer kbsearch wrote it; install that version or a later one")


def _copy(source: Path, target: Path, progress: Callable[[int, int], None] | None) -> None:
    def report(status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    with storage_errors(target):
        _remove(target)
        descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        os.close(descriptor)
        reading, writing = sqlite3.connect(source), sqlite3.connect(target)
        try:
            writing.execute("PRAGMA synchronous=FULL")
            # One read transaction: pages written meanwhile go to the log, so that the copy needs no second start.
            reading.execute("BEGIN")
            reading.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            reading.backup(writing, pages=_PAGES_AT_ONCE, progress=report)
            writing.execute("PRAGMA journal_mode=DELETE")
        finally:
            writing.close()
            reading.close()


def _replace(partial: Path, target: Path) -> None:
    with storage_errors(target):
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _remove(path: Path) -> None:
    for left in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + left).unlink(missing_ok=True)
