"""The files of a store: their names, who may read them, and what goes wrong with them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from kbsearch.errors import NotReady, StorageError

FILE_NAME = "kbsearch.sqlite3"


def has_store(folder: Path) -> bool:
    """Whether there is a store in a data folder."""
    return (folder / FILE_NAME).is_file()


def close_to_others(folder: Path) -> None:
    """Create the data folder if it is missing, and make it and the store readable by the owner only.

    Raises:
        StorageError: it is open to other users, and belongs to another user.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with storage_errors(folder / FILE_NAME):  # SQLite would make the file readable by everybody
        os.close(os.open(folder / FILE_NAME, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    inside = [path for path in folder.iterdir() if path.name.startswith(FILE_NAME) or path.suffix == ".lock"]
    for path, mode in ((folder, 0o700), *((path, 0o600) for path in inside)):
        try:
            if path.stat().st_mode & 0o077:
                path.chmod(mode)
        except FileNotFoundError:
            continue  # SQLite's log goes with the last process that uses it
        except PermissionError:
            raise StorageError(
                f"{path}: other users may read it, and it is not yours to change; its owner must run"
                f" 'chmod -R go= {folder}', or give it to the user of the server"
            ) from None


def partial_of(file: Path) -> Path:
    """The name of a file of this process while it is written."""
    return file.with_name(f".{file.name}.{os.getpid()}")


def remove_partial(folder: Path) -> None:
    """Remove copies of a store that a killed restore left in a data folder; erasing does not reach them."""
    for path in folder.glob(f".{FILE_NAME}.*"):
        path.unlink(missing_ok=True)


@contextmanager
def storage_errors(path: Path) -> Generator[None]:
    """Turns errors of SQLite and the system into StorageError or NotReady, with advice."""
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.NotSupportedError):
            raise
        name = getattr(error, "sqlite_errorname", "") or ""
        if name.startswith("SQLITE_BUSY"):
            raise NotReady("another process is writing to the data folder; try again", retry_after_s=2) from error
        advice = {
            "SQLITE_FULL": "the disk is full; free some space, nothing stored is lost",
            "SQLITE_IOERR": "the disk cannot be read or written",
            "SQLITE_READONLY": "the data folder is read-only",
            "SQLITE_CANTOPEN": "the data folder cannot be opened",
            "SQLITE_CORRUPT": "the file is damaged; restore a backup",
            "SQLITE_NOTADB": "this is not a kbsearch data file",
        }
        for prefix, text in advice.items():
            if name.startswith(prefix):
                raise StorageError(f"{path}: {text}") from error
        raise
    except OSError as error:
        raise StorageError(f"{error.filename or path.parent}: {error.strerror or error}") from error
