"""BM25F over the documents a scope sees, with statistics of that scope only (formulas: see index.bm25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kbsearch.index import bm25
from kbsearch.index.bm25 import LexicalMatch, LexicalQuery
from kbsearch.index.local.lexical_segments import IndexedTerms, LexicalSegment, merged, open_segment
from kbsearch.index.local.partitions import Partitions, living
from kbsearch.index.vectors import Ids
from kbsearch.model import Scope, TenantId
from kbsearch.text.term_counts import Hashes, term_hash

_AT_ONCE = 1_024
_MAPPED_FROM = 16_384
_MOST_POSTINGS = 100_000
"""Candidates are found by the rarest terms up to so many postings; the common terms then only count for candidates."""


class LexicalIndex:
    """The terms of all tenants' documents of one generation.

    Args:
        folder: where large segments keep their files, which are mapped. None: all is kept in memory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self.segments: Partitions[LexicalSegment] = Partitions(self._merge, _AT_ONCE)

    def __len__(self) -> int:
        """Living documents of all tenants."""
        return self.segments.rows()

    def replace(self, tenant: TenantId, removed: Sequence[int], added: Sequence[IndexedTerms]) -> None:
        """Drop documents and add others, in one step that searches see whole."""
        self.segments.replace(tenant, removed, LexicalSegment.of(added) if added else None)

    def view(self, scope: Scope) -> LexicalView:
        """One state of what the scope sees, for the length of a question."""
        return LexicalView(self.segments.of(scope))

    def compact(self) -> bool:
        """Merge what is too large to merge within a change. False: nothing to do."""
        return self.segments.compact()

    def _merge(self, segments: Sequence[LexicalSegment]) -> LexicalSegment:
        segment = merged(segments)
        if self._folder is None or len(segment.documents) < _MAPPED_FROM:
            return segment
        self._folder.mkdir(parents=True, exist_ok=True)
        segment.save(self._folder)
        return open_segment(self._folder, segment.name)


