"""An inverted index of some documents, never changed: for each term the documents it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kbsearch.index.local.segment_files import new_name, read_arrays, write_arrays
from kbsearch.index.vectors import Ids
from kbsearch.text.term_counts import Counts, Hashes, unpacked

Rows = NDArray[np.uint32]

_POSTINGS_AT_ONCE = 4_000_000
_ARRAYS = ("documents", "lengths", "hashes", "starts", "rows", "counts")


@dataclass(frozen=True, slots=True)
class IndexedTerms:
    """A document's packed terms (see terms.packed) and how many words it has."""

    document: int
    length: int
    terms: bytes


@dataclass(frozen=True, slots=True)
class LexicalSegment:
    """Postings by term.

    Attributes:
        documents: the document of each row, ascending, shape (n,).
        lengths: its number of words, shape (n,).
        hashes: the terms, ascending, shape (t,).
        starts: term i has the postings starts[i] .. starts[i + 1], shape (t + 1,).
        rows: the row of each posting, ascending within a term.
        counts: the weighted count of each posting.
        dead: which rows are removed, shape (n,).
        total_length: words of the living rows together.
    """

    name: str
    documents: Ids
    lengths: Rows
    hashes: Hashes
    starts: Ids
    rows: Rows
    counts: Counts
    dead: NDArray[np.bool_]
    dead_count: int
    total_length: int

    @staticmethod
    def of(entries: Sequence[IndexedTerms]) -> LexicalSegment:
        """A segment of documents in any order."""
        ordered = sorted(entries, key=lambda entry: entry.document)
        terms = [unpacked(entry.terms) for entry in ordered]
        hashes = np.concatenate([np.empty(0, np.uint64), *(some for some, _ in terms)])
        counts = np.concatenate([np.empty(0, np.uint8), *(some for _, some in terms)])
        rows = np.repeat(np.arange(len(ordered), dtype=np.uint32), [len(some) for some, _ in terms])
        order = np.argsort(hashes, kind="stable")
        distinct, first = np.unique(hashes[order], return_index=True)
        return LexicalSegment.made(
            np.array([entry.document for entry in ordered], np.int64),
            np.array([entry.length for entry in ordered], np.uint32),
            distinct,
            np.append(first, len(hashes)).astype(np.int64),
            rows[order],
            counts[order],
        )

    @staticmethod
    def made(*arrays: NDArray[Any], name: str | None = None) -> LexicalSegment:
        """A segment of arrays that belong together, nothing removed."""
        documents, lengths, hashes, starts, rows, counts = arrays
        dead = np.zeros(len(documents), np.bool_)
        total = int(lengths.sum(dtype=np.int64))
        return LexicalSegment(name or new_name(), documents, lengths, hashes, starts, rows, counts, dead, 0, total)

    def with_dead(self, dead: NDArray[np.bool_]) -> LexicalSegment:
        total = int(self.lengths[~dead].sum(dtype=np.int64))
        return replace(self, dead=dead, dead_count=int(dead.sum()), total_length=total)

    def save(self, folder: Path) -> list[str]:
        """Write its file where it is not written yet. Returns its name; removed rows are not noted in it."""
        path = folder / f"{self.name}.terms"
        if not path.exists():
            write_arrays(path, {array: getattr(self, array) for array in _ARRAYS})
        return [path.name]

    def postings(self, hashes: Hashes) -> tuple[Ids, Ids]:
        """Where the postings of each term begin and end (exclusive); an empty span for an unknown term."""
        places = np.searchsorted(self.hashes, hashes)
        if not len(self.hashes):
            return places, places
        known = self.hashes[np.minimum(places, len(self.hashes) - 1)] == hashes
        starts = self.starts[places]
        return starts, np.where(known, self.starts[np.minimum(places + 1, len(self.hashes))], starts)

    def frequencies(self, hashes: Hashes) -> Ids:
        """In how many living documents each term stands."""
        starts, ends = self.postings(hashes)
        if not self.dead_count:
            return ends - starts
        return np.array(
            [int((~self.dead[self.rows[a:b]]).sum()) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)],
            np.int64,
        )


def merged(segments: Sequence[LexicalSegment]) -> LexicalSegment:
    """One segment of the living rows. Works through the terms in slices, so that little memory is needed."""
    alive = [np.flatnonzero(~segment.dead) for segment in segments]
    documents = np.concatenate([one.documents[rows] for one, rows in zip(segments, alive, strict=True)])
    lengths = np.concatenate([one.lengths[rows] for one, rows in zip(segments, alive, strict=True)])
    order = np.argsort(documents, kind="stable")
    placed = np.empty(len(order), np.uint32)
    placed[order] = np.arange(len(order), dtype=np.uint32)
    new_rows: list[Rows] = []  # for each segment: old row → new row; those of removed rows are not used
    start = 0
    for segment, rows in zip(segments, alive, strict=True):
        mapping = np.zeros(len(segment.documents), np.uint32)
        mapping[rows] = placed[start : start + len(rows)]
        new_rows.append(mapping)
        start += len(rows)
    slices = 1 + sum(len(segment.rows) for segment in segments) // _POSTINGS_AT_ONCE
    edges = np.array([(2**64 * i) // slices for i in range(slices)], np.uint64)
    parts = [_merged_slice(segments, new_rows, edges, i) for i in range(slices)]
    hashes, sizes, rows, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    return LexicalSegment.made(documents[order], lengths[order], hashes, starts, rows, counts)


def open_segment(folder: Path, name: str) -> LexicalSegment:
    """Open a saved segment, mapped if it is large. Raises OSError, ValueError, KeyError where it cannot be read."""
    arrays = read_arrays(folder / f"{name}.terms")
    segment = LexicalSegment.made(*(arrays[array] for array in _ARRAYS), name=name)
    whole = len(segment.documents) == len(segment.lengths) and len(segment.rows) == len(segment.counts)
    if not whole or len(segment.starts) != len(segment.hashes) + 1 or segment.starts[-1] != len(segment.rows):
        raise ValueError("terms and documents do not belong together")
    return segment


def _merged_slice(
    segments: Sequence[LexicalSegment], new_rows: Sequence[Rows], edges: Hashes, number: int
) -> tuple[Hashes, Ids, Rows, Counts]:
    """The terms of one range of hashes: (hashes, postings of each, rows, counts)."""
    parts: list[tuple[Hashes, Rows, Counts]] = []
    for segment, mapping in zip(segments, new_rows, strict=True):
        places = [*np.searchsorted(segment.hashes, edges).tolist(), len(segment.hashes)]
        first, last = places[number], places[number + 1]
        starts = segment.starts[first : last + 1]
        span = slice(int(starts[0]), int(starts[-1]))
        kept = ~segment.dead[segment.rows[span]]
        hashes = np.repeat(segment.hashes[first:last], np.diff(starts))[kept]
        parts.append((hashes, mapping[segment.rows[span]][kept], segment.counts[span][kept]))
    hashes, rows, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((rows, hashes))
    distinct, sizes = np.unique(hashes[order], return_counts=True)
    return distinct, sizes, rows[order], counts[order]
