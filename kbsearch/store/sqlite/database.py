"""One SQLite file: a writer, a few readers, transactions.

SQLite runs in WAL mode with ``synchronous=FULL``: a committed transaction outlives kill -9 and power
loss, readers see the last committed state and never wait for the writer. Several processes may
open the same folder.
"""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlite_utils

from kbsearch.errors import NotReady, StorageError
from kbsearch.store.acting import Acting, current_actor
from kbsearch.store.sqlite.migrations import MIGRATIONS

Clock = Callable[[], datetime]
SqlValue = str | int | float | bytes | None
Parameters = Sequence[SqlValue] | Mapping[str, SqlValue]

FILE_NAME = "kbsearch.sqlite3"
_BUSY_TIMEOUT_MS = 30_000
_READERS_KEPT = 8
# Pages are in the system's cache as well; ours saves a call for those that each question or batch touches.
_WRITER_CACHE_KIB = 32 * 1024
_READER_CACHE_KIB = 4 * 1024
_STATEMENTS_KEPT = 512
_CHECKPOINT_PAGES = 4_000  # 16 MiB
_LOG_BYTES = 64 * 1024 * 1024
_LOG_WAIT_MS = 100


def utc_now() -> datetime:
    """The real clock: now, aware, in UTC."""
    return datetime.now(UTC)


class Read:
    """A consistent view of the store for the length of a ``with`` block."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self.db = db

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """All rows; columns by name or position."""
        return self.db.conn.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """The first row, or None."""
        return self.db.conn.execute(sql, parameters).fetchone()


class Write(Read):
    """A transaction that no other writer can come between.

    ``now`` is its one moment in time, ``acting`` who makes it; ``tenant_numbers`` are those that it has looked up
    already.
    """

    def __init__(self, db: sqlite_utils.Database, now: datetime, acting: Acting) -> None:
        super().__init__(db)
        self.now = now
        self.acting = acting
        self.tenant_numbers: dict[str, int] = {}

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        return self.db.conn.execute(sql, parameters)

    def executemany(self, sql: str, rows: Sequence[Sequence[SqlValue]]) -> None:
        self.db.conn.executemany(sql, rows)


class Store:
    """Opens or creates the store in a folder and brings its schema up to date.

    Args:
        folder: the data folder; made if missing, readable by its owner only.
        clock: gives the time of each write.

    Raises:
        StorageError: the folder or file cannot be used, or a newer kbsearch wrote it.
    """

    def __init__(self, folder: Path, clock: Clock = utc_now) -> None:
        self._path = folder / FILE_NAME
        self._clock = clock
        self._write_lock = threading.Lock()
        self._idle: queue.LifoQueue[sqlite_utils.Database] = queue.LifoQueue()
        self._closed = False
        self._log_limit = _LOG_BYTES
        with storage_errors(self._path):
            close_to_others(folder)
            self._writer = self._connect(_WRITER_CACHE_KIB)
            self._writer.conn.execute("PRAGMA journal_mode=WAL")
            self._writer.conn.execute("PRAGMA synchronous=FULL")
            self._writer.conn.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
            self._migrate()

    @property
    def path(self) -> Path:
        return self._path

    @property
    def clock(self) -> Clock:
        return self._clock

    @contextmanager
    def read(self) -> Generator[Read]:
        """One snapshot of the store; later writes stay unseen inside the block."""
        with storage_errors(self._path):
            try:
                db = self._idle.get_nowait()
            except queue.Empty:
                db = self._connect(_READER_CACHE_KIB)
                db.conn.execute("PRAGMA query_only=ON")
            try:
                db.conn.execute("BEGIN")
                yield Read(db)
            finally:
                if db.conn.in_transaction:
                    db.conn.rollback()
                if self._closed or self._idle.qsize() >= _READERS_KEPT:
                    db.close()
                else:
                    self._idle.put(db)

    @contextmanager
    def write(self) -> Generator[Write]:
        """One transaction: all of it is durable when the block ends, none of it if it raises."""
        with storage_errors(self._path), self._write_lock:
            connection = self._writer.conn
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Write(self._writer, self._clock(), current_actor())
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            self._keep_log_short()

    def empty_log(self) -> bool:
        """Move the write-ahead log into the file and empty it: what was erased may still stand in the log.

        Never waits for readers for longer than a tenth of a second, and lets no writer wait longer either.

        Returns:
            False if a reader still needs the log.
        """
        with storage_errors(self._path):
            if not self._log_moved():
                return False
            with self._write_lock:
                return self._truncated()

    def _log_moved(self) -> bool:
        """Copy the log into the file beside readers and writers. False if one of them is in the way."""
        with self.read() as tx:
            tx.db.conn.rollback()
            busy, in_log, moved = tx.db.conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return not busy and in_log == moved

    def _truncated(self) -> bool:
        """Empty the log, which holds nothing that is not in the file, unless a reader needs it."""
        connection = self._writer.conn
        connection.execute(f"PRAGMA busy_timeout={_LOG_WAIT_MS}")  # a long read: better a longer log than a wait
        try:
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")

    def close(self) -> None:
        """Close all idle connections. Blocks still open close theirs as they end."""
        self._closed = True
        with self._write_lock:
            self._writer.close()
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    def _keep_log_short(self) -> None:
        """Empty the write-ahead log once it is long: where questions overlap without end it never empties itself."""
        try:
            size = self._path.with_name(f"{FILE_NAME}-wal").stat().st_size
        except FileNotFoundError:
            return
        if size < self._log_limit:
            return
        self._log_limit = _LOG_BYTES if self._truncated() else size + _LOG_BYTES

    def _connect(self, cache_kib: int) -> sqlite_utils.Database:
        connection = sqlite3.connect(
            self._path,
            isolation_level=None,
            check_same_thread=False,
            timeout=_BUSY_TIMEOUT_MS / 1000,
            cached_statements=_STATEMENTS_KEPT,
        )
        connection.row_factory = sqlite3.Row
        connection.create_function("unhex", 1, bytes.fromhex, deterministic=True)  # SQLite has its own from 3.41 on
        connection.execute(f"PRAGMA cache_size=-{cache_kib}")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten in the file
        return sqlite_utils.Database(connection, execute_plugins=False)

    def _migrate(self) -> None:
        ours = {migration.name for migration in MIGRATIONS._migrations}  # pyright: ignore[reportPrivateUsage]
        if any(migration.name not in ours for migration in MIGRATIONS.applied(self._writer)):
            raise StorageError(
                f"{self._path}: a newer kbsearch wrote this data folder; install that version or a later one"
            )
        if MIGRATIONS.pending(self._writer):
            # Two processes may open a new folder at once: the second finds nothing left to do.
            self._writer.conn.execute("BEGIN IMMEDIATE")
            try:
                MIGRATIONS.apply(self._writer)
                self._writer.conn.execute("COMMIT")
            except BaseException:
                if self._writer.conn.in_transaction:
                    self._writer.conn.execute("ROLLBACK")
                raise


def close_to_others(folder: Path) -> None:
    """Make the data folder if it is missing, and let nobody but its owner read it or the store in it.

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


@contextmanager
def storage_errors(path: Path) -> Generator[None]:
    """Turns what SQLite and the system say about a file into StorageError or NotReady, with advice."""
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
