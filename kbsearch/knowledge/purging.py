"""Removes erased data from every file of the data folder, while questions and writes continue.

A change of the store erases rows, but older copies of them stay for a while: in SQLite's write-ahead log, in segments
of its full-text tables, in segments of the index, in the map and the boilerplate that were learned from them. Each
attempt does what is possible without blocking anyone; the rest is tried again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from kbsearch.errors import StorageError
from kbsearch.knowledge.indexing import boilerplate
from kbsearch.knowledge.indexing.index_generations import IndexGenerations
from kbsearch.model import TenantId
from kbsearch.store import boilerplate as stored_boilerplate
from kbsearch.store import learned, purges, trade_words
from kbsearch.store.port import Store
from kbsearch.store.purges import Pending

_DONE_WITHIN = timedelta(minutes=1)


class Purges:
    """Removes erased data from all files. Part of the KnowledgeBase.

    Args:
        store: notes what was erased.
        generations: has the index and its files.
        relearn: learns a tenant's map again from what is left.
        forget_untaught: forgets the learned words of a tenant that its tickets do not teach any more.
    """

    def __init__(
        self,
        store: Store,
        generations: IndexGenerations,
        relearn: Callable[[TenantId], object],
        forget_untaught: Callable[[TenantId], object],
    ) -> None:
        self._store = store
        self._generations = generations
        self._relearn = relearn
        self._forget_untaught = forget_untaught
        self._running = threading.Lock()
        self._looked = False
        self._rewritten = 0

    def pending(self) -> Pending | None:
        """What a file may still contain; None if nothing."""
        with self._store.read() as tx:
            return purges.pending(tx)

    def run(self) -> bool:
        """Try to remove everything that was erased so far. False: something is left; try again in some seconds.

        The first call looks at the index in any case: a process that was killed may have left files behind.
        """
        with self._running:
            pending = self.pending()
            if pending is None:
                if not self._looked:
                    self._looked = self._generations.forget_erased()
                return self._looked
            if pending.last > self._rewritten:
                self._merge_words(pending)
                self._relearn_all()
                if not self._generations.forget_erased():
                    return False
                self._rewritten = pending.last
            if not self._store.purge():
                return False
            with self._store.write() as tx:
                purges.done(tx, pending.last)
            self._looked = True
            return True

    def keep_up(self) -> None:
        """As run(), for a background task.

        Raises:
            StorageError: something has been left for more than a minute.
        """
        if not self.run():
            pending = self.pending()
            if pending is not None and self._store.clock() - pending.since > _DONE_WITHIN:
                raise StorageError(
                    f"what was erased since {pending.since:%Y-%m-%d %H:%M:%S} UTC may still stand in a file: something"
                    " has been reading the store for long, or another process is writing the index"
                )

    def _merge_words(self, pending: Pending) -> None:
        with self._store.read() as tx:
            tables = purges.word_tables(tx, pending.tenants)
        for generation, tenant_number in tables:
            begin = more = True
            while more:
                with self._store.write() as tx:
                    more = tx.phrases.merge_some(generation, tenant_number, begin)
                begin = False

    def _relearn_all(self) -> None:
        """Maps, boilerplate and words, where these were learned from what is erased now."""
        with self._store.read() as tx:
            maps, lines = learned.before_purges(tx), stored_boilerplate.before_purges(tx)
            words = trade_words.before_purges(tx)
        for tenant in maps:
            self._relearn(tenant)
        for tenant in lines:
            boilerplate.learn(self._store, tenant)
        for tenant in words:
            self._forget_untaught(tenant)
