"""Which articles were begun as drafts from which ticket or suggestion: their texts hold its words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from kbsearch.model import SolutionRef, TenantId
from kbsearch.store.columns import list_text, time_text
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import LISTED


def note(tx: Write, tenant: TenantId, article_id: str, sources: Collection[str]) -> None:
    """An article of the tenant was begun with the text of these: ids of tickets and suggestions."""
    tx.executemany(
        "INSERT INTO drafts (tenant, source, article_tenant, article_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(tenant, source, tenant, article_id) for source in sources],
    )


def erased_since(tx: Read, tenant: TenantId, sources: Collection[str], since: datetime) -> str | None:
    """The id of one of these that is a ticket which was erased at that moment or later."""
    row = tx.row(
        "SELECT subject FROM audit WHERE at >= ? AND tenant = ? AND action = 'ticket.erased'"
        f" AND subject IN {LISTED} LIMIT 1",
        (time_text(since), tenant, list_text([*sources])),
    )
    return None if row is None else row["subject"]


def begun_with(tx: Read, tenant: TenantId, sources: Sequence[str]) -> list[SolutionRef]:
    """The articles that were begun with the text of one of these and still exist."""
    rows = tx.rows(
        f"SELECT DISTINCT article_tenant, article_id FROM drafts WHERE tenant = ? AND source IN {LISTED}"
        " ORDER BY article_id, article_tenant",
        (tenant, list_text(sources)),
    )
    return [SolutionRef(TenantId(row["article_tenant"]), row["article_id"]) for row in rows]


def move(tx: Write, ref: SolutionRef, to: SolutionRef) -> None:
    """An article has another tenant from now on."""
    tx.execute(
        "UPDATE drafts SET article_tenant = ?, article_id = ? WHERE article_tenant = ? AND article_id = ?",
        (to.tenant, to.id, ref.tenant, ref.id),
    )


def forget_sources(tx: Write, tenant: TenantId, sources: Sequence[str]) -> int:
    """Returns how many drafts were noted to have been begun with these."""
    return tx.execute(f"DELETE FROM drafts WHERE tenant = ? AND source IN {LISTED}", (tenant, list_text(sources)))


def forget_article(tx: Write, ref: SolutionRef) -> None:
    tx.execute("DELETE FROM drafts WHERE article_tenant = ? AND article_id = ?", (ref.tenant, ref.id))
