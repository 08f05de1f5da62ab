"""The board costs what the tickets of its period and of the one before cost, however many are stored."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from clocks import FakeClock

from kbsearch.desk.desk import Desk
from kbsearch.desk.period import Period
from kbsearch.model import TenantId
from kbsearch.store import tenants
from kbsearch.store.columns import time_text
from kbsearch.store.sqlite.database import SQLiteRead, SQLiteStore

ACME = TenantId("acme")
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
_STEPS_AT_ONCE = 50


class CountingStore(SQLiteStore):
    """Counts what SQLite does for readers, in steps of its virtual machine."""

    steps = 0

    @contextmanager
    def read(self) -> Generator[SQLiteRead]:
        with super().read() as tx:
            tx.connection.set_progress_handler(self._count, _STEPS_AT_ONCE)
            try:
                yield tx
            finally:
                tx.connection.set_progress_handler(None, 0)

    def _count(self) -> int:
        self.steps += _STEPS_AT_ONCE
        return 0


def fill(store: SQLiteStore, count: int, first: timedelta, last: timedelta) -> None:
    """Tickets that were asked for and resolved evenly between ``first`` and ``last`` before now."""
    with store.write() as tx:
        tenants.ensure(tx, ACME)
        for number in range(count):
            came = NOW - first + (first - last) * number / count
            id, done = f"T-{first.days}-{number}", came + timedelta(minutes=30)
            suggestion = secrets.token_hex(16)
            tx.execute(
                "INSERT INTO tickets (tenant, id, subject, description, environment, resolution, status, outcome,"
                " digest, revision, updated_at, created_at, used_at, level, written_at)"
                " VALUES (?, ?, 'vpn', ?, '[]', 'Renewed.', 'resolved', ?, x'00', 1, ?, ?, ?, ?, ?)",
                (ACME, id, "d" * 500, ("linked", "created")[number % 2], time_text(NOW), time_text(came),
                 time_text(done), 1 + number % 3 // 2, time_text(done + timedelta(minutes=number % 90))),
            )  # fmt: skip
            tx.execute(
                "INSERT INTO suggestions (tenant, id, ticket_id, shown, status, confidence, created_at)"
                " VALUES (?, ?, ?, '[[\"acme\", \"vpn\", 0.5]]', 'known', 0.5, ?)",
                (ACME, suggestion, id, time_text(came)),
            )
            tx.execute(
                "INSERT INTO asked_tickets (tenant, id, asked_at, last_asked_at, status, action, offered,"
                " suggestion_id, subject, model_id, vector) VALUES (?, ?, ?, ?, 'known', 'apply', 1, ?, 'vpn', 'm', ?)",
                (ACME, id, time_text(came), time_text(came), suggestion, b"\0" * 768),
            )


def test_the_board_costs_what_its_period_holds(tmp_path: Path) -> None:
    store = CountingStore(tmp_path, FakeClock(NOW))
    desk, period = Desk(store), Period.of(None, None, NOW)

    def cost() -> int:
        store.steps = 0
        desk.board((ACME,), period)
        return store.steps

    fill(store, 400, timedelta(days=28), timedelta(0))
    small = cost()
    fill(store, 6_000, timedelta(days=900), timedelta(days=60))
    assert cost() <= 1.1 * small
    fill(store, 1_200, timedelta(days=27), timedelta(0))
    assert cost() <= 1.3 * 4 * small
    store.close()


def test_few_rows_leave_the_store(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path, FakeClock(NOW))
    fill(store, 3_000, timedelta(days=400), timedelta(0))
    with store.read() as tx:
        counted = Desk(store)._counted(tx, (ACME,), Period(NOW - timedelta(days=399), NOW), NOW)
    assert sum(one.count for found in counted.values() for one in found) > 6_000
    assert sum(len(found) for found in counted.values()) < 1_500
    store.close()
