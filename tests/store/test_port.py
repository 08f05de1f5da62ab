"""The contract of the store, the same for every engine (store.port)."""

from __future__ import annotations

import ast
import re
import threading
from contextlib import closing
from pathlib import Path

import pytest

import kbsearch.store
from kbsearch.errors import AlreadyRunning
from kbsearch.model import SHARED, DocumentKind, Scope, Source
from kbsearch.store import audit, changes, documents, generations, holdings, tenants, tickets
from kbsearch.store.acting import acting
from kbsearch.store.sqlite.database import SQLiteStore
from store.made import ACME, ACMES, GLOBEX, make_document, put_ticket

ENGINES = {"sqlite": SQLiteStore}


@pytest.fixture(params=ENGINES.values(), ids=list(ENGINES))
def opened(request, tmp_path, clock):
    """Opens the same store again and again, as several processes would."""
    stores = []

    def again():
        stores.append(request.param(tmp_path / "store", clock))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


@pytest.fixture
def store(opened):
    return opened()


def source(number, tenant=ACME):
    return Source(tenant, DocumentKind.TICKET, f"T-{number}")


def numbers(tx):
    return [seq for seq, _ in changes.since(tx, 0, 1_000)]


def test_a_read_is_one_snapshot(store):
    with store.write() as tx:
        changes.record(tx, source(1))
    with store.read() as view:
        before = numbers(view)
        with store.write() as tx:
            changes.record(tx, source(2))
            tenants.raise_revision(tx, ACME)
        assert numbers(view) == before
        assert tenants.revision(view, ACMES) == 0
    with store.read() as view:
        assert len(numbers(view)) == 2
        assert tenants.revision(view, ACMES) == 1


