"""Reading the audit log. The store writes it, with each change."""

from __future__ import annotations

from kbsearch.model import AuditEntry
from kbsearch.store import audit
from kbsearch.store.audit import AuditFilter
from kbsearch.store.port import Store


class AuditLog:
    """The audit log of a data folder."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, wanted: AuditFilter, before: int | None = None, limit: int = 50) -> list[AuditEntry]:
        """Entries with a number below ``before``, the newest first."""
        with self._store.read() as tx:
            return audit.page(tx, wanted, before, limit)
