import contextlib
import multiprocessing
import os
import sqlite3
import threading

import pytest
import sqlite_utils

from kbsearch.errors import NotReady, StorageError
from kbsearch.model import Scope, TenantId
from kbsearch.store import tenants
from kbsearch.store.columns import list_text
from kbsearch.store.sqlite.database import SQLiteStore
from kbsearch.store.sqlite.files import FILE_NAME
from kbsearch.store.sqlite.migrations import MIGRATIONS
from kbsearch.store.statements import LISTED, LISTED_BYTES, bytes_text

ACME = TenantId("acme")


def _revision(store):
    with store.read() as tx:
        return tenants.revision(tx, Scope(ACME))


def _raise(store, times=1):
    for _ in range(times):
        with store.write() as tx:
            tenants.raise_revision(tx, ACME)


def _in_threads(*work):
    """Run all at once; the first exception is raised here."""
    raised = []

    def guarded(one):
        try:
            one()
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


# -- transactions ------------------------------------------------------------------------------------------


def test_what_was_written_is_read(store):
    _raise(store, 3)
    assert _revision(store) == 3


def test_a_reader_sees_one_snapshot(store):
    _raise(store)
    with store.read() as tx:
        before = tenants.revision(tx, Scope(ACME))
        _in_threads(lambda: _raise(store, 5))
        assert tenants.revision(tx, Scope(ACME)) == before == 1
    assert _revision(store) == 6


def test_a_reader_sees_nothing_uncommitted(store):
    with store.write() as tx:
        tenants.raise_revision(tx, ACME)
        assert _revision(store) == 0
        assert tenants.revision(tx, Scope(ACME)) == 1
    assert _revision(store) == 1


def test_many_readers_at_once(store):
    _raise(store)
    barrier = threading.Barrier(20)

    def read():
        with store.read() as tx:
            barrier.wait(30)
            assert tenants.revision(tx, Scope(ACME)) == 1

    _in_threads(*[read] * 20)


def test_an_exception_undoes_the_whole_transaction(store):
    _raise(store)

    class Sudden(Exception):
        pass

    def half():
        with store.write() as tx:
            tenants.raise_revision(tx, ACME)
            tenants.ensure(tx, TenantId("globex"))
            raise Sudden

    with pytest.raises(Sudden):
        half()
    assert _revision(store) == 1
    with store.read() as tx:
        assert tenants.all_tenants(tx) == [ACME]
    _raise(store)
    assert _revision(store) == 2


def test_a_reader_cannot_write(store):
    with store.read() as tx, pytest.raises(sqlite3.OperationalError, match="readonly"):
        tx.row("INSERT INTO tenants (id, created_at) VALUES ('acme', '') RETURNING id")
    assert _revision(store) == 0


def test_writers_in_threads_lose_nothing(store):
    _in_threads(*[lambda: _raise(store, 10)] * 6)
    assert _revision(store) == 60


def test_writers_on_two_stores_lose_nothing(store, clock):
    other = SQLiteStore(store.path.parent, clock)
    try:
        _in_threads(*[lambda: _raise(store, 10)] * 3, *[lambda: _raise(other, 10)] * 3)
        assert _revision(store) == _revision(other) == 60
    finally:
        other.close()


def _raise_in_process(folder):
    opened = SQLiteStore(folder)
    _raise(opened, 20)
    os._exit(0)  # as a killed process leaves it


def test_writers_in_two_processes_lose_nothing_and_need_no_close(store):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_raise_in_process, args=(store.path.parent,)) for _ in range(2)]
    for process in processes:
        process.start()
    _raise(store, 20)
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert _revision(store) == 60


def test_one_transaction_has_one_time(store, clock):
    with store.write() as tx:
        first = tx.now
        clock.advance(seconds=5)
        assert tx.now == first
    with store.write() as tx:
        assert (tx.now - first).total_seconds() == 5


def test_a_store_is_opened_again_with_what_was_stored(tmp_path, clock):
    first = SQLiteStore(tmp_path, clock)
    _raise(first, 2)
    first.close()
    second = SQLiteStore(tmp_path, clock)
    assert _revision(second) == 2
    second.close()