def test_a_write_is_whole_or_nothing(opened, store):
    def fail():
        with store.write() as tx:
            put_ticket(tx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    for one in (store, opened()):
        with one.read() as tx:
            assert tickets.get(tx, ACME, "T-1") is None
            assert numbers(tx) == []
            assert audit.page(tx, audit.AuditFilter(None), None, 10) == []
    with store.write() as tx:
        put_ticket(tx)
    with closing(opened()) as other, other.read() as tx:
        assert tickets.get(tx, ACME, "T-1") is not None


def test_writers_of_one_tenant_are_serial(opened):
    """Each reads the revision and writes the next one: none is lost, in whatever process."""
    stores = [opened() for _ in range(3)]
    seen = []

    def write(store):
        for _ in range(20):
            with store.write() as tx:
                before = tenants.revision(tx, Scope(ACME))
                seen.append((before, tenants.raise_revision(tx, ACME)))

    threads = [threading.Thread(target=write, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [(n, n + 1) for n in range(60)]


def test_change_numbers_become_visible_in_order(opened):
    """A follower that reads "all after the last" while others write sees every change of every tenant."""
    writers = [opened() for _ in range(3)]
    reader, done = opened(), threading.Event()
    followed, last = [], 0

    def write(number, store):
        for n in range(25):
            with store.write() as tx:
                changes.record(tx, source(f"{number}-{n}", (ACME, GLOBEX, SHARED)[number]))

    threads = [threading.Thread(target=write, args=pair) for pair in enumerate(writers)]
    for thread in threads:
        thread.start()

    def follow():
        nonlocal last
        with reader.read() as tx:
            for seq, one in changes.since(tx, last, 10):
                assert seq > last
                followed.append(one)
                last = seq

    def stop_when_written():
        for thread in threads:
            thread.join()
        done.set()

    stopping = threading.Thread(target=stop_when_written)
    stopping.start()
    while not done.is_set():
        follow()
    stopping.join()
    for _ in range(10):
        follow()
    assert len(followed) == len(set(followed)) == 75


def test_a_source_that_changes_again_has_the_newest_number_only(store):
    with store.write() as tx:
        for number in (1, 2, 1):
            changes.record(tx, source(number))
    with store.read() as tx:
        assert [one.id for _, one in changes.since(tx, 0, 10)] == ["T-2", "T-1"]
        assert changes.last(tx) == numbers(tx)[-1]


def test_a_change_and_its_audit_entry_are_one_transaction(store, clock):
    with acting("ani", "r-1"), store.write() as tx:
        put_ticket(tx)
    with store.read() as tx:
        [entry] = audit.page(tx, audit.AuditFilter(None), None, 10)
    assert (entry.actor, entry.request_id, entry.action, entry.at) == ("ani", "r-1", "ticket.resolved", clock())


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"])
def test_no_audit_entry_can_be_changed(store, change):
    with store.write() as tx:
        put_ticket(tx)
    with pytest.raises(Exception, match="cannot be changed"), store.write() as tx:
        tx.execute(change)
    with store.read() as tx:
        assert len(audit.page(tx, audit.AuditFilter(None), None, 10)) == 1


def test_what_is_erased_is_gone_at_once_and_purged(store):
    with store.write() as tx:
        generation = generations.create(tx, "hashing", "hashing@4", 4, "recipe", "current").id
        put_ticket(tx)
        document = make_document()
        id = documents.put(tx, generation, document)
    with store.write() as tx:
        documents.erase(tx, document.source)
        tickets.erase(tx, ACME, "T-1")
    with store.read() as tx:
        assert tickets.get(tx, ACME, "T-1") is None
        assert documents.count(tx, generation) == (0, 0)
        assert documents.erased(tx, generation) == [id]
        assert documents.with_phrases(tx, generation, ACMES, [["printer"]], 10) == []
    assert store.purge()


def test_each_table_of_tenants_is_known_with_its_key(store):
    with store.read() as tx:
        found = tx.tables_with("tenant")
        assert set(holdings.tables(tx)) < set(found)
    assert found["tickets"] == ("tenant", "id")
    assert all(found.values())


def test_a_generation_in_use_is_kept(opened, store):
    other = opened()
    use = other.use_generation(7)
    with store.unless_in_use(7) as free:
        assert not free
    use.close()
    use.close()
    with store.unless_in_use(7) as free:
        assert free


def test_a_work_is_done_by_one_at_a_time(opened, store):
    other = opened()
    with store.alone("reindex"), pytest.raises(AlreadyRunning), other.alone("reindex"):
        pass
    with other.alone("reindex"):
        pass


def test_works_of_other_names_and_of_the_same_process(opened, store):
    other = opened()
    with store.alone("reindex"), other.alone("reindex again"), store.alone("key\nacme\nключ"):
        with pytest.raises(AlreadyRunning), store.alone("reindex"):
            pass
        with pytest.raises(AlreadyRunning), other.alone("key\nacme\nключ"):
            pass
    with pytest.raises(ZeroDivisionError), store.alone("reindex"):
        raise ZeroDivisionError
    with other.alone("reindex"), store.alone("reindex again"), other.alone("key\nacme\nключ"):
        pass
    with store.alone("reindex"):
        store.close()
        with other.alone("reindex"):
            pass


def test_a_sound_store_has_no_damage(store):
    with store.write() as tx:
        put_ticket(tx)
    with store.read() as tx:
        assert tx.damage() == []


_OWN_WORDS = re.compile(
    r"\b(json_each|json_extract|json_group|json_object|INDEXED BY|CROSS JOIN|INSERT OR|UPDATE OR|REPLACE INTO|iif|unhex"
    r"|rowid|sqlite_\w+|pragma\w*|GLOB|MATCH|strftime|total_changes)\b|\?\d|IS (?:NOT )?\?",
    re.IGNORECASE,
)
_SHARED = [path for path in Path(kbsearch.store.__path__[0]).glob("*.py") if path.name != "statements.py"]


@pytest.mark.parametrize("path", _SHARED, ids=lambda path: path.stem)
def test_statements_outside_an_engine_have_no_words_of_one_engine(path):
    """The next engine must not write every statement again."""
    tree = ast.parse(path.read_text())
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, _DOCUMENTED)}
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert {text for text in texts - docs if _OWN_WORDS.search(text)} == set()


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)
