"""What was erased, but may still stand in a file: deleted rows in the log, old segments of the indexes.

An entry is put by the transaction that erases, and removed when no file holds what was erased.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kbsearch.model import TenantId
from kbsearch.store import generations
from kbsearch.store.columns import parse_time, time_text
from kbsearch.store.port import Read, Write


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits: ``count`` purges up to number ``last``, the first asked for at ``since``, of these tenants."""

    count: int
    last: int
    since: datetime
    tenants: frozenset[TenantId]


def ask(tx: Write, tenant: TenantId) -> None:
    """Note that something of the tenant was erased."""
    tx.execute("INSERT INTO purges (tenant, asked_at) VALUES (?, ?)", (tenant, time_text(tx.now)))


def pending(tx: Read) -> Pending | None:
    """What waits; None if nothing does."""
    rows = tx.rows("SELECT tenant, count(*) AS n, max(id) AS last, min(asked_at) AS since FROM purges GROUP BY tenant")
    if not rows:
        return None
    return Pending(
        sum(row["n"] for row in rows),
        max(row["last"] for row in rows),
        parse_time(min(row["since"] for row in rows)),
        frozenset(TenantId(row["tenant"]) for row in rows),
    )


def done(tx: Write, last: int) -> None:
    """Nothing that was erased up to the purge of this number is in a file any more."""
    tx.execute("DELETE FROM purges WHERE id <= ?", (last,))


def word_tables(tx: Read, wanted: frozenset[TenantId]) -> list[tuple[int, int]]:
    """(generation, tenant's number) of each table with the tenants' words; a tenant may have none."""
    rows = tx.rows("SELECT id, number FROM tenants")
    numbers = [row["number"] for row in rows if row["id"] in wanted]
    return [(generation, number) for generation in generations.live(tx) for number in numbers]
