"""Segments of vectors: exact while small, an inverted file with exact re-scoring when large.

A flat segment holds its vectors as float16 in memory and compares all of them. A clustered one holds codes of
two bits a dimension in FAISS's inverted lists (Jégou et al. 2011); the best of what its nearest lists give is compared
again with the exact vectors, which stay on disk. How many lists are read is measured when it is built.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, cast

import faiss
import numpy as np
from numpy.typing import NDArray

from kbsearch.index.local.clustering import CHUNK, SPARE, clustered, lists_to_read, refilled
from kbsearch.index.local.partitions import living, rows_of
from kbsearch.index.local.segment_files import RowFile, new_name, read_arrays, sync, write_arrays
from kbsearch.index.vectors import Floats, Halves, Ids

Dead = NDArray[np.bool_]
Near = tuple[Ids, Floats]
"""Rows, each once, and their inner products with the best of the queries; in any order."""
Total = NDArray[np.float64]

_NONE: Near = (np.empty(0, np.int64), np.empty(0, np.float32))

_threads = threading.local()


@dataclass(frozen=True, slots=True)
class FlatSegment:
    """Exact: every living row is compared. ``total`` is the sum of the living rows' vectors."""

    name: str
    index: faiss.IndexScalarQuantizer
    passages: Ids
    documents: Ids
    dead: Dead
    dead_count: int
    total: Total

    @staticmethod
    def of(vectors: Halves, passages: Ids, documents: Ids, name: str | None = None) -> FlatSegment:
        """A segment of rows in any order; it holds them by document and passage."""
        order = np.lexsort((passages, documents))
        index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        index.add(np.ascontiguousarray(vectors[order], np.float32))
        dead = np.zeros(len(passages), np.bool_)
        return FlatSegment(
            name or new_name(), index, passages[order], documents[order], dead, 0, vectors.sum(axis=0, dtype=np.float64)
        )

    def with_dead(self, dead: Dead) -> Self:
        return replace(self, dead=dead, dead_count=int(dead.sum()), total=_total_without(self, dead))

    def save(self, folder: Path) -> list[str]:
        """Write its file where it is not written yet. Returns its name; removed rows are not noted in it."""
        path = folder / f"{self.name}.flat"
        if not path.exists():
            vectors = self.vectors(np.arange(rows_of(self)))
            write_arrays(path, {"vectors": vectors, "passages": self.passages, "documents": self.documents})
        return [path.name]

    def vectors(self, rows: Ids) -> Halves:
        """These rows, ascending; shape (len(rows), dimension)."""
        size = rows_of(self) * self.index.d * 2
        codes: NDArray[np.uint8] = faiss.rev_swig_ptr(self.index.codes.data(), size)
        return codes.view("<f2").reshape(-1, self.index.d)[rows]

    def candidates(self, queries: Floats, k: int) -> Near:
        """As nearest()."""
        return self.nearest(queries, k)

    def nearest(self, queries: Floats, k: int) -> Near:
        """At least the k rows nearest to each query, equals of the last included."""
        search_alone()
        wanted = min(k, living(self))
        if wanted <= 0:
            return _NONE
        parameters = self._parameters()
        similarities, rows = self.index.search(queries, min(wanted + 1, rows_of(self)), params=parameters)
        parts: list[Near] = []
        for one, (found, near) in enumerate(zip(rows, similarities, strict=True)):
            if len(found) > wanted and found[wanted] >= 0 and near[wanted] == near[wanted - 1]:
                # Equals beyond the end: the caller's order decides which of them count.
                radius = float(np.nextafter(near[wanted], np.float32(-2)))
                _, near, found = self.index.range_search(queries[one : one + 1], radius, params=parameters)
            parts.append((found, near))
        return _each_once(parts)

    def _parameters(self) -> faiss.SearchParameters | None:
        return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(_bits(self))) if self.dead_count else None


