"""What is removed by its age: suggestions, answers kept for repeated requests, ended jobs, audit entries.

A wrong clock must not empty a table. Where a loss would matter, rows are removed only if newer ones lie on many
different days: a clock that is ahead for an hour, or for a week, adds few of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kbsearch.store import audit
from kbsearch.store.columns import parse_time, time_text
from kbsearch.store.port import Read, Write

_DAYS_THAT_PROVE_THE_CLOCK = 30


@dataclass(frozen=True, slots=True)
class Retention:
    """How long rows are kept. ``answers`` are those to requests with an Idempotency-Key, ``jobs`` those that ended."""

    suggestions: timedelta = timedelta(days=180)
    answers: timedelta = timedelta(hours=24)
    jobs: timedelta = timedelta(days=30)


KEPT = Retention()


@dataclass(frozen=True, slots=True)
class Aged:
    """A table whose rows are removed by age: by which column, and only where ``removable`` holds."""

    table: str
    column: str
    removable: str = "true"
    guarded: bool = False


SUGGESTIONS = Aged("suggestions", "created_at", guarded=True)
ASKED = Aged("asked_tickets", "last_asked_at", guarded=True)
ANSWERS = Aged("idempotency", "created_at")
JOBS = Aged("jobs", "updated_at", "state NOT IN ('queued', 'running')")
AUDIT = Aged("audit", "at", guarded=True)

_SHOWING_THE_TIME = {ASKED: SUGGESTIONS}
"""Every question makes a suggestion, but few desks send the id of each ticket: suggestions show that time went on."""


def has_older(tx: Read, aged: Aged, now: datetime, kept: timedelta) -> bool:
    """Whether there is something to remove. False where the clock is not to be believed."""
    before = time_text(now - kept)
    row = tx.row(f"SELECT 1 FROM {aged.table} WHERE {aged.column} < ? AND {aged.removable} LIMIT 1", (before,))
    return row is not None and (not aged.guarded or _is_proven(tx, _SHOWING_THE_TIME.get(aged, aged), now - kept, kept))


def remove_older(tx: Write, aged: Aged, kept: timedelta, most: int) -> int:
    """Remove the oldest of what is too old, ``most`` rows at most. Returns how many went."""
    if aged is AUDIT:
        return audit.forget_before(tx, tx.now - kept, most)
    oldest = (
        f"SELECT @row FROM {aged.table} WHERE {aged.column} < ? AND {aged.removable} ORDER BY {aged.column} LIMIT ?"
    )
    return tx.execute(f"DELETE FROM {aged.table} WHERE @row IN ({oldest})", (time_text(tx.now - kept), most))


def _is_proven(tx: Read, aged: Aged, moment: datetime, kept: timedelta) -> bool:
    """Whether rows from a time on lie on enough different days. It looks up one row a day."""
    since = time_text(moment)
    for _ in range(min(_DAYS_THAT_PROVE_THE_CLOCK, max(1, kept.days))):
        row = tx.row(f"SELECT min({aged.column}) FROM {aged.table} WHERE {aged.column} >= ?", (since,))
        if row is None or row[0] is None:
            return False
        day = parse_time(row[0]).replace(hour=0, minute=0, second=0, microsecond=0)
        since = time_text(day + timedelta(days=1))
    return True
