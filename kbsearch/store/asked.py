"""Tickets that suggestions were asked for by id, one row each: what is known of a ticket before it is resolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kbsearch.model import TenantId
from kbsearch.store import tenants
from kbsearch.store.columns import list_text, time_text
from kbsearch.store.port import Write
from kbsearch.store.statements import LISTED, upsert

_COLUMNS = (
    "tenant", "id", "asked_at", "last_asked_at", "status", "action", "offered", "created_at", "respond_by",
    "responded_at", "resolve_by", "suggestion_id", "subject", "model_id", "vector",
)  # fmt: skip
_PUT = upsert(
    "asked_tickets",
    _COLUMNS,
    ("tenant", "id"),
    "asked_at = asked_tickets.asked_at, offered = CASE WHEN asked_tickets.offered = 1 THEN 1 ELSE excluded.offered END",
)
# A suggestion that was not stored, since its ticket was erased meanwhile, leaves nothing here either.
_PUT_IF_SHOWN = _PUT.replace(
    f"VALUES ({', '.join(f':{column}' for column in _COLUMNS)})",
    f"SELECT {', '.join(f':{column}' for column in _COLUMNS)}"
    " WHERE EXISTS (SELECT 1 FROM suggestions WHERE tenant = :tenant AND id = :suggestion_id)",
)


@dataclass(frozen=True, slots=True)
class AskedTicket:
    """A ticket as a suggestion was asked for it. ``subject`` is redacted.

    ``offered`` says whether a solution was shown. ``vector`` is the question's, of ``model_id``.
    """

    tenant: TenantId
    id: str
    asked_at: datetime
    status: str
    action: str
    offered: bool
    created_at: datetime | None
    respond_by: datetime | None
    responded_at: datetime | None
    resolve_by: datetime | None
    suggestion_id: str
    model_id: str
    vector: bytes
    subject: str | None = None


def put(tx: Write, asked: Sequence[AskedTicket]) -> None:
    """Store tickets whose suggestions are stored, in the order in which they were asked for.

    A later suggestion replaces what an earlier one said; ``asked_at`` stays the first time.
    """
    for one in asked:
        tenants.ensure(tx, one.tenant)
        tx.execute(
            _PUT_IF_SHOWN,
            {
                "tenant": one.tenant,
                "id": one.id,
                "asked_at": time_text(one.asked_at),
                "last_asked_at": time_text(one.asked_at),
                "status": one.status,
                "action": one.action,
                "offered": int(one.offered),
                "created_at": time_text(one.created_at),
                "respond_by": time_text(one.respond_by),
                "responded_at": time_text(one.responded_at),
                "resolve_by": time_text(one.resolve_by),
                "suggestion_id": one.suggestion_id,
                "subject": one.subject,
                "model_id": one.model_id,
                "vector": one.vector,
            },
        )


def drop_replaced(tx: Write, tenant: TenantId, suggestion_ids: Sequence[str]) -> None:
    """Remove tickets that were asked for with these suggestions only, which are gone: numbers that were half typed."""
    tx.execute(
        f"DELETE FROM asked_tickets WHERE tenant = ? AND asked_at = last_asked_at AND suggestion_id IN {LISTED}",
        (tenant, list_text(suggestion_ids)),
    )


def erase(tx: Write, tenant: TenantId, id: str) -> bool:
    """Remove what is known of a ticket that was asked for. False if there is none."""
    return bool(tx.execute("DELETE FROM asked_tickets WHERE tenant = ? AND id = ?", (tenant, id)))
