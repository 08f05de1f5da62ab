"""The audit log as it is read, and how long it is kept. It is written by the store, with each change."""

from __future__ import annotations

from datetime import timedelta

from kbsearch.model import AuditEntry
from kbsearch.store import audit
from kbsearch.store.audit import Wanted
from kbsearch.store.database import Store


class AuditLog:
    """The audit log of a data folder."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, wanted: Wanted, before: int | None = None, limit: int = 50) -> list[AuditEntry]:
        """Entries, the newest first, those before number ``before`` only."""
        with self._store.read() as tx:
            return audit.page(tx, wanted, before, limit)

    def forget_older_than(self, kept: timedelta) -> int:
        """Drop what is older than the retention. Returns how many entries went."""
        moment = self._store.clock() - kept
        with self._store.read() as tx:
            if not audit.page(tx, Wanted(None, until=moment), None, 1):
                return 0
        with self._store.write() as tx:
            return audit.forget_before(tx, moment)
