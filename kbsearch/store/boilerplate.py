"""Hashes of the lines that are boilerplate at each tenant's desk, learned from its resolved tickets."""

from __future__ import annotations

from kbsearch.model import TenantId
from kbsearch.store.columns import time_text
from kbsearch.store.port import Read, Write


def get(tx: Read, tenant: TenantId) -> bytes:
    """As text.intake.learned.keys() made them; empty where nothing was learned."""
    row = tx.row("SELECT lines FROM boilerplate WHERE tenant = ?", (tenant,))
    return b"" if row is None else row["lines"]


def due(tx: Read, fewest: int) -> list[TenantId]:
    """Tenants with so many resolved tickets whose boilerplate is not that of their tickets now.

    It is not after a tenth more or fewer tickets.
    """
    rows = tx.rows(
        "SELECT found.tenant FROM (SELECT tenant, count(*) AS many FROM tickets WHERE status = 'resolved'"
        " GROUP BY tenant) AS found LEFT JOIN boilerplate ON boilerplate.tenant = found.tenant"
        " WHERE (many >= ? OR boilerplate.tenant IS NOT NULL) AND (boilerplate.tenant IS NULL"
        " OR 10 * abs(many - tickets) >= tickets)",
        (fewest,),
    )
    return [TenantId(row["tenant"]) for row in rows]


def before_purges(tx: Read) -> list[TenantId]:
    """Tenants whose boilerplate was learned before something was erased that it may have been learned from."""
    rows = tx.rows(
        "SELECT tenant FROM boilerplate WHERE EXISTS (SELECT 1 FROM purges"
        " WHERE purges.tenant = boilerplate.tenant AND asked_at >= created_at)"
    )
    return [TenantId(row["tenant"]) for row in rows]


def put(tx: Write, tenant: TenantId, lines: bytes, tickets: int) -> None:
    """Replace what was learned. ``tickets``: how many resolved ones the tenant had."""
    tx.execute(
        "INSERT INTO boilerplate (tenant, lines, tickets, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (tenant)"
        " DO UPDATE SET lines = excluded.lines, tickets = excluded.tickets, created_at = excluded.created_at",
        (tenant, lines, tickets, time_text(tx.now)),
    )


def resolved(tx: Read, tenant: TenantId) -> int:
    """How many resolved tickets the tenant has."""
    row = tx.row("SELECT count(*) AS many FROM tickets WHERE tenant = ? AND status = 'resolved'", (tenant,))
    return 0 if row is None else row["many"]
