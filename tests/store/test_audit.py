"""The audit log: with each change, and never changed itself."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
from clocks import FakeClock

from kbsearch.model import SHARED, TenantId
from kbsearch.store import audit
from kbsearch.store.acting import acting
from kbsearch.store.audit import AuditFilter
from kbsearch.store.sqlite.database import SQLiteStore

ACME, GLOBEX = TenantId("acme"), TenantId("globex")


def note(store: SQLiteStore, tenant: TenantId | None, action: str, subject: str = "1", actor: str = "key:a") -> None:
    with acting(actor, "request-1"), store.write() as tx:
        audit.note(tx, tenant, action, subject, "detail")


def entries(store: SQLiteStore, wanted: AuditFilter, limit: int = 50, before: int | None = None) -> list[str]:
    with store.read() as tx:
        return [entry.action for entry in audit.page(tx, wanted, before, limit)]


def test_an_entry_says_who_did_what_when(store: SQLiteStore, clock: FakeClock) -> None:
    note(store, ACME, "ticket.erased", "RT-1")
    with store.read() as tx:
        [entry] = audit.page(tx, AuditFilter(None), None, 10)
    assert (entry.at, entry.actor, entry.request_id) == (clock(), "key:a", "request-1")
    assert (entry.tenant, entry.action, entry.subject, entry.detail) == (ACME, "ticket.erased", "RT-1", "detail")


def test_what_nobody_asked_for_the_program_did(store: SQLiteStore) -> None:
    with store.write() as tx:
        audit.note(tx, None, "audit.forgotten", "audit")
    with store.read() as tx:
        [entry] = audit.page(tx, AuditFilter(None), None, 10)
    assert (entry.actor, entry.request_id) == ("kbsearch", None)


def test_a_change_that_fails_leaves_no_entry(store: SQLiteStore) -> None:
    def change() -> None:
        with store.write() as tx:
            audit.note(tx, ACME, "ticket.erased", "RT-1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert entries(store, AuditFilter(None)) == []


def test_entries_by_tenant_time_actor_action(store: SQLiteStore, clock: FakeClock) -> None:
    note(store, ACME, "one")
    clock.advance(hours=1)
    note(store, GLOBEX, "two", actor="key:b")
    clock.advance(hours=1)
    note(store, None, "three")
    now = clock()
    assert entries(store, AuditFilter(None)) == ["three", "two", "one"]
    assert entries(store, AuditFilter((ACME,))) == ["one"]
    assert entries(store, AuditFilter((ACME, GLOBEX, SHARED))) == ["two", "one"]
    assert entries(store, AuditFilter(None, since=now - timedelta(hours=1))) == ["three", "two"]
    assert entries(store, AuditFilter(None, until=now - timedelta(hours=1))) == ["one"]
    assert entries(store, AuditFilter(None, actor="key:b")) == ["two"]
    assert entries(store, AuditFilter(None, action="three")) == ["three"]


def test_pages_follow_each_other(store: SQLiteStore) -> None:
    for n in range(5):
        note(store, ACME, str(n))
    assert entries(store, AuditFilter(None), 2) == ["4", "3"]
    with store.read() as tx:
        last = audit.page(tx, AuditFilter(None), None, 2)[-1].seq
    assert entries(store, AuditFilter(None), 2, last) == ["2", "1"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'someone else'",
        "UPDATE audit SET at = '2001-01-01T00:00:00.000000Z'",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT seq, at, 'someone else', request_id, tenant, action, subject, detail"
        " FROM audit",
        "UPDATE audit_retention SET kept_from = '2001-01-01'; DELETE FROM audit",
    ],
)
def test_entries_can_neither_be_changed_nor_removed(store: SQLiteStore, statement: str) -> None:
    note(store, ACME, "ticket.erased")
    connection = sqlite3.connect(store.path)
    with pytest.raises(sqlite3.IntegrityError, match="cannot be changed"):
        connection.executescript(statement)
    connection.rollback()
    connection.close()
    with store.read() as tx:
        [entry] = audit.page(tx, AuditFilter(None), None, 10)
    assert entry.actor == "key:a"


def test_what_is_older_than_the_retention_goes_and_that_is_noted(store: SQLiteStore, clock: FakeClock) -> None:
    note(store, ACME, "old")
    clock.advance(days=10)
    note(store, ACME, "new")
    with store.write() as tx:
        assert audit.forget_before(tx, clock() - timedelta(days=5)) == 1
    assert entries(store, AuditFilter(None)) == ["audit.forgotten", "new"]
    with store.write() as tx:
        assert audit.forget_before(tx, clock() - timedelta(days=8)) == 0  # a longer retention brings nothing back
    assert entries(store, AuditFilter(None)) == ["audit.forgotten", "new"]
