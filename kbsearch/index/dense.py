"""Exact inner-product search over passages with FAISS, a partition for each tenant.

A partition is a few immutable segments and the set of documents removed from each. A change makes
new segments and swaps the partition's state in one assignment: searches take no lock and see
one state. Small segments are merged as they grow in number, so that their count stays
logarithmic and a passage is copied a logarithmic number of times (as in Lucene).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import faiss
import numpy as np
from numpy.typing import NDArray

from kbsearch.model import Scope, TenantId

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]

_MERGE_FACTOR = 4  # a segment is merged with the newer one that has at least a quarter of its rows
_SECOND = 0.2
_REWRITE_SHARE = 0.25  # removed rows beyond this share of a segment are really dropped


@dataclass(frozen=True, slots=True)
class DenseHit:
    """A passage found. ``similarity`` is the cosine, -1 .. 1."""

    passage: int
    document: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Segment:
    """Immutable rows: ``passages`` and ``documents`` name row i of ``vectors``; ``dead`` marks removed rows."""

    vectors: faiss.IndexFlatIP
    passages: Ids
    documents: Ids
    dead: NDArray[np.bool_]
    dead_count: int

    @staticmethod
    def of(vectors: Vectors, passages: Ids, documents: Ids) -> Segment:
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors))
        return Segment(index, passages, documents, np.zeros(len(passages), np.bool_), 0)

    @property
    def rows(self) -> int:
        return len(self.passages)

    def without(self, documents: Iterable[int]) -> Segment:
        gone = np.isin(self.documents, np.fromiter(documents, np.int64)) & ~self.dead
        count = int(gone.sum())
        return replace(self, dead=self.dead | gone, dead_count=self.dead_count + count) if count else self

    def living(self) -> tuple[Vectors, Ids, Ids]:
        """The rows not removed: (vectors, passages, documents)."""
        vectors = self.vectors.reconstruct_n(0, self.rows) if self.rows else np.empty((0, self.vectors.d), np.float32)
        alive = ~self.dead
        return vectors[alive], self.passages[alive], self.documents[alive]

    def nearness(self, queries: Vectors, documents: Ids) -> tuple[Ids, Ids, NDArray[np.float64]]:
        """(passage, document, cosine with the best query) of every living row of these documents."""
        rows = np.flatnonzero(np.isin(self.documents, documents) & ~self.dead)
        vectors = faiss.rev_swig_ptr(self.vectors.get_xb(), self.rows * self.vectors.d).reshape(self.rows, -1)[rows]
        cosines: NDArray[np.float64] = np.max(vectors.astype(np.float64) @ queries.T, axis=1)
        # Rounded, since the last bits depend on how rows happen to lie together.
        return self.passages[rows], self.documents[rows], np.round(cosines, 6)

    def search(self, queries: Vectors, k: int) -> list[DenseHit]:
        """At least the k best living rows for the best of the queries, all of those that are equally near."""
        wanted = min(k, self.rows - self.dead_count)
        if wanted <= 0:
            return []
        parameters = None
        if self.dead_count:
            alive = np.packbits(~self.dead, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(alive))
        similarities, rows = self.vectors.search(queries, min(wanted + 1, self.rows), params=parameters)
        best: dict[int, float] = {}
        for one, (found, near) in enumerate(zip(rows, similarities, strict=True)):
            if len(found) > wanted and found[wanted] >= 0 and near[wanted] == near[wanted - 1]:
                # Equals beyond the end: the caller's order decides which of them count.
                radius = float(np.nextafter(near[wanted], np.float32(-2)))
                _, near, found = self.vectors.range_search(queries[one : one + 1], radius, params=parameters)
            for row, similarity in zip(found.tolist(), near.tolist(), strict=True):
                if row >= 0 and similarity > best.get(row, -2.0):
                    best[row] = similarity
        return [DenseHit(int(self.passages[row]), int(self.documents[row]), best[row]) for row in best]


class DenseIndex:
    """All partitions of one generation.

    Args:
        dimension: length of the vectors.
    """

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._partitions: dict[TenantId, tuple[Segment, ...]] = {}
        self._change = threading.Lock()

    @property
    def dimension(self) -> int:
        return self._dimension

    def __len__(self) -> int:
        """Living passages of all tenants."""
        return sum(s.rows - s.dead_count for segments in self._partitions.values() for s in segments)

    def replace(
        self, tenant: TenantId, removed: Sequence[int], vectors: Vectors, passages: Ids, documents: Ids
    ) -> None:
        """Drop whole documents and add passages, in one step that searches see whole.

        Args:
            tenant: whose partition changes.
            removed: document ids whose passages go.
            vectors: unit vectors, shape (n, dimension).
            passages: passage ids, shape (n,).
            documents: the document of each passage, shape (n,).
        """
        if vectors.shape != (len(passages), self._dimension) or len(passages) != len(documents):
            raise ValueError(f"expected ({len(passages)}, {self._dimension}) vectors, got {vectors.shape}")
        with self._change:
            segments = self._partitions.get(tenant, ())
            if removed:
                segments = tuple(segment.without(removed) for segment in segments)
            if len(passages):
                segments = (*segments, Segment.of(vectors, passages, documents))
            self._partitions[tenant] = _merged(segments)

    def load(self, tenant: TenantId, segment: Segment) -> None:
        """Take over a partition read from a snapshot."""
        with self._change:
            self._partitions[tenant] = (segment,) if segment.rows else ()

    def search(self, scope: Scope, queries: Vectors, k: int) -> list[DenseHit]:
        """The k passages of the scope nearest to the best of the queries, nearest first.

        Ties are ordered by passage id. Fewer than k where the scope holds fewer.
        """
        hits = [
            hit for tenant in scope.tenants for s in self._partitions.get(tenant, ()) for hit in s.search(queries, k)
        ]
        hits.sort(key=lambda hit: (-hit.similarity, hit.passage))
        return hits[:k]

    def similarities(self, scope: Scope, queries: Vectors, documents: Sequence[int]) -> dict[int, DenseHit]:
        """How near each document is: its best passage, and a little of its second best.

        One good passage may be chance, two are not: (best + 0.2 second) / 1.2 finds more than the best
        alone (docs/benchmarks.md). Documents out of scope or without passages are left out.
        """
        wanted = np.asarray(documents, np.int64)
        parts = [s.nearness(queries, wanted) for tenant in scope.tenants for s in self._partitions.get(tenant, ())]
        if not parts:
            return {}
        passages, owners, similarities = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.lexsort((passages, -similarities, owners))
        found: dict[int, DenseHit] = {}
        seconds: dict[int, float] = {}
        for row in order.tolist():
            document, similarity = int(owners[row]), float(similarities[row])
            if document not in found:
                found[document] = DenseHit(int(passages[row]), document, similarity)
            else:
                seconds.setdefault(document, similarity)
        return {
            document: replace(
                hit, similarity=(hit.similarity + _SECOND * seconds.get(document, hit.similarity)) / (1 + _SECOND)
            )
            for document, hit in found.items()
        }

    def partitions(self) -> dict[TenantId, tuple[Vectors, Ids, Ids]]:
        """All living rows by tenant: (vectors, passages, documents), for a snapshot."""
        return {
            tenant: _concatenated([segment.living() for segment in segments], self._dimension)
            for tenant, segments in dict(self._partitions).items()
        }


def _merged(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Drop removed rows where they are many, then merge the newest segments while they are of like size."""
    kept = [
        _rebuilt([segment]) if segment.dead_count > segment.rows * _REWRITE_SHARE else segment for segment in segments
    ]
    kept = [segment for segment in kept if segment.rows]
    while len(kept) > 1 and kept[-2].rows <= kept[-1].rows * _MERGE_FACTOR:
        kept[-2:] = [_rebuilt(kept[-2:])]
    return tuple(kept)


def _rebuilt(segments: Sequence[Segment]) -> Segment:
    return Segment.of(*_concatenated([segment.living() for segment in segments], segments[0].vectors.d))


def _concatenated(parts: Sequence[tuple[Vectors, Ids, Ids]], dimension: int) -> tuple[Vectors, Ids, Ids]:
    if not parts:
        return np.empty((0, dimension), np.float32), np.empty(0, np.int64), np.empty(0, np.int64)
    vectors, passages, documents = zip(*parts, strict=True)
    return np.concatenate(vectors), np.concatenate(passages), np.concatenate(documents)
