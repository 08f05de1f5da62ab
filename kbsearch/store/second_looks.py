"""Answers of today's knowledge to tickets that had no answer when they arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kbsearch.model import Action, SolutionRef, Status, TenantId
from kbsearch.store.columns import time_text
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import upsert

# Escalated, solved by a new fix, or without an answer. All others were answered.
_RESOLVED = (
    "SELECT tickets.id, used_at AS at FROM tickets @index(tickets_of_desk) {look} WHERE tickets.tenant = :tenant"
    " AND used_at >= :since AND tickets.status = 'resolved'"
    " AND (level >= 2 OR reassignments > 0 OR outcome != 'linked') AND {due}"
)
_ASKED = (
    "SELECT asked.id, last_asked_at FROM asked_tickets AS asked {look} WHERE asked.tenant = :tenant"
    " AND last_asked_at >= :since AND asked.status = 'new' AND {due}"
    " AND NOT EXISTS (SELECT 1 FROM tickets WHERE tickets.tenant = asked.tenant AND tickets.id = asked.id)"
)
_LOOK = "LEFT JOIN second_looks AS looks ON looks.tenant = :tenant AND looks.ticket_id = {table}.id"
_DUE = "(looks.revision IS NULL OR (looks.revision != :revision AND looks.looked_at < :before))"
_DUE_TICKETS = (
    f"{_RESOLVED.format(look=_LOOK.format(table='tickets'), due=_DUE)}"
    f" UNION ALL {_ASKED.format(look=_LOOK.format(table='asked'), due=_DUE)} ORDER BY at DESC LIMIT :most"
)


_COLUMNS = (
    "tenant", "ticket_id", "status", "action", "solution_tenant", "solution_id", "revision", "looked_at",
)  # fmt: skip
_VALUES = ", ".join(f":{column}" for column in _COLUMNS)
# Nothing is kept of a ticket that was erased meanwhile.
_PUT = upsert("second_looks", _COLUMNS, ("tenant", "ticket_id")).replace(
    f"VALUES ({_VALUES})",
    f"SELECT {_VALUES} WHERE EXISTS (SELECT 1 FROM tickets WHERE tenant = :tenant AND id = :ticket_id)"
    " OR EXISTS (SELECT 1 FROM asked_tickets WHERE tenant = :tenant AND id = :ticket_id)",
)


@dataclass(frozen=True, slots=True)
class Look:
    """The answer to a ticket. ``revision`` is the state of knowledge that gave it."""

    ticket_id: str
    status: Status
    action: Action
    solution: SolutionRef | None
    revision: int


def due(tx: Read, tenant: TenantId, since: datetime, before: datetime, revision: int, most: int) -> list[str]:
    """Tickets since a time that were not asked again since ``before`` and this revision; the latest first."""
    rows = tx.rows(
        _DUE_TICKETS,
        {
            "tenant": tenant,
            "since": time_text(since),
            "before": time_text(before),
            "revision": revision,
            "most": most,
        },
    )
    return [row["id"] for row in rows]


def put(tx: Write, tenant: TenantId, looks: Sequence[Look]) -> None:
    """Store answers; those to tickets that were erased meanwhile are left out."""
    for look in looks:
        tx.execute(
            _PUT,
            {
                "tenant": tenant,
                "ticket_id": look.ticket_id,
                "status": look.status,
                "action": look.action,
                "solution_tenant": look.solution and look.solution.tenant,
                "solution_id": look.solution and look.solution.id,
                "revision": look.revision,
                "looked_at": time_text(tx.now),
            },
        )