# -- opening -----------------------------------------------------------------------------------------------


def test_a_new_folder_is_its_owners_only(tmp_path, clock):
    SQLiteStore(tmp_path / "a" / "b", clock).close()
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_migrations_are_applied_once(store, clock):
    def state():
        with store.read() as tx:
            schema = tx.rows("SELECT type, name, sql FROM sqlite_master ORDER BY name")
            applied = tx.rows("SELECT name, applied_at FROM _sqlite_migrations ORDER BY name")
        return [tuple(row) for row in schema], [tuple(row) for row in applied]

    before = state()
    SQLiteStore(store.path.parent, clock).close()
    assert state() == before
    assert [name for name, _ in before[1]] == [migration.name for migration in MIGRATIONS._migrations]


def test_several_processes_may_open_a_new_folder_at_once(tmp_path, clock):
    opened = []
    _in_threads(*[lambda: opened.append(SQLiteStore(tmp_path, clock))] * 6)
    _raise(opened[0])
    assert [_revision(store) for store in opened] == [1] * 6
    for store in opened:
        store.close()


def test_a_folder_that_a_newer_version_wrote_is_refused(tmp_path, clock):
    SQLiteStore(tmp_path, clock).close()
    db = sqlite_utils.Database(tmp_path / FILE_NAME)
    db.table("_sqlite_migrations").insert(
        {"migration_set": "kbsearch", "name": "9999_later", "applied_at": "2030-01-01"}
    )
    db.close()
    with pytest.raises(StorageError, match="newer") as raised:
        SQLiteStore(tmp_path, clock)
    assert str(tmp_path / FILE_NAME) in str(raised.value)


def test_a_file_of_something_else_is_refused(tmp_path, clock):
    (tmp_path / FILE_NAME).write_bytes(b"this is no database\n" * 500)
    with pytest.raises(StorageError, match="not a kbsearch data file") as raised:
        SQLiteStore(tmp_path, clock)
    assert str(tmp_path / FILE_NAME) in str(raised.value)
    assert (tmp_path / FILE_NAME).read_bytes().startswith(b"this is no database")


def test_a_folder_where_the_file_should_be_is_refused(tmp_path, clock):
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(StorageError) as raised:
        SQLiteStore(tmp_path, clock)
    assert str(tmp_path / FILE_NAME) in str(raised.value)


def test_a_file_where_the_folder_should_be_is_refused(tmp_path, clock):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(StorageError) as raised:
            SQLiteStore(folder, clock)
        assert str(folder) in str(raised.value)


