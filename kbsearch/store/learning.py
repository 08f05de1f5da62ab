"""How each tenant's ranking was last learned, and how it did on the tickets resolved since."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from kbsearch.model import TenantId
from kbsearch.store.columns import time_text
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import upsert

_PUT = upsert(
    "learning",
    (
        "tenant", "model_id", "tickets", "outcome", "measured", "seconds", "since", "gained", "squares", "created_at",
    ),
    ("tenant",),
)  # fmt: skip

KEPT, SHIPPED, UNDONE = "kept", "shipped", "undone"


@dataclass(frozen=True, slots=True)
class Learnt:
    """The last time that a tenant's ranking was learned.

    Attributes:
        model_id: of the embedding model.
        tickets: resolved tickets that there were.
        outcome: KEPT, SHIPPED where nothing learned was better, UNDONE where it turned worse since.
        measured: JSON for people.
        seconds: how long it took.
        since: tickets resolved since on which it was judged against the shipped ranking.
        gained: the sum of what it gained on them, see ranking.fitting.place_gain().
        squares: the sum of the squares of that.
        created_at: RFC 3339.
    """

    model_id: str
    tickets: int
    outcome: str
    measured: str
    seconds: float
    since: int = 0
    gained: float = 0.0
    squares: float = 0.0
    created_at: str = ""


def get(tx: Read, tenant: TenantId) -> Learnt | None:
    row = tx.row(
        "SELECT model_id, tickets, outcome, measured, seconds, since, gained, squares, created_at FROM learning"
        " WHERE tenant = ?",
        (tenant,),
    )
    return None if row is None else Learnt(*row)


def put(tx: Write, tenant: TenantId, learnt: Learnt) -> None:
    tx.execute(
        _PUT,
        {**asdict(learnt), "tenant": tenant, "created_at": learnt.created_at or time_text(tx.now)},
    )


def resolved(tx: Read) -> dict[TenantId, int]:
    """How many tickets each tenant has resolved with a solution."""
    rows = tx.rows(
        "SELECT tenant, count(*) FROM tickets WHERE status = 'resolved' AND solution_id IS NOT NULL GROUP BY tenant"
    )
    return {TenantId(tenant): count for tenant, count in rows}


def outcomes(tx: Read) -> dict[str, int]:
    """How many tenants' last learning had each outcome."""
    return {row[0]: row[1] for row in tx.rows("SELECT outcome, count(*) FROM learning GROUP BY outcome")}
