"""One generation of the index in memory, with the model that made it."""

from __future__ import annotations

import threading

from kbsearch.embedding.embedder import Embedder
from kbsearch.errors import ModelMismatch
from kbsearch.index.port import Index, Indexes
from kbsearch.knowledge.indexing.learned import LearnedModels
from kbsearch.knowledge.indexing.recent_uses import RecentUses
from kbsearch.model import Generation, GenerationState
from kbsearch.store import changes, documents, generations
from kbsearch.store.port import Read, Store

_CHANGES_AT_ONCE = 256


class Engine:
    """The index and the model of one generation; follows the store's changes.

    Build one with ``open_engine``. ``index`` may be searched at any time; ``catch_up`` brings it level with the store.
    """

    def __init__(self, generation: Generation, embedder: Embedder, index: Index) -> None:
        self.generation = generation
        self.embedder = embedder
        self.index = index
        self.learned = LearnedModels(generation.model_id)
        self.recent_uses = RecentUses()
        self._catching_up = threading.Lock()
        self._saving = threading.Lock()

    def catch_up(self, store: Store) -> None:
        """Take in every change committed before the call, whichever process made it."""
        with store.read() as tx:
            last = changes.last(tx)
        self.catch_up_to(last, store)

    def catch_up_to(self, last: int, store: Store) -> None:
        """Take in every change up to the one of this number."""
        if last <= self.index.applied:
            return
        with self._catching_up:
            while self.index.applied < last:
                with store.read() as tx:
                    batch = changes.since(tx, self.index.applied, _CHANGES_AT_ONCE)
                    if not batch:
                        return
                    entries = documents.entries_of(tx, self.generation.id, [source for _, source in batch])
                self.index.take_in(entries, batch[-1][0])

    def save(self, indexes: Indexes, store: Store, at_least: int = 1) -> None:
        """Write a snapshot if ``at_least`` changes came since the last one. No file of it holds what was erased."""
        with self._saving:
            with store.read() as tx:
                known = changes.last(tx)
            if self.index.applied > known or self.index.applied - self.index.saved < at_least:
                return
            erased = self._forget_erased(store)
            while True:
                self.index.save()
                before, erased = erased, self._forget_erased(store)
                if len(erased) == len(before):
                    break  # else more was erased meanwhile, which the snapshot may hold
            indexes.erase(self.generation.id, erased)

    def _forget_erased(self, store: Store) -> list[int]:
        """Leave nothing of erased documents in the index. Returns these."""
        with store.read() as tx:
            erased = documents.erased(tx, self.generation.id)
        if erased:
            self.index.forget(erased)
        return erased


def open_engine(store: Store, indexes: Indexes, generation: Generation, embedder: Embedder) -> Engine:
    """Open a generation from its snapshot, or from the store where there is no sound one, and catch up.

    One under construction is opened as far as it got, and is to be brought level once it answers.

    Raises:
        ModelMismatch: the embedder's vectors are not the generation's.
    """
    if embedder.model_id != generation.model_id:
        raise ModelMismatch(embedder.model_id, generation.model_id)

    def last_change() -> int:
        with store.read() as tx:
            return changes.last(tx)

    index = indexes.open(generation, last_change)
    if index is None:
        with store.read() as tx:
            index = rebuilt(tx, indexes, generation)
        while index.compact():
            pass
    engine = Engine(generation, embedder, index)
    with store.read() as tx:
        covered = _covered(tx, generation)
    engine.catch_up_to(covered, store)
    return engine


def rebuilt(tx: Read, indexes: Indexes, generation: Generation) -> Index:
    """The generation's index, built from the store."""
    index = indexes.create(generation)
    covered = _covered(tx, generation)
    index.take_in([], covered)
    for batch in documents.all_entries(tx, generation.id):
        index.take_in(batch, covered)
    return index


def _covered(tx: Read, generation: Generation) -> int:
    """The last change whose documents the generation holds; all of them unless it is under construction."""
    fresh = generations.get(tx, generation.id)
    if fresh is not None and fresh.state is GenerationState.BUILDING:
        return fresh.covered
    return changes.last(tx)
