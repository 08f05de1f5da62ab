"""The audit log as it is read. It is written by the store, with each change."""

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
        """Entries, the newest first, those before number ``before`` only."""
        with self._store.read() as tx:
            return audit.page(tx, wanted, before, limit)