class LexicalView:
    """What a scope saw at one moment."""

    def __init__(self, segments: Sequence[LexicalSegment]) -> None:
        self._segments = segments

    def size(self) -> tuple[int, int]:
        """How many documents there are, and how many words they have together."""
        return sum(map(living, self._segments)), sum(segment.total_length for segment in self._segments)

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many documents each term stands; terms found nowhere are left out."""
        hashes = _hashes(terms)
        counts = np.zeros(len(terms), np.int64)
        for segment in self._segments:
            counts += segment.frequencies(hashes)
        return {term: count for term, count in zip(terms, counts.tolist(), strict=True) if count}

    def match(self, query: LexicalQuery, frequencies: Mapping[str, int]) -> Matching:
        """Look a query up. ``frequencies`` are those of its terms."""
        return Matching(self._segments, query, frequencies)


class Matching:
    """The documents that match a query.

    Postings of the rarest terms are added up for all documents; those of the most common ones, once the budget of
    postings is spent, are looked up for single documents only. So which documents are best() then follows the rare
    terms, while scores() are exact.
    """

    def __init__(self, segments: Sequence[LexicalSegment], query: LexicalQuery, frequencies: Mapping[str, int]) -> None:
        terms = sorted(query.weights, key=lambda term: (frequencies[term], term))
        counts = np.cumsum([frequencies[term] for term in terms])
        self._rare = max(1, int(np.searchsorted(counts, _MOST_POSTINGS, "right")))
        self._terms = terms
        self._weights = bm25.weights(query, terms)
        self._identifiers = [number for number, term in enumerate(terms) if term in query.identifiers]
        self._average_length = query.average_length
        hashes = _hashes(terms)
        self._parts = [(segment, *segment.postings(hashes)) for segment in segments]
        self._sums = [self._summed(*part) for part in self._parts]

    def best(self, k: int) -> list[int]:
        """The k documents with the highest scores by the terms that were added up, the best first, ties by id.

        Fewer where fewer match; k is at least 1.
        """
        best: list[tuple[float, int]] = []
        for (segment, _, _), sums in zip(self._parts, self._sums, strict=True):
            rows = _highest(sums, k)
            best += zip((-sums[rows]).tolist(), segment.documents[rows].tolist(), strict=True)
        return [document for _, document in sorted(best)[:k]]

    def scores(self, documents: Sequence[int]) -> dict[int, LexicalMatch]:
        """Each document's match; those that are not there are left out."""
        wanted = np.unique(np.asarray(documents, np.int64))
        found: dict[int, LexicalMatch] = {}
        for part, sums in zip(self._parts, self._sums, strict=True):
            rows = _rows(part[0], wanted)
            common = self._brought(range(self._rare, len(self._weights)), part, rows)
            scores = np.add.reduce(np.concatenate([sums[rows][None], common]), axis=0)
            identifiers = np.count_nonzero(self._counts(self._identifiers, part, rows), axis=0)
            for document, score, count in zip(
                part[0].documents[rows].tolist(), scores.tolist(), identifiers.tolist(), strict=True
            ):
                found[document] = LexicalMatch(score, count)
        return found

    def contributions(self, documents: Sequence[int]) -> dict[int, dict[str, float]]:
        """How much of each document's score each term brings; terms that bring nothing are left out."""
        wanted = np.unique(np.asarray(documents, np.int64))
        found: dict[int, dict[str, float]] = {}
        for part in self._parts:
            rows = _rows(part[0], wanted)
            brought = self._brought(range(len(self._terms)), part, rows)
            for document, scores in zip(part[0].documents[rows].tolist(), brought.T.tolist(), strict=True):
                found[document] = {term: score for term, score in zip(self._terms, scores, strict=True) if score}
        return found

    def _brought(self, some: Sequence[int], part: tuple[LexicalSegment, Ids, Ids], rows: Ids) -> NDArray[np.float64]:
        """What some of the terms bring each row, shape (len(some), len(rows))."""
        weights = self._weights[np.asarray(some, np.int64)][:, None]
        counts = self._counts(some, part, rows)
        return bm25.saturated(weights, counts, part[0].lengths[rows], self._average_length)

    def _counts(self, some: Sequence[int], part: tuple[LexicalSegment, Ids, Ids], rows: Ids) -> NDArray[np.uint8]:
        """How often some of the terms stand in each row, shape (len(some), len(rows))."""
        segment, starts, ends = part
        counts = np.zeros((len(some), len(rows)), np.uint8)
        wanted = rows.astype(np.uint32)  # of the same type, else the whole list is converted
        for place, number in enumerate(some):
            first, end = int(starts[number]), int(ends[number])
            if first < end:
                postings = segment.rows[first:end]
                at = np.minimum(postings.searchsorted(wanted), end - first - 1)
                counts[place] = np.where(postings[at] == wanted, segment.counts[first:end][at], 0)
        return counts

    def _summed(self, segment: LexicalSegment, starts: Ids, ends: Ids) -> NDArray[np.float64]:
        """The score of each row by the rarest terms; 0 for removed rows."""
        spans = list(zip(starts[: self._rare].tolist(), ends[: self._rare].tolist(), strict=True))
        rows = np.concatenate([np.empty(0, np.uint32), *(segment.rows[a:b] for a, b in spans)])
        counts = np.concatenate([np.empty(0, np.uint8), *(segment.counts[a:b] for a, b in spans)])
        weights = np.repeat(self._weights[: self._rare], ends[: self._rare] - starts[: self._rare])
        added = bm25.saturated(weights, counts, segment.lengths[rows], self._average_length)
        sums = np.bincount(rows, added, minlength=len(segment.documents)).astype(np.float64, copy=False)
        if segment.dead_count:
            sums[segment.dead] = 0.0
        return sums


def _hashes(terms: Sequence[str]) -> Hashes:
    return np.array([term_hash(term) for term in terms], np.uint64)


def _highest(sums: NDArray[np.float64], k: int) -> Ids:
    """The places of the k highest positive values, and of those equal to the last of them."""
    least = 0.0
    if len(sums) > k:
        least = float(np.partition(sums, len(sums) - k)[len(sums) - k])
    return np.flatnonzero((sums >= least) & (sums > 0))


def _rows(segment: LexicalSegment, wanted: Ids) -> Ids:
    """The living rows of those of the documents, ascending, that the segment has."""
    places = np.minimum(np.searchsorted(segment.documents, wanted), len(segment.documents) - 1)
    return places[(segment.documents[places] == wanted) & ~segment.dead[places]]
