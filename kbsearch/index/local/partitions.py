"""A partition of immutable segments for each tenant, as in Lucene and other log-structured merge trees.

A change marks removed documents in the segments that hold them and adds one small segment, then
swaps the partition's state in one assignment: searches take no lock and see one state. Small segments are
merged at once, so that their number stays logarithmic; merging large ones takes long and is left to
``compact``, which runs beside searches and changes.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from kbsearch.index.vectors import Ids
from kbsearch.model import Scope, TenantId

_GROWTH = 4
"""A segment is merged with a newer one that has at least a quarter of its rows."""

_REWRITE_SHARE = 0.25
"""Removed rows beyond this share of a segment are really dropped."""


class Segment(Protocol):
    """Rows of documents, sorted by document, some of them marked as removed. Never changed, only replaced."""

    @property
    def name(self) -> str:
        """Stays the same while rows are marked as removed: names the segment's files."""
        ...

    @property
    def documents(self) -> Ids:
        """The document of each row, ascending."""
        ...

    @property
    def dead(self) -> NDArray[np.bool_]:
        """Which rows are removed."""
        ...

    @property
    def dead_count(self) -> int: ...

    def with_dead(self, dead: NDArray[np.bool_]) -> Self: ...

    def save(self, folder: Path) -> list[str]:
        """Write its files where they are not written yet. Returns their names; removed rows are not noted in them."""
        ...


_S = TypeVar("_S", bound=Segment)


def rows_of(segment: Segment) -> int:
    return len(segment.documents)


def living(segment: Segment) -> int:
    """How many rows are not removed."""
    return len(segment.documents) - segment.dead_count


def spans(segment: Segment, documents: Ids) -> tuple[Ids, Ids]:
    """Where each document's rows begin and end (exclusive); an empty span for one that is not there."""
    return (
        np.searchsorted(segment.documents, documents, "left"),
        np.searchsorted(segment.documents, documents, "right"),
    )


def span_rows(starts: Ids, ends: Ids) -> Ids:
    """All rows of some spans, in order."""
    counts = ends - starts
    offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
    return offsets + np.arange(int(counts.sum()), dtype=np.int64)


def holds(rows: Ids, documents: Ids) -> bool:
    """Whether a segment's ``documents`` have any of these ids."""
    if not len(rows) or not len(documents):
        return False
    places = np.minimum(np.searchsorted(rows, documents), len(rows) - 1)
    return bool((rows[places] == documents).any())


def without(segment: _S, documents: Ids) -> _S:
    """The segment with the rows of these documents marked as removed."""
    gone = span_rows(*spans(segment, documents))
    if not len(gone) or segment.dead[gone].all():
        return segment
    dead = segment.dead.copy()
    dead[gone] = True
    return segment.with_dead(dead)


def marked_removed(segment: _S, removed: Mapping[str, NDArray[np.uint8]]) -> _S:
    """A saved segment with its rows marked that ``removed`` names, a bit a row, by the segment's name."""
    packed = removed.get(segment.name)
    if packed is None:
        return segment
    return segment.with_dead(np.unpackbits(packed, count=rows_of(segment)).astype(np.bool_))


