"""Which suggestions were shown, written a moment later so that no question waits for a disk."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from kbsearch.errors import KBSearchError
from kbsearch.model import Suggestion, TenantId
from kbsearch.store import feedback
from kbsearch.store.columns import time_text
from kbsearch.store.database import Store

_log = logging.getLogger(__name__)

_MOST_WAITING = 10_000
# SQLite's readers forget their pages with each commit of another connection: not too often, then.
_DELAY_S = 2.0


class SuggestionLog:
    """Collects suggestions and writes them in batches. A crash loses at most the last moment's.

    Feedback flushes first, so a suggestion is there before its feedback.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[feedback.Shown] = []
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._something = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kbsearch-suggestions", daemon=True)
        self._thread.start()

    def note(self, tenant: TenantId, ticket_id: str | None, suggestion: Suggestion, now: datetime) -> None:
        shown = feedback.Shown(
            tenant=tenant,
            id=suggestion.id,
            ticket_id=ticket_id,
            solutions=tuple((one.solution.ref, one.confidence) for one in suggestion.solutions),
            status=suggestion.verdict.status,
            confidence=suggestion.verdict.confidence,
            created_at=time_text(now) or "",
        )
        with self._lock:
            if len(self._waiting) < _MOST_WAITING:
                self._waiting.append(shown)
        self._something.set()

    def flush(self) -> None:
        """Write what is waiting; what cannot be written stays waiting."""
        with self._flushing:
            with self._lock:
                waiting, self._waiting = self._waiting, []
            if not waiting:
                return
            try:
                with self._store.write() as tx:
                    feedback.put_shown(tx, waiting)
            except BaseException:
                with self._lock:
                    self._waiting = (waiting + self._waiting)[:_MOST_WAITING]
                raise

    def close(self) -> None:
        self._closing.set()
        self._something.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._something.wait()
            self._closing.wait(_DELAY_S)
            self._something.clear()
            try:
                self.flush()
            except KBSearchError as error:
                _log.warning("suggestions could not be logged yet: %s", error)
            if self._closing.is_set():
                return