@dataclass(frozen=True, slots=True)
class ClusteredSegment:
    """Approximate candidates, exact scores. ``lists`` of the inverted lists are read for a query.

    ``total`` is the sum of the living rows' vectors.
    """

    name: str
    index: faiss.IndexIVF
    exact: RowFile
    passages: Ids
    documents: Ids
    dead: Dead
    dead_count: int
    lists: int
    total: Total

    def with_dead(self, dead: Dead) -> Self:
        return replace(self, dead=dead, dead_count=int(dead.sum()), total=_total_without(self, dead))

    def save(self, folder: Path) -> list[str]:
        """Write its files where they are not written yet. Returns their names; removed rows are not noted in them."""
        names = [f"{self.name}.{suffix}" for suffix in ("ids", "ivf", "vectors")]
        if not all((folder / name).exists() for name in names):
            _write_again(self, folder)
        return names

    def vectors(self, rows: Ids) -> Halves:
        """These rows, ascending; shape (len(rows), dimension)."""
        return self.exact.rows(rows)

    def nearest(self, queries: Floats, k: int) -> Near:
        """About the k rows nearest to the best of the queries."""
        wanted = min(k, living(self))
        if wanted <= 0:
            return _NONE
        rows, _ = self.candidates(queries, min(2 * wanted + SPARE, living(self)))
        rows = np.sort(rows)
        near: Floats = np.max(self.vectors(rows).astype(np.float32) @ queries.T, axis=1)
        best = np.argsort(-near, kind="stable")[:wanted]
        return rows[best], near[best]

    def candidates(self, queries: Floats, k: int) -> Near:
        """About the k rows nearest to each query, by their codes."""
        search_alone()
        selector = faiss.IDSelectorBitmap(_bits(self)) if self.dead_count else None
        parameters = faiss.SearchParametersIVF(sel=selector, nprobe=self.lists)
        similarities, rows = self.index.search(queries, min(k, living(self)), params=parameters)
        return _each_once(list(zip(rows, similarities, strict=True)))


DenseSegment = FlatSegment | ClusteredSegment


def search_alone() -> None:
    """One thread for each search of this thread: a second one can make a single query ten times slower.

    OpenMP keeps the number for each thread of the process apart, so once for all is not enough.
    """
    if not getattr(_threads, "alone", False):
        faiss.omp_set_num_threads(1)
        _threads.alone = True


def merged_flat(segments: Sequence[DenseSegment]) -> FlatSegment:
    """One exact segment of the living rows."""
    rows = [np.flatnonzero(~segment.dead) for segment in segments]
    vectors = np.concatenate([segment.vectors(some) for segment, some in zip(segments, rows, strict=True)])
    return FlatSegment.of(vectors, *_ids(segments, rows))


def merged_clustered(
    segments: Sequence[DenseSegment], folder: Path, threads: int, like: ClusteredSegment | None = None
) -> ClusteredSegment:
    """One clustered segment of the living rows, its files in ``folder``. Takes long: never within a change.

    Args:
        segments: what is merged.
        folder: made if missing.
        threads: how many the clustering may use.
        like: take over its lists and codes instead of training new ones.
    """
    faiss.omp_set_num_threads(threads)
    _threads.alone = False
    name = new_name()
    folder.mkdir(parents=True, exist_ok=True)
    rows = [np.flatnonzero(~segment.dead) for segment in segments]
    passages, documents = _ids(segments, rows)
    order = np.lexsort((passages, documents))
    owner = np.repeat(np.arange(len(segments)), [len(some) for some in rows])[order]
    place = np.concatenate(rows)[order]
    total: Total = np.zeros(segments[0].index.d)
    ids: dict[str, NDArray[Any]] = {"passages": passages[order], "documents": documents[order]}
    write_arrays(folder / f"{name}.ids", ids)  # first: it tells whose vectors the other files hold
    with (folder / f"{name}.vectors").open("wb") as file:
        for start in range(0, len(order), CHUNK):
            of, at = owner[start : start + CHUNK], place[start : start + CHUNK]
            chunk = np.empty((len(of), segments[0].index.d), np.float16)
            for number in range(len(segments)):
                mine = np.flatnonzero(of == number)
                chunk[mine] = segments[number].vectors(at[mine])
            file.write(chunk.tobytes())
            total += chunk.sum(axis=0, dtype=np.float64)
    mapped: Any = np.memmap(folder / f"{name}.vectors", "<f2", "r", shape=(len(order), segments[0].index.d))
    vectors: Halves = mapped
    index = clustered(vectors) if like is None else refilled(like.index, vectors)
    faiss.write_index(index, str(folder / f"{name}.ivf"))
    lists = lists_to_read(index, vectors) if like is None else like.lists
    write_arrays(folder / f"{name}.ids", {**ids, "lists": np.array([lists]), "total": total})
    for suffix in ("vectors", "ivf"):
        sync(folder / f"{name}.{suffix}")
    return cast(ClusteredSegment, open_segment(folder, name, segments[0].index.d))