@contextlib.contextmanager
def _without_rights():
    """As somebody who does not own the files: root may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def read_only_folder(tmp_path_factory, clock):
    folder = tmp_path_factory.mktemp("read-only")
    store = SQLiteStore(folder, clock)
    _raise(store)
    store.close()
    above = [folder, folder.parent, folder.parent.parent]
    modes = [path.stat().st_mode for path in above]
    (folder / FILE_NAME).chmod(0o444)
    for path in above:
        path.chmod(0o555)
    yield folder
    for path, mode in zip(above, modes, strict=True):
        path.chmod(mode)


def test_a_read_only_folder_is_refused(read_only_folder, clock):
    with _without_rights(), pytest.raises(StorageError) as raised:
        SQLiteStore(read_only_folder, clock)
    assert str(read_only_folder) in str(raised.value)


def test_a_folder_that_cannot_be_made_is_refused(read_only_folder, clock):
    with _without_rights(), pytest.raises(StorageError) as raised:
        SQLiteStore(read_only_folder / "new" / "folder", clock)
    assert str(read_only_folder) in str(raised.value)


def test_a_damaged_file_is_recognised(tmp_path, clock):
    store = SQLiteStore(tmp_path, clock)
    with store.write() as tx:
        for number in range(2000):
            tenants.ensure(tx, TenantId(f"tenant-{number:05}-{'x' * 40}"))
    store.close()
    content = (tmp_path / FILE_NAME).read_bytes()
    (tmp_path / FILE_NAME).write_bytes(content[:65536] + b"\xa5" * (len(content) - 65536))

    def read():
        opened = SQLiteStore(tmp_path, clock)
        with contextlib.closing(opened), opened.read() as tx:
            tenants.all_tenants(tx)

    with pytest.raises(StorageError, match="damaged") as raised:
        read()
    assert str(tmp_path / FILE_NAME) in str(raised.value)


def test_a_full_disk_loses_nothing(store):
    _raise(store)
    with store.write() as tx:
        pages = tx.row("PRAGMA page_count")[0]
        tx.row(f"PRAGMA max_page_count={pages}")

    def fill():
        with store.write() as tx:
            for number in range(5000):
                tenants.ensure(tx, TenantId(f"tenant-{number}"))

    with pytest.raises(StorageError, match="full") as raised:
        fill()
    assert str(store.path) in str(raised.value)
    assert _revision(store) == 1
    with store.read() as tx:
        assert tenants.all_tenants(tx) == [ACME]


def test_another_programs_lock_is_worth_waiting_for(store):
    store._writer.conn.execute("PRAGMA busy_timeout=50")
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(NotReady, match="another process"):
            _raise(store)
    finally:
        other.close()
    _raise(store)
    assert _revision(store) == 1


def test_a_broken_rule_is_a_bug_and_stays_one(store):
    with pytest.raises(sqlite3.IntegrityError), store.write() as tx:
        tx.execute("INSERT INTO tenants (id, created_at) VALUES (NULL, '')")


# -- the write-ahead log -----------------------------------------------------------------------------------


def _log_size(store):
    return store.path.with_name(f"{FILE_NAME}-wal").stat().st_size


def _write_much(store, rounds, megabytes=8):
    for _ in range(rounds):
        with store.write() as tx:
            tx.execute("CREATE TABLE IF NOT EXISTS much (content BLOB)")
            tx.execute("DELETE FROM much")
            tx.execute("INSERT INTO much VALUES (randomblob(?))", (megabytes * 1024 * 1024,))


def test_the_log_is_cut_though_questions_overlap_without_end(store):
    stop, readers = threading.Event(), [contextlib.ExitStack(), contextlib.ExitStack()]

    def read():
        while not stop.is_set():
            for reader in readers:  # always one of them is inside
                reader.close()
                reader.enter_context(store.read()).row("SELECT count(*) FROM much")

    _write_much(store, 1)
    thread = threading.Thread(target=read)
    thread.start()
    try:
        sizes = []
        for _ in range(12):
            _write_much(store, 2)
            sizes.append(_log_size(store))
    finally:
        stop.set()
        thread.join()
        for reader in readers:
            reader.close()
    assert max(sizes) < 200 * 1024 * 1024
    assert min(sizes[6:]) < 64 * 1024 * 1024


def test_a_long_read_holds_no_writer_up(store):
    _write_much(store, 1)
    with store.read() as tx:
        before = tx.row("SELECT sum(length(content)) FROM much")[0]
        _write_much(store, 12)
        assert _log_size(store) > 64 * 1024 * 1024
        assert tx.row("SELECT sum(length(content)) FROM much")[0] == before
    _write_much(store, 16)
    assert _log_size(store) < 128 * 1024 * 1024


def test_statements_read_the_same_for_any_number_of_values(store):
    with store.read() as tx:
        plan = tx.rows("EXPLAIN QUERY PLAN SELECT * FROM tickets WHERE tenant = ? AND id IN " + LISTED, (ACME, '["a"]'))
        assert any("tenant=? AND id=?" in row["detail"] for row in plan), [row["detail"] for row in plan]
        [row] = tx.rows("SELECT count(*) AS n FROM (SELECT 'é\"' AS a) WHERE a IN " + LISTED, (list_text(["x", 'é"']),))
        assert row["n"] == 1
        [row] = tx.rows("SELECT x'00ff' IN " + LISTED_BYTES + " AS found", (bytes_text([b"\x00\xff", b"a"]),))
        assert row["found"] == 1
