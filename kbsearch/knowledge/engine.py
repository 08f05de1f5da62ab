"""One generation of the index in memory, with the model that made it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kbsearch.embedding.embedder import Embedder
from kbsearch.errors import ModelMismatch, SnapshotInvalid
from kbsearch.index.local import snapshot
from kbsearch.index.local.dense import DenseIndex
from kbsearch.index.local.lexical import LexicalIndex
from kbsearch.index.local.lexical_segments import IndexedTerms
from kbsearch.index.local.partitions import Ids
from kbsearch.knowledge.documents import vector_array
from kbsearch.knowledge.learned import LearnedModels
from kbsearch.knowledge.recent_uses import RecentUses
from kbsearch.model import Generation, GenerationState, TenantId
from kbsearch.store import changes, documents, generations
from kbsearch.store.database import Read, Store

_log = logging.getLogger(__name__)

_CHANGES_AT_ONCE = 256


class Engine:
    """Dense and lexical search and embedding for one generation; follows the store's changes.

    Build one with ``open_engine``. ``dense`` and ``lexical`` may be searched at any time; ``catch_up`` brings
    them level with the store.
    """

    def __init__(
        self, generation: Generation, embedder: Embedder, dense: DenseIndex, lexical: LexicalIndex, applied: int
    ) -> None:
        self.generation = generation
        self.embedder = embedder
        self.dense = dense
        self.lexical = lexical
        self.learned = LearnedModels(generation.model_id)
        self.recent_uses = RecentUses()
        self._applied = applied
        self._catching_up = threading.Lock()
        self._saving = threading.Lock()
        self._snapshot_at = applied

    @property
    def applied(self) -> int:
        """The last change that the index holds."""
        return self._applied

    def catch_up(self, store: Store) -> None:
        """Take in every change committed before the call, whichever process made it."""
        with store.read() as tx:
            last = changes.last(tx)
        self.catch_up_to(last, store)

    def catch_up_to(self, last: int, store: Store) -> None:
        """Take in every change up to the one of this number."""
        if last <= self._applied:
            return
        with self._catching_up:
            while self._applied < last:
                with store.read() as tx:
                    batch = changes.since(tx, self._applied, _CHANGES_AT_ONCE)
                    if not batch:
                        return
                    entries = documents.entries_of(tx, self.generation.id, [source for _, source in batch])
                self._take_in(entries)
                self._applied = batch[-1][0]

    def compact(self) -> bool:
        """Merge segments that grew too many, beside questions and writes. False: nothing to do."""
        return self.dense.compact() or self.lexical.compact()

    def save(self, folder: Path, store: Store, at_least: int = 1) -> None:
        """Write a snapshot if ``at_least`` changes came since the last one. No file of it holds what was erased."""
        with self._saving:
            with store.read() as tx:
                known = changes.last(tx)
            if self._applied > known or self._applied - self._snapshot_at < at_least:
                return
            generation = self.generation
            erased = self._forget_erased(store)
            while True:
                with self._catching_up:
                    state = snapshot.State.of(self.dense, self.lexical, self._applied)
                snapshot.save(folder, state, generation.id, generation.model_id, generation.dimension)
                self._snapshot_at = state.seq
                before, erased = erased, self._forget_erased(store)
                if len(erased) == len(before):
                    break  # else more was erased meanwhile, which the snapshot may hold
            snapshot.forget(folder, generation.id, erased)

    def _forget_erased(self, store: Store) -> Ids:
        """Rewrite segments without the documents that were erased. Returns these."""
        with store.read() as tx:
            erased = np.array(documents.erased(tx, self.generation.id), np.int64)
        if len(erased):
            self.dense.segments.forget(erased)
            self.lexical.segments.forget(erased)
        return erased

    def _take_in(self, entries: Sequence[documents.Entry]) -> None:
        by_tenant: dict[TenantId, list[documents.Entry]] = {}
        for entry in entries:
            by_tenant.setdefault(entry.tenant, []).append(entry)
        for tenant, some in by_tenant.items():
            replace(self.dense, self.lexical, tenant, [entry.document for entry in some], some)


def open_engine(store: Store, folder: Path, generation: Generation, embedder: Embedder) -> Engine:
    """Open a generation from its snapshot, or from the store where there is no sound one, and catch up.

    One under construction is opened as far as it got, and is to be brought level once it answers.

    Raises:
        ModelMismatch: the embedder's vectors are not the generation's.
    """
    if embedder.model_id != generation.model_id:
        raise ModelMismatch(embedder.model_id, generation.model_id)
    engine = _from_snapshot(store, folder, generation, embedder)
    if engine is None:
        with store.read() as tx:
            dense, lexical = _rebuilt(tx, generation, snapshot.folder_of(folder, generation.id))
            engine = Engine(generation, embedder, dense, lexical, _covered(tx, generation))
            engine._snapshot_at = 0  # pyright: ignore[reportPrivateUsage]
        while engine.compact():
            pass
    with store.read() as tx:
        covered = _covered(tx, generation)
    engine.catch_up_to(covered, store)
    return engine


def _from_snapshot(store: Store, folder: Path, generation: Generation, embedder: Embedder) -> Engine | None:
    """None where there is no sound snapshot. Unsound ones are removed."""
    while (path := snapshot.newest(folder, generation.id)) is not None:
        try:
            dense, lexical, seq = snapshot.load(path, generation.model_id, generation.dimension, _clustering_threads())
            with store.read() as tx:
                if seq > changes.last(tx):
                    raise SnapshotInvalid(str(path), "it is newer than the store, which must have been restored")
            return Engine(generation, embedder, dense, lexical, seq)
        except SnapshotInvalid as error:
            if snapshot.newest(folder, generation.id) == path:
                _log.warning("snapshot not used, the index is rebuilt from the store: %s", error)
                snapshot.discard(path)
            # Else another process has saved a newer one meanwhile and removed what this one names.
    return None


def _covered(tx: Read, generation: Generation) -> int:
    """The last change whose documents the generation holds; all of them unless it is under construction."""
    fresh = generations.get(tx, generation.id)
    if fresh is not None and fresh.state is GenerationState.BUILDING:
        return fresh.covered
    return changes.last(tx)


def replace(
    dense: DenseIndex,
    lexical: LexicalIndex,
    tenant: TenantId,
    removed: Sequence[int],
    entries: Sequence[documents.Entry],
) -> None:
    """Drop documents of a tenant and add those of the entries that hold something."""
    passages = [(id, entry.document, vector) for entry in entries for id, vector in entry.passages]
    dense.replace(
        tenant,
        removed,
        vector_array([vector for _, _, vector in passages], dense.dimension),
        np.array([id for id, _, _ in passages], np.int64),
        np.array([document for _, document, _ in passages], np.int64),
    )
    lexical.replace(
        tenant,
        removed,
        [IndexedTerms(one.document, one.length, one.terms) for one in entries if one.terms is not None],
    )


def _rebuilt(tx: Read, generation: Generation, folder: Path) -> tuple[DenseIndex, LexicalIndex]:
    dense = DenseIndex(generation.dimension, folder, threads=_clustering_threads())
    lexical = LexicalIndex(folder)
    for batch in documents.all_entries(tx, generation.id):
        for tenant in {entry.tenant for entry in batch}:
            replace(dense, lexical, tenant, [], [entry for entry in batch if entry.tenant == tenant])
    return dense, lexical


def _clustering_threads() -> int:
    """Half of the cores: the other half goes on answering."""
    return max(1, (os.cpu_count() or 1) // 2)
