"""Which articles were begun as drafts from which ticket: their texts hold the ticket's."""

from __future__ import annotations

from collections.abc import Collection

from kbsearch.model import TenantId
from kbsearch.store.port import Read, Write


def note(tx: Write, tenant: TenantId, article_id: str, ticket_ids: Collection[str]) -> None:
    """An article was begun with the text of these tickets."""
    tx.executemany(
        "INSERT INTO drafts (tenant, ticket_id, article_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(tenant, ticket_id, article_id) for ticket_id in ticket_ids],
    )


def of_ticket(tx: Read, tenant: TenantId, ticket_id: str) -> list[str]:
    """The ids of the articles that were begun with the ticket's text and still exist."""
    rows = tx.rows(
        "SELECT article_id FROM drafts WHERE tenant = ? AND ticket_id = ? ORDER BY article_id", (tenant, ticket_id)
    )
    return [row["article_id"] for row in rows]


def forget_ticket(tx: Write, tenant: TenantId, ticket_id: str) -> None:
    tx.execute("DELETE FROM drafts WHERE tenant = ? AND ticket_id = ?", (tenant, ticket_id))


def forget_article(tx: Write, tenant: TenantId, article_id: str) -> None:
    tx.execute("DELETE FROM drafts WHERE tenant = ? AND article_id = ?", (tenant, article_id))