def _write_again(segment: ClusteredSegment, folder: Path) -> None:
    """Write the files of an open segment anew: another process, whose snapshot names them not, has removed them."""
    count = rows_of(segment)
    total: Total = np.zeros(segment.index.d)
    partial = {suffix: folder / f".{segment.name}.{suffix}.{new_name()}" for suffix in ("vectors", "ivf", "ids")}
    with partial["vectors"].open("wb") as file:
        for start in range(0, count, CHUNK):
            chunk = segment.vectors(np.arange(start, min(start + CHUNK, count)))
            file.write(chunk.tobytes())
            total += chunk.sum(axis=0, dtype=np.float64)
    faiss.write_index(segment.index, str(partial["ivf"]))
    ids = {"passages": segment.passages, "documents": segment.documents, "total": total}
    write_arrays(partial["ids"], {**ids, "lists": np.array([segment.lists])})
    for suffix, path in partial.items():
        sync(path)
        path.rename(folder / f"{segment.name}.{suffix}")


def open_segment(folder: Path, name: str, dimension: int) -> DenseSegment:
    """Open a saved segment. A clustered one is mapped, its exact vectors are read as they are wanted.

    Raises OSError, ValueError, KeyError or RuntimeError where its files cannot be read.
    """
    if (folder / f"{name}.flat").exists():
        arrays = read_arrays(folder / f"{name}.flat")
        segment = FlatSegment.of(arrays["vectors"], arrays["passages"], arrays["documents"], name)
    else:
        arrays = read_arrays(folder / f"{name}.ids")
        index = faiss.read_index(str(folder / f"{name}.ivf"), faiss.IO_FLAG_MMAP_IFC)
        segment = ClusteredSegment(
            name,
            index,
            RowFile(folder / f"{name}.vectors", dimension),
            arrays["passages"],
            arrays["documents"],
            np.zeros(len(arrays["documents"]), np.bool_),
            0,
            int(arrays["lists"][0]),
            arrays["total"],
        )
    if segment.index.d != dimension or not segment.index.ntotal == len(segment.passages) == len(segment.documents):
        raise ValueError("vectors and ids do not belong together")
    return segment


def _each_once(parts: Sequence[Near]) -> Near:
    """What several queries found, each row with the highest of its inner products."""
    rows, near = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((-near, rows))
    rows, near = rows[order], near[order]
    first = (np.diff(rows, prepend=-1) != 0) & (rows >= 0)  # FAISS fills up with -1
    return rows[first], near[first]


def _ids(segments: Sequence[DenseSegment], rows: Sequence[Ids]) -> tuple[Ids, Ids]:
    return (
        np.concatenate([segment.passages[some] for segment, some in zip(segments, rows, strict=True)]),
        np.concatenate([segment.documents[some] for segment, some in zip(segments, rows, strict=True)]),
    )


def _total_without(segment: DenseSegment, dead: Dead) -> Total:
    """The sum of the vectors that are left when these rows, those removed before among them, are removed."""
    gone = segment.vectors(np.flatnonzero(dead & ~segment.dead))
    return segment.total - gone.sum(axis=0, dtype=np.float64)


def _bits(segment: DenseSegment) -> NDArray[np.uint8]:
    """The living rows as FAISS wants them: a bit a row."""
    return np.packbits(~segment.dead, bitorder="little")
