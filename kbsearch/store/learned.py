"""What was learned from a tenant's history: weights of the ranking, and a map of its questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kbsearch.model import SHARED, TenantId
from kbsearch.store import audit, tenants
from kbsearch.store.columns import time_text
from kbsearch.store.port import Read, Write


@dataclass(frozen=True, slots=True)
class StoredLearned:
    """``weights`` is JSON, ``matrix`` little-endian float16, either None where there is none.

    ``model_id`` names the embedding model whose vectors they were learned from, ``measured`` is JSON for people.
    """

    model_id: str
    weights: str | None
    matrix: bytes | None
    measured: str


def version(tx: Read, tenant: TenantId) -> int:
    """Grows whenever something else was learned; 0 for nothing."""
    row = tx.row("SELECT version FROM learned_versions WHERE tenant = ?", (tenant,))
    return 0 if row is None else row[0]


def get(tx: Read, tenant: TenantId) -> StoredLearned | None:
    row = tx.row("SELECT model_id, weights, matrix, measured FROM learned WHERE tenant = ?", (tenant,))
    return None if row is None else StoredLearned(row["model_id"], row["weights"], row["matrix"], row["measured"])


def resolved_since(tx: Read, now: datetime) -> dict[TenantId, int]:
    """How many tickets were resolved since each tenant's map was learned, up to now.

    Tenants without a map are left out.
    """
    rows = tx.rows(
        "SELECT learned.tenant, (SELECT count(*) FROM tickets WHERE tickets.tenant = learned.tenant"
        " AND status = 'resolved' AND used_at > learned.created_at AND used_at <= ?) FROM learned"
        " WHERE matrix IS NOT NULL",
        (time_text(now),),
    )
    return {TenantId(tenant): count for tenant, count in rows}


def before_purges(tx: Read) -> list[TenantId]:
    """Tenants whose map was learned before something was erased that it may have been learned from."""
    rows = tx.rows(
        "SELECT tenant FROM learned WHERE matrix IS NOT NULL AND EXISTS (SELECT 1 FROM purges"
        " WHERE purges.tenant IN (learned.tenant, ?) AND asked_at >= created_at)",
        (SHARED,),
    )
    return [TenantId(row["tenant"]) for row in rows]


def put(tx: Write, tenant: TenantId, learned: StoredLearned | None) -> None:
    """Replace what was learned, or forget it, at once."""
    tx.execute("DELETE FROM learned WHERE tenant = ?", (tenant,))
    if learned is not None:
        tx.execute(
            "INSERT INTO learned (tenant, model_id, weights, matrix, measured, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            (tenant, learned.model_id, learned.weights, learned.matrix, learned.measured, time_text(tx.now)),
        )
    raise_version(tx, tenant)
    tenants.raise_revision(tx, tenant)
    audit.note(tx, tenant, "ranking.learned" if learned is not None else "ranking.forgotten", tenant)


def raise_version(tx: Write, tenant: TenantId) -> None:
    """Note that something else was learned, so that no process goes on with what it has read."""
    tx.execute(
        "INSERT INTO learned_versions (tenant, version) VALUES (?, 1)"
        " ON CONFLICT (tenant) DO UPDATE SET version = version + 1",
        (tenant,),
    )
