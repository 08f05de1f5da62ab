"""Inner-product search over passages with FAISS, a partition for each tenant.

Exact while a partition is small; its large segments are clustered (see dense_segments).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kbsearch.index.local.dense_segments import (
    ClusteredSegment,
    DenseSegment,
    FlatSegment,
    Near,
    merged_clustered,
    merged_flat,
    open_segment,
)
from kbsearch.index.local.partitions import (
    Partitions,
    is_sparse,
    living,
    marked_removed,
    rows_by_document,
    span_rows,
    spans,
)
from kbsearch.index.local.segment_files import SEGMENTS
from kbsearch.index.vectors import Cosines, Floats, Halves, Ids, Numbers, centre, typicality
from kbsearch.model import Scope, TenantId

_AT_ONCE = 2_048
_EXACT_ROWS = 4_096


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

        Cheaper than search() where every document found is compared exactly anyway, by cosines().
        """
        segments = self.segments.of(scope)
        _, documents, _ = _nearest(segments, [segment.candidates(queries, k) for segment in segments], k)
        return set(documents.tolist())

    def cosines(self, scope: Scope, queries: Floats, documents: Sequence[int]) -> Cosines:
        """How near each passage of these documents is to each query; documents out of scope are left out."""
        wanted = np.unique(np.asarray(documents, np.int64))
        parts = [_cosines(segment, queries, wanted) for segment in self.segments.of(scope)]
        if not parts:
            none = np.empty(0, np.int64)
            return Cosines(none, none, np.empty((0, len(queries))))
        passages, owners, cosines = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.lexsort((passages, owners))
        return Cosines(passages[order], owners[order], cosines[order])

    def centre(self, scope: Scope) -> Numbers:
        """See vectors.centre()."""
        return centre(*self._total(scope))

    def typicality(self, scope: Scope, queries: Floats) -> float:
        """See vectors.typicality()."""
        total, count = self._total(scope)
        return typicality(total / max(1, count), queries)

    def _total(self, scope: Scope) -> tuple[Numbers, int]:
        """The sum of the scope's passages, and how many there are."""
        total, count = np.zeros(self._dimension), 0
        for segment in self.segments.of(scope):
            total += segment.total
            count += living(segment)
        return total, count

    @property
    def kind(self) -> str:
        return SEGMENTS

    def passages(self) -> Counter[int]:
        return rows_by_document(self.segments)

    def forget(self, documents: Ids) -> None:
        """Rewrite each segment with rows of these documents without them."""
        self.segments.forget(documents)

    def parts(self) -> dict[TenantId, tuple[DenseSegment, ...]]:
        """The segments, which a snapshot keeps."""
        return self.segments.all()

    def load(
        self, folder: Path, parts: Mapping[TenantId, Sequence[str]], removed: Mapping[str, NDArray[np.uint8]]
    ) -> None:
        """Take over the segments of a snapshot; see port.VectorIndex."""
        for tenant, names in parts.items():
            opened = [open_segment(folder, name, self._dimension) for name in names]
            self.segments.load(tenant, [marked_removed(one, removed) for one in opened])

    def compact(self) -> bool:
        """Merge, and cluster where large, what is too large for that within a change. False: nothing to do."""
        return self.segments.compact()

    def _merge(self, segments: Sequence[DenseSegment]) -> DenseSegment:
        if self._folder is not None and sum(living(segment) for segment in segments) > self._exact_rows:
            # Few rows fewer: the lists and codes are as good for those that are left.
            only = segments[0] if len(segments) == 1 and not is_sparse(segments[0]) else None
            like = only if isinstance(only, ClusteredSegment) else None
            return merged_clustered(segments, self._folder, self._threads, like)
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


def _cosines(segment: DenseSegment, queries: Floats, documents: Ids) -> tuple[Ids, Ids, Numbers]:
    """(passage, document, cosine with each query) of every living row of these documents."""
    rows = span_rows(*spans(segment, documents))
    rows = rows[~segment.dead[rows]]
    cosines = segment.vectors(rows).astype(np.float64) @ queries.T
    # Rounded, since the last bits depend on how rows happen to lie together.
    return segment.passages[rows], segment.documents[rows], np.round(cosines, 6)