class Partitions(Generic[_S]):
    """The segments of every tenant.

    Args:
        merge: makes one segment of the living rows of several; called without a lock by compact().
        at_once: a merge of at most so many rows is done within the change that asks for it.
    """

    def __init__(self, merge: Callable[[Sequence[_S]], _S], at_once: int) -> None:
        self._merge = merge
        self._at_once = at_once
        self._segments: dict[TenantId, tuple[_S, ...]] = {}
        self._change = threading.Lock()
        self._compacting = threading.Lock()
        self._changed: set[TenantId] = set()  # since compact() last looked at them

    def of(self, scope: Scope) -> list[_S]:
        """One state of the segments that a scope sees."""
        return [segment for tenant in scope.tenants for segment in self._segments.get(tenant, ())]

    def all(self) -> dict[TenantId, tuple[_S, ...]]:
        """One state of everything."""
        return dict(self._segments)

    def rows(self) -> int:
        """Living rows of all tenants."""
        return sum(living(segment) for segments in self.all().values() for segment in segments)

    def replace(self, tenant: TenantId, removed: Sequence[int], added: _S | None) -> None:
        """Drop whole documents and add a segment, in one step that searches see whole."""
        gone = np.unique(np.asarray(removed, np.int64))
        with self._change:
            segments = self._segments.get(tenant, ())
            if len(gone):
                segments = tuple(without(segment, gone) for segment in segments)
            if added is not None and rows_of(added):
                segments = (*segments, added)
            self._segments[tenant] = self._merged(segments)
            self._changed.add(tenant)

    def load(self, tenant: TenantId, segments: Sequence[_S]) -> None:
        """Take over a tenant's segments as they were saved."""
        with self._change:
            self._segments[tenant] = tuple(segments)
            self._changed.add(tenant)

    def exchange(self, tenant: TenantId, before: Sequence[_S], after: _S) -> bool:
        """Put one segment in the place of some; what was removed from them since is removed from it, too.

        False, and nothing changed, where one of them is no longer there.
        """
        with self._change:
            segments = self._segments.get(tenant, ())
            now = {segment.name: segment for segment in segments}
            if any(old.name not in now for old in before):
                return False
            gone = [now[old.name].documents[now[old.name].dead & ~old.dead] for old in before]
            after = without(after, np.unique(np.concatenate(gone)))
            names = {old.name for old in before}
            kept = [segment for segment in segments if segment.name not in names]
            place = next(i for i, segment in enumerate(segments) if segment.name in names)
            place = sum(segment.name not in names for segment in segments[:place])
            self._segments[tenant] = tuple(one for one in (*kept[:place], after, *kept[place:]) if living(one))
            return True

    def compact(self) -> bool:
        """Merge segments that are too large to merge within a change. False if there was nothing to do.

        Searches and changes go on meanwhile. One call does one merge of one tenant.
        """
        with self._compacting:
            while self._changed:
                tenant = next(iter(self._changed))
                chosen = next(self._overdue(self._segments[tenant]), None)
                if chosen is not None:
                    self.exchange(tenant, chosen, self._merge(chosen))
                    return True
                self._looked_at(tenant)
        return False

    def forget(self, documents: Ids) -> bool:
        """Rewrite each segment that has rows of these documents, removed ones too, without any row of theirs.

        Waits for a merge that is under way. False if there was no such segment.
        """
        with self._compacting:
            tenants = [tenant for tenant in self.all() if self._holding(tenant, documents) is not None]
            for tenant in tenants:
                self.replace(tenant, documents.tolist(), None)
                # Changes go on: one may merge a segment away while it is rewritten.
                while (segment := self._holding(tenant, documents)) is not None:
                    self.exchange(tenant, [segment], self._merge([segment]))
        return bool(tenants)

    def _holding(self, tenant: TenantId, documents: Ids) -> _S | None:
        """A segment with rows of these documents."""
        return next((one for one in self._segments.get(tenant, ()) if holds(one.documents, documents)), None)

    def _looked_at(self, tenant: TenantId) -> None:
        with self._change:
            if next(self._overdue(self._segments[tenant]), None) is None:
                self._changed.discard(tenant)

    def _merged(self, segments: Sequence[_S]) -> tuple[_S, ...]:
        """Drop removed rows where they are many, then merge the newest segments while small and of like size."""
        kept = [
            self._merge([segment]) if is_sparse(segment) and living(segment) <= self._at_once else segment
            for segment in segments
            if living(segment)
        ]
        while len(kept) > 1 and rows_of(kept[-2]) <= rows_of(kept[-1]) * _GROWTH:
            if living(kept[-2]) + living(kept[-1]) > self._at_once:
                break
            kept[-2:] = [self._merge(kept[-2:])]
        return tuple(kept)

    def _overdue(self, segments: Sequence[_S]) -> Iterator[list[_S]]:
        """Groups to merge in the background: two of like size, or one with many removed rows."""
        settled = self._at_once // (2 * _GROWTH)
        tiers: dict[int, list[_S]] = {}
        for segment in segments:
            if is_sparse(segment) and living(segment) > self._at_once:
                yield [segment]
            if rows_of(segment) > settled:
                tiers.setdefault(int(math.log(living(segment) / settled + 1, _GROWTH)), []).append(segment)
        for tier in sorted(tiers):
            if len(tiers[tier]) > 1:
                yield tiers[tier]


def rows_by_document(partitions: Partitions[_S]) -> Counter[int]:
    """How many living rows each document has."""
    counts: Counter[int] = Counter()
    for segments in partitions.all().values():
        for segment in segments:
            counts.update(segment.documents[~segment.dead].tolist())
    return counts


def is_sparse(segment: Segment) -> bool:
    """Whether so many rows are removed that the segment should be rewritten."""
    return segment.dead_count > rows_of(segment) * _REWRITE_SHARE
