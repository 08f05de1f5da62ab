"""One SQLite file: a writer, a few readers, transactions.

SQLite runs in WAL mode with ``synchronous=FULL``: a committed transaction outlives kill -9 and power
loss, readers see the last committed state and never wait for the writer. Several processes may
open the same folder. Writers are serial over all tenants, so that change numbers become visible in order.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import sqlite_utils

from kbsearch.errors import StorageError
from kbsearch.store.acting import current_actor
from kbsearch.store.port import Clock, utc_now
from kbsearch.store.sqlite.files import FILE_NAME, close_to_others, remove_partial, storage_errors
from kbsearch.store.sqlite.folder_use import FolderUse, GenerationUse, unless_in_use
from kbsearch.store.sqlite.migrations import MIGRATIONS
from kbsearch.store.sqlite.slack import Slack
from kbsearch.store.sqlite.transactions import SQLiteRead, SQLiteWrite
from kbsearch.store.sqlite.works import Works

_BUSY_TIMEOUT_MS = 30_000
_READERS_KEPT = 8
# Pages are in the system's cache as well; ours saves a call for those that each question or batch touches.
_WRITER_CACHE_KIB = 32 * 1024
_READER_CACHE_KIB = 4 * 1024
_STATEMENTS_KEPT = 512
_CHECKPOINT_PAGES = 4_000  # 16 MiB
_LOG_BYTES = 64 * 1024 * 1024
_LOG_WAIT_MS = 100
_CLEARED_AT_ONCE = 1_000  # pages


class SQLiteStore:
    """Opens or creates the store in a folder and brings its schema up to date.

    Args:
        folder: the data folder; made if missing, readable by its owner only.
        clock: gives the time of each write.
        in_use: whether a restore must wait until the store is closed.

    Raises:
        StorageError: the folder or file cannot be used, a newer kbsearch wrote it, or a restore is under way.
    """

    def __init__(self, folder: Path, clock: Clock = utc_now, *, in_use: bool = False) -> None:
        self._use = FolderUse(folder) if in_use else None
        self._folder = folder
        self._path = folder / FILE_NAME
        self._clock = clock
        self._write_lock = threading.Lock()
        self._idle: queue.LifoQueue[sqlite_utils.Database] = queue.LifoQueue()
        self._closed = False
        self._slack: Slack | None = None
        self._log_limit = _LOG_BYTES
        with storage_errors(self._path):
            close_to_others(folder)
            if self._use is not None:
                remove_partial(folder)  # nobody restores now
            self._works = Works(folder)
            self._writer = self._connect(_WRITER_CACHE_KIB)
            self._writer.conn.execute("PRAGMA journal_mode=WAL")
            self._writer.conn.execute("PRAGMA synchronous=FULL")
            self._writer.conn.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
            self._migrate()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def clock(self) -> Clock:
        return self._clock

    @contextmanager
    def read(self) -> Generator[SQLiteRead]:
        """One snapshot of the store; later writes stay unseen inside the block."""
        with storage_errors(self._path):
            try:
                db = self._idle.get_nowait()
            except queue.Empty:
                db = self._connect(_READER_CACHE_KIB)
                db.conn.execute("PRAGMA query_only=ON")
            try:
                db.conn.execute("BEGIN")
                yield SQLiteRead(db)
            finally:
                if db.conn.in_transaction:
                    db.conn.rollback()
                if self._closed or self._idle.qsize() >= _READERS_KEPT:
                    db.close()
                else:
                    self._idle.put(db)

    @contextmanager
    def write(self) -> Generator[SQLiteWrite]:
        """One transaction: all of it is durable when the block ends, none of it if it raises."""
        with storage_errors(self._path), self._write_lock:
            connection = self._writer.conn
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield SQLiteWrite(self._writer, self._clock(), current_actor())
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            self._keep_log_short()

    def purge(self) -> bool:
        """Move the write-ahead log into the file, empty it, and clear the unused space within the pages of the file.

        What was erased may still stand in both. Never waits for readers for longer than a tenth of a second, and lets
        no writer wait longer either. False if a reader still needs the log.
        """
        with storage_errors(self._path):
            if not self._log_moved():
                return False
            with self._write_lock:
                if not self._truncated():
                    return False
                self._slack = self._slack or Slack(str(self._path))
            if not all(self._cleared(pages) for pages in _batched(self._slack.used_before(), _CLEARED_AT_ONCE)):
                return False
            with self._write_lock:
                self._truncated()  # the log holds no more than the number that was changed
            return True

    def _cleared(self, pages: Sequence[int]) -> bool:
        """Clear the unused space of pages. False if the log is not empty, or cannot be emptied now."""
        assert self._slack is not None
        with self._write_lock:
            connection = self._writer.conn
            connection.execute("PRAGMA shrink_memory")  # the pages as they were must not be written again
            if not self._truncated():
                return False
            connection.execute("BEGIN IMMEDIATE")
            try:
                if self._path.with_name(f"{FILE_NAME}-wal").stat().st_size:
                    return False  # another process wrote meanwhile
                self._slack.clear(pages)
                # A change, so that other processes forget the pages that they have read.
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                connection.execute(f"PRAGMA user_version={(version + 1) % 2}")
                connection.execute("COMMIT")
                return True
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _log_moved(self) -> bool:
        """Copy the log into the file beside readers and writers. False if one of them is in the way."""
        with self.read() as tx:
            tx.connection.rollback()
            busy, in_log, moved = tx.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return not busy and in_log == moved

    def _truncated(self) -> bool:
        """Empty the log, which holds nothing that is not in the file, unless a reader needs it."""
        connection = self._writer.conn
        connection.execute(f"PRAGMA busy_timeout={_LOG_WAIT_MS}")  # a long read: better a longer log than a wait
        try:
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")

    def use_generation(self, generation: int) -> GenerationUse:
        return GenerationUse(self._folder / "index", generation)

    def unless_in_use(self, generation: int) -> AbstractContextManager[bool]:
        return unless_in_use(self._folder / "index", generation)

    def alone(self, work: str) -> AbstractContextManager[None]:
        return self._works.alone(work)

    def close(self) -> None:
        """Close all idle connections. Blocks still open close theirs as they end."""
        self._closed = True
        with self._write_lock:
            self._writer.close()
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                break
        if self._slack is not None:
            self._slack.close()
            self._slack = None
        self._works.close()
        if self._use is not None:
            self._use.close()

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
        # SQLite has its own from 3.41 and 3.43 on.
        connection.create_function("unhex", 1, bytes.fromhex, deterministic=True)
        connection.create_function("octet_length", 1, _octets, deterministic=True)
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


def _batched(items: Iterable[int], most: int) -> Generator[list[int]]:
    batch: list[int] = []
    for item in items:
        batch.append(item)
        if len(batch) == most:
            yield batch
            batch = []
    if batch:
        yield batch


def _octets(text: str | None) -> int | None:
    return None if text is None else len(text.encode())
