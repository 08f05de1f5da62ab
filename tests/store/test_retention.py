"""What is removed by its age, and what a wrong clock does not remove."""

from __future__ import annotations

from datetime import timedelta

from clocks import FakeClock

from kbsearch.knowledge.trimming import trim, trim_all
from kbsearch.model import JobState
from kbsearch.store import audit, feedback, idempotency, jobs
from kbsearch.store.feedback import Shown
from kbsearch.store.idempotency import Answered, AnswerName
from kbsearch.store.retention import AUDIT, JOBS, SUGGESTIONS, Retention
from kbsearch.store.sqlite.database import SQLiteStore
from store.made import ACME, GLOBEX

KEPT = Retention(suggestions=timedelta(days=60), answers=timedelta(hours=24), jobs=timedelta(days=10))
TWO_YEARS, HALF_A_YEAR = timedelta(days=730), timedelta(days=180)


def suggest(store: SQLiteStore, clock: FakeClock, *ids: str, tenant=ACME) -> None:
    with store.write() as tx:
        feedback.put_shown(tx, [Shown(tenant, id, None, (), "new", 0.0, clock()) for id in ids])


def daily(store: SQLiteStore, clock: FakeClock, days: int) -> None:
    for day in range(days):
        clock.advance(days=1)
        suggest(store, clock, f"day {clock():%Y-%m-%d}")
        with store.write() as tx:
            audit.note(tx, ACME, "done", f"day {day}")


def count(store: SQLiteStore, table: str) -> int:
    with store.read() as tx:
        return tx.rows(f"SELECT count(*) FROM {table}")[0][0]


def test_suggestions_answers_and_jobs_go_by_age(store: SQLiteStore, clock: FakeClock) -> None:
    with store.write() as tx:
        idempotency.put(tx, AnswerName(ACME, "key:a", "k"), Answered(b"", 200, ""), clock())
        for id, state in (("ended", JobState.DONE), ("at work", JobState.RUNNING)):
            jobs.put_new(tx, id, "reindex", None)
            jobs.update(tx, id, state, 1, 1, None)
    suggest(store, clock, *map(str, range(1_200)))
    suggest(store, clock, "theirs", tenant=GLOBEX)
    daily(store, clock, 61)
    trim_all(store, KEPT, lambda: False)
    with store.read() as tx:
        assert [row["id"] for row in tx.rows("SELECT id FROM suggestions ORDER BY created_at LIMIT 1")] == [
            "day 2026-11-24"
        ]
        assert [row["id"] for row in tx.rows("SELECT id FROM jobs")] == ["at work"]
    assert count(store, "suggestions") == 61
    assert count(store, "idempotency") == 0


def test_a_clock_that_is_ahead_for_a_while_removes_nothing(store: SQLiteStore, clock: FakeClock) -> None:
    daily(store, clock, 90)
    before = {table: count(store, table) for table in ("audit", "suggestions")}
    clock.advance(days=740)
    for _ in range(5):  # it is ahead for days, and something is done meanwhile
        assert trim(store, AUDIT, TWO_YEARS) == trim(store, SUGGESTIONS, HALF_A_YEAR) == 0
        daily(store, clock, 1)
    clock.advance(days=-740)
    daily(store, clock, 25)
    assert trim(store, AUDIT, TWO_YEARS) == trim(store, SUGGESTIONS, HALF_A_YEAR) == 0
    assert {table: count(store, table) for table in before} == {
        "audit": before["audit"] + 30,
        "suggestions": before["suggestions"] + 30,
    }


def test_the_audit_log_goes_by_whole_days(store: SQLiteStore, clock: FakeClock) -> None:
    daily(store, clock, 40)
    assert trim(store, AUDIT, timedelta(days=35)) == 4
    assert trim(store, AUDIT, timedelta(days=35)) == 0
    clock.advance(hours=3)
    assert trim(store, AUDIT, timedelta(days=35)) == 0
    assert count(store, "audit") == 40 - 4 + 1  # and the note of it


def test_what_is_old_goes_a_few_rows_at_a_time(store: SQLiteStore, clock: FakeClock) -> None:
    with store.write() as tx:
        for number in range(1_300):
            jobs.put_new(tx, str(number), "reindex", None)
            jobs.update(tx, str(number), JobState.DONE, 1, 1, None)
    clock.advance(days=11)
    rounds: list[int] = []

    def stop() -> bool:
        rounds.append(count(store, "jobs"))
        return len(rounds) > 2

    assert trim(store, JOBS, KEPT.jobs, stop) == 1_000
    assert rounds == [1_300, 800, 300]
    assert trim(store, JOBS, KEPT.jobs) == 300
