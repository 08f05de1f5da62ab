"""Inner-product search over passages with FAISS, a partition for each tenant.

Exact while a partition is small; its large segments are clustered (see dense_segments).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kbsearch.index.dense_segments import (
    DenseSegment,
    FlatSegment,
    Floats,
    Halves,
    Near,
    merged_clustered,
    merged_flat,
)
from kbsearch.index.partitions import Ids, Partitions, living, span_rows, spans
from kbsearch.model import Scope, TenantId

_AT_ONCE = 2_048
_EXACT_ROWS = 4_096
_SECOND = 0.2


@dataclass(frozen=True, slots=True)
class DenseHit:
    """A passage found. ``similarity`` is the cosine, -1 .. 1."""

    passage: int
    document: int
    similarity: float


class DenseIndex:
    """All partitions of one generation.

    Args:
        dimension: length of the vectors.
        folder: where large segments keep their files. None: everything stays exact and in memory.
        exact_rows: segments of more rows are clustered.
        threads: how many the clustering may use.
    """

    def __init__(
        self, dimension: int, folder: Path | None = None, exact_rows: int = _EXACT_ROWS, threads: int = 1
    ) -> None:
        self._dimension = dimension
        self._folder = folder
        self._exact_rows = exact_rows
        self._threads = threads
        self.segments: Partitions[DenseSegment] = Partitions(self._merge, min(_AT_ONCE, exact_rows))

    @property
    def dimension(self) -> int:
        return self._dimension

    def __len__(self) -> int:
        """Living passages of all tenants."""
        return self.segments.rows()

    def replace(self, tenant: TenantId, removed: Sequence[int], vectors: Halves, passages: Ids, documents: Ids) -> None:
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
        added = FlatSegment.of(vectors, passages, documents) if len(passages) else None
        self.segments.replace(tenant, removed, added)

    def search(self, scope: Scope, queries: Floats, k: int) -> list[DenseHit]:
        """The k passages of the scope nearest to the best of the queries, nearest first.

        Ties are ordered by passage id. Fewer than k where the scope holds fewer.
        """
        segments = self.segments.of(scope)
        found = _nearest(segments, [segment.nearest(queries, k) for segment in segments], k)
        return [DenseHit(*hit) for hit in zip(*(column.tolist() for column in found), strict=True)]

    def candidates(self, scope: Scope, queries: Floats, k: int) -> set[int]:
        """Documents of the k passages nearest to the best of the queries, those of large segments by their codes.

        Cheaper than search() where every document found is compared exactly anyway, by similarities().
        """
        segments = self.segments.of(scope)
        _, documents, _ = _nearest(segments, [segment.candidates(queries, k) for segment in segments], k)
        return set(documents.tolist())

    def similarities(self, scope: Scope, queries: Floats, documents: Sequence[int]) -> dict[int, DenseHit]:
        """How near each document is: its best passage, and a little of its second best.

        One good passage may be chance, two are not: (best + 0.2 second) / 1.2 finds more than the best
        alone (docs/benchmarks.md). Documents out of scope or without passages are left out.
        """
        wanted = np.unique(np.asarray(documents, np.int64))
        parts = [_nearness(segment, queries, wanted) for segment in self.segments.of(scope)]
        if not parts:
            return {}
        passages, owners, cosines = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.lexsort((passages, -cosines, owners))
        passages, owners, cosines = passages[order], owners[order], cosines[order]
        best = np.flatnonzero(np.diff(owners, prepend=-1))
        ends = np.append(best[1:], len(owners))
        second = np.where(best + 1 < ends, best + 1, best)
        similarities = (cosines[best] + _SECOND * cosines[second]) / (1 + _SECOND)
        return {
            document: DenseHit(passage, document, similarity)
            for passage, document, similarity in zip(
                passages[best].tolist(), owners[best].tolist(), similarities.tolist(), strict=True
            )
        }

    def compact(self) -> bool:
        """Merge, and cluster where large, what is too large for that within a change. False: nothing to do."""
        return self.segments.compact()

    def _merge(self, segments: Sequence[DenseSegment]) -> DenseSegment:
        if self._folder is not None and sum(living(segment) for segment in segments) > self._exact_rows:
            return merged_clustered(segments, self._folder, self._threads)
        return merged_flat(segments)


def _nearest(segments: Sequence[DenseSegment], found: Sequence[Near], k: int) -> tuple[Ids, Ids, Floats]:
    """(passage, document, inner product) of the k nearest rows, ties by passage id."""
    if not segments:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
    pairs = list(zip(segments, found, strict=True))
    passages = np.concatenate([segment.passages[rows] for segment, (rows, _) in pairs])
    documents = np.concatenate([segment.documents[rows] for segment, (rows, _) in pairs])
    near = np.concatenate([similarities for _, (_, similarities) in pairs])
    best = np.lexsort((passages, -near))[:k]
    return passages[best], documents[best], near[best]


def _nearness(segment: DenseSegment, queries: Floats, documents: Ids) -> tuple[Ids, Ids, NDArray[np.float64]]:
    """(passage, document, cosine with the best query) of every living row of these documents."""
    rows = span_rows(*spans(segment, documents))
    rows = rows[~segment.dead[rows]]
    cosines: NDArray[np.float64] = np.max(segment.vectors(rows).astype(np.float64) @ queries.T, axis=1)
    # Rounded, since the last bits depend on how rows happen to lie together.
    return segment.passages[rows], segment.documents[rows], np.round(cosines, 6)
