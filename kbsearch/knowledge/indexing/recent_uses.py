"""What each tenant's latest tickets were resolved with, kept until something changes."""

from __future__ import annotations

from kbsearch.model import Scope, TenantId
from kbsearch.store import evidence, tenants
from kbsearch.store.evidence import Uses
from kbsearch.store.port import Read


class RecentUses:
    """Reads them once for each revision of what a tenant sees. Follows other processes."""

    def __init__(self) -> None:
        self._known: dict[TenantId, tuple[int, Uses]] = {}

    def of(self, tx: Read, scope: Scope) -> Uses:
        revision = tenants.revision(tx, scope)
        known = self._known.get(scope.tenant)
        if known is None or known[0] != revision:
            known = (revision, evidence.latest_uses(tx, scope))
            self._known[scope.tenant] = known
        return known[1]
