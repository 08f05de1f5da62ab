"""Tenants and the revision of their knowledge."""

from __future__ import annotations

from kbsearch.model import Scope, TenantId
from kbsearch.store.columns import time_text
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import marks


def ensure(tx: Write, tenant: TenantId) -> int:
    """The tenant's number; a new tenant is registered."""
    number = tx.tenant_numbers.get(tenant)
    if number is not None:
        return number
    tx.execute(
        "INSERT INTO tenants (id, created_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", (tenant, time_text(tx.now))
    )
    row = tx.row("SELECT number FROM tenants WHERE id = ?", (tenant,))
    assert row is not None
    tx.tenant_numbers[tenant] = row["number"]
    return row["number"]


def numbers(tx: Read, scope: Scope) -> dict[TenantId, int]:
    """The numbers of those tenants in scope that are known."""
    rows = tx.rows(f"SELECT id, number FROM tenants WHERE id IN ({marks(scope.tenants)})", scope.tenants)
    return {TenantId(row["id"]): row["number"] for row in rows}


def all_tenants(tx: Read) -> list[TenantId]:
    """Every known tenant, for work on the whole index."""
    return [TenantId(row["id"]) for row in tx.rows("SELECT id FROM tenants ORDER BY number")]


def raise_revision(tx: Write, tenant: TenantId) -> int:
    """Count one more change of the tenant's knowledge. Returns how many there are now, shared ones left out."""
    number = ensure(tx, tenant)
    row = tx.row("UPDATE tenants SET revision = revision + 1 WHERE number = ? RETURNING revision", (number,))
    assert row is not None
    return row["revision"]


def revision(tx: Read, scope: Scope) -> int:
    """A number that grows with each change of what the scope sees: own changes plus shared ones."""
    row = tx.row(
        f"SELECT coalesce(sum(revision), 0) AS revision FROM tenants WHERE id IN ({marks(scope.tenants)})",
        scope.tenants,
    )
    assert row is not None
    return row["revision"]
