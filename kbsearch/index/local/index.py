"""The index in this process: words in BM25F segments, vectors in FAISS or behind another vector index."""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np

from kbsearch.errors import SnapshotInvalid
from kbsearch.index.local import snapshot
from kbsearch.index.local.dense import DenseIndex
from kbsearch.index.local.lexical import LexicalIndex, LexicalView
from kbsearch.index.local.lexical_segments import IndexedTerms
from kbsearch.index.local.partitions import rows_by_document
from kbsearch.index.port import Contents, OpenVectors, VectorIndex
from kbsearch.index.vectors import Cosines, Floats, Ids, Numbers, vector_array
from kbsearch.model import Generation, IndexEntry, Scope, TenantId

_log = logging.getLogger(__name__)


class LocalIndex:
    """Words and vectors of one generation in memory, with snapshots on disk. See index.port.

    Args:
        folder: where snapshots of all generations are kept.
        generation: whose documents it holds.
        vectors: the half with the vectors.
        words: the half with the words.
        applied: the last change that both hold.
        saved: the last change that the newest snapshot holds.
    """

    def __init__(
        self,
        folder: Path,
        generation: Generation,
        vectors: VectorIndex,
        words: LexicalIndex,
        applied: int = 0,
        saved: int = 0,
    ) -> None:
        self._folder = folder
        self._generation = generation
        self._vectors = vectors
        self._words = words
        self._applied = applied
        self._saved = saved
        self._changing = threading.Lock()

    @property
    def applied(self) -> int:
        return self._applied

    @property
    def saved(self) -> int:
        return self._saved

    def vocabulary(self, scope: Scope) -> LexicalView:
        return self._words.view(scope)

    def candidates(self, scope: Scope, queries: Floats, k: int) -> set[int]:
        return self._vectors.candidates(scope, queries, k)

    def cosines(self, scope: Scope, queries: Floats, documents: Sequence[int]) -> Cosines:
        return self._vectors.cosines(scope, queries, documents)

    def centre(self, scope: Scope) -> Numbers:
        return self._vectors.centre(scope)

    def typicality(self, scope: Scope, queries: Floats) -> float:
        return self._vectors.typicality(scope, queries)

    def take_in(self, entries: Sequence[IndexEntry], last: int) -> None:
        by_tenant: dict[TenantId, list[IndexEntry]] = {}
        for entry in entries:
            by_tenant.setdefault(entry.tenant, []).append(entry)
        with self._changing:
            for tenant, some in by_tenant.items():
                self._replace(tenant, some)
            self._applied = last

    def _replace(self, tenant: TenantId, entries: Sequence[IndexEntry]) -> None:
        removed = [entry.document for entry in entries]
        passages = [(id, entry.document, vector) for entry in entries for id, vector in entry.passages]
        self._vectors.replace(
            tenant,
            removed,
            vector_array([vector for _, _, vector in passages], self._generation.dimension),
            np.array([id for id, _, _ in passages], np.int64),
            np.array([document for _, document, _ in passages], np.int64),
        )
        self._words.replace(
            tenant,
            removed,
            [IndexedTerms(one.document, one.length, one.terms) for one in entries if one.terms is not None],
        )

    def forget(self, documents: Collection[int]) -> None:
        gone = _ids(documents)
        self._vectors.forget(gone)
        self._words.segments.forget(gone)

    def compact(self) -> bool:
        return self._vectors.compact() or self._words.compact()

    def size(self) -> tuple[int, int]:
        return len(self._words), len(self._vectors)

    def contents(self) -> Contents:
        return Contents(self._vectors.passages(), Counter(dict.fromkeys(rows_by_document(self._words.segments), 1)))

    def save(self) -> int:
        with self._changing:
            state = snapshot.State.of(self._vectors, self._words, self._applied)
        of = self._generation
        snapshot.save(self._folder, state, of.id, of.model_id, of.dimension)
        self._saved = state.seq
        return state.seq


class LocalIndexes:
    """Keeps the indexes of generations in a folder. See index.port.

    Args:
        folder: made when something is saved.
        open_vectors: gives the vector half; None for FAISS in this process.
    """

    def __init__(self, folder: Path, open_vectors: OpenVectors | None = None) -> None:
        self._folder = folder
        self._open_vectors = open_vectors or _faiss

    def create(self, generation: Generation) -> LocalIndex:
        place = snapshot.folder_of(self._folder, generation.id)
        return LocalIndex(self._folder, generation, self._open_vectors(generation, place), LexicalIndex(place))

    def open(self, generation: Generation, last_change: Callable[[], int]) -> LocalIndex | None:
        while (path := snapshot.newest(self._folder, generation.id)) is not None:
            try:
                return self._opened(path, generation, last_change)
            except SnapshotInvalid as error:
                if snapshot.newest(self._folder, generation.id) == path:
                    _log.warning("snapshot not used, the index is rebuilt from the store: %s", error)
                    snapshot.discard(path)
                # Else another process has saved a newer one meanwhile and removed what this one names.
        return None

    def examine(self, generation: Generation, last_change: int) -> LocalIndex | None:
        path = snapshot.newest(self._folder, generation.id)
        return None if path is None else self._opened(path, generation, lambda: last_change)

    def _opened(self, path: Path, generation: Generation, last_change: Callable[[], int]) -> LocalIndex:
        vectors = self._open_vectors(generation, path.parent)
        words, seq = snapshot.load(path, generation.model_id, generation.dimension, vectors)
        if seq > last_change():
            raise SnapshotInvalid(str(path), "it is newer than the store, which must have been restored")
        return LocalIndex(self._folder, generation, vectors, words, seq, seq)

    def discard(self, generation: int) -> None:
        while (path := snapshot.newest(self._folder, generation)) is not None:
            snapshot.discard(path)

    def saved(self) -> list[int]:
        return snapshot.saved_generations(self._folder)

    def keep_only(self, generations: Collection[int]) -> None:
        snapshot.drop_others(self._folder, set(generations))

    def holds_any(self, generation: int, documents: Collection[int]) -> bool:
        return snapshot.any_holds(self._folder, generation, _ids(documents))

    def erase(self, generation: int, documents: Collection[int]) -> bool:
        return snapshot.forget(self._folder, generation, _ids(documents))


def _faiss(generation: Generation, folder: Path) -> VectorIndex:
    # Half of the cores cluster: the other half goes on answering.
    return DenseIndex(generation.dimension, folder, threads=max(1, (os.cpu_count() or 1) // 2))


def _ids(documents: Collection[int]) -> Ids:
    return np.array(sorted(documents), np.int64)
