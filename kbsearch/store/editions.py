"""A tenant's own edition of a shared solution: one of the same id, which the tenant sees in its place.

What the tenant's tickets and agents gathered is with the solution that the tenant sees: it goes over to an edition that
is added, and back to the shared solution when the edition is deleted. Where a shared solution is named that leads on to
another one, ``seen`` says which one the tenant sees there.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from kbsearch.model import SHARED, Scope, SolutionRef, TenantId
from kbsearch.store import records
from kbsearch.store.columns import list_text
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import LISTED

_OWN = (
    "SELECT own.id, end_tenant, end_id FROM @elements(?, wanted) @join solutions AS own"
    " @index(idx_solutions_tenant_id_state) ON own.tenant = ? AND own.id = @text(wanted)"
    " LEFT JOIN merges ON merges.tenant = own.tenant AND merges.id = own.id"
)


def seen(tx: Read, scope: Scope, refs: Collection[SolutionRef]) -> dict[SolutionRef, SolutionRef]:
    """The solution that the tenant sees for each: its own edition of a shared one, or what that was merged into."""
    found = {ref: ref for ref in refs}
    passed: set[SolutionRef] = set()
    while True:
        shared = {end for end in found.values() if end.tenant == SHARED != scope.tenant} - passed
        if not shared:
            return found
        passed |= shared
        own = {
            SolutionRef(SHARED, id): SolutionRef(TenantId(end_tenant or scope.tenant), end_id or id)
            for id, end_tenant, end_id in tx.rows(_OWN, (json.dumps([ref.id for ref in shared]), scope.tenant))
        }
        found = {ref: own.get(end, end) for ref, end in found.items()}


def present(tx: Read, scope: Scope, refs: Collection[SolutionRef]) -> dict[SolutionRef, SolutionRef]:
    """Each of the solutions, or the shared one of its id where the tenant has no such solution any more."""
    own = sorted({ref.id for ref in refs if ref.tenant == scope.tenant != SHARED})
    rows = tx.rows(
        f"SELECT id FROM solutions AS common WHERE tenant = ? AND id IN {LISTED} AND NOT EXISTS"
        " (SELECT 1 FROM solutions AS own WHERE own.tenant = ? AND own.id = common.id)",
        (SHARED, list_text(own), scope.tenant),
    )
    gone = {SolutionRef(scope.tenant, row["id"]): SolutionRef(SHARED, row["id"]) for row in rows}
    return {ref: gone.get(ref, ref) for ref in refs}


def added(tx: Write, ref: SolutionRef) -> None:
    """An edition of a shared solution is new: the tenant's records go over to it."""
    records.move(tx, SolutionRef(SHARED, ref.id), ref, of=ref.tenant)


def deleted(tx: Write, ref: SolutionRef) -> SolutionRef | None:
    """An edition is gone: the tenant's records go back to the shared solution, or to what that was merged into.

    Returns that solution, None where there is no shared one.
    """
    shared = SolutionRef(SHARED, ref.id)
    if ref.tenant == SHARED or not _exists(tx, shared):
        return None
    row = tx.row("SELECT end_tenant, end_id FROM merges WHERE tenant = ? AND id = ?", (shared.tenant, shared.id))
    records.move(tx, ref, shared, of=ref.tenant)
    if row is None:
        return shared
    end = SolutionRef(TenantId(row["end_tenant"]), row["end_id"])
    to = seen(tx, Scope(ref.tenant), [end])[end]
    records.move(tx, shared, to, of=ref.tenant, by_merge=True)
    return to


def moved_to(tx: Write, shared: SolutionRef) -> None:
    """Records of many tenants came to a shared solution: those of tenants with an own edition go on to that."""
    if shared.tenant != SHARED:
        return
    for row in tx.rows(
        "SELECT tenants.id FROM tenants JOIN solutions ON solutions.tenant = tenants.id AND solutions.id = ?"
        " WHERE tenants.id != ?",
        (shared.id, SHARED),
    ):
        tenant = TenantId(row["id"])
        own = SolutionRef(tenant, shared.id)
        records.move(tx, shared, own, of=tenant)
        end = seen(tx, Scope(tenant), [shared])[shared]
        if end != own:
            records.move(tx, own, end, of=tenant, by_merge=True)


def _exists(tx: Read, ref: SolutionRef) -> bool:
    return tx.row("SELECT 1 FROM solutions WHERE tenant = ? AND id = ?", (ref.tenant, ref.id)) is not None
