"""The port of the index: all that the service asks of one. ``index.local`` stands behind it.

An index holds the documents of one generation: their words, and the vectors of their passages. It is a copy of what
the store has, so it may be thrown away and built again. tests/index/test_port.py checks its contract for each adapter:

- What it answers for a scope depends on the documents of that scope's tenants only.
- It takes in changes in order, each whole: a search sees a document as it was before a change or after it.
- Taking in the same change again changes nothing.
- Searches may run beside each other, and beside changes, compaction and saving. Changes come one at a time.
- Evidence for given documents is exact. Which documents are candidates may be approximate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kbsearch.index.bm25 import LexicalMatch, LexicalQuery
from kbsearch.index.vectors import Cosines, Floats, Halves, Ids, Numbers
from kbsearch.model import Generation, IndexEntry, Scope, TenantId


class Matching(Protocol):
    """The documents of a scope that match a query by words."""

    def best(self, k: int) -> list[int]:
        """About the k documents with the highest scores, the best first, ties by id; k is at least 1."""
        ...

    def scores(self, documents: Sequence[int]) -> dict[int, LexicalMatch]:
        """Each document's exact match; documents out of scope are left out."""
        ...

    def contributions(self, documents: Sequence[int]) -> dict[int, dict[str, float]]:
        """How much of each document's score each term brings; terms that bring nothing are left out."""
        ...


class Vocabulary(Protocol):
    """The words of a scope at one moment."""

    def size(self) -> tuple[int, int]:
        """How many documents there are, and how many words they have together."""
        ...

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many documents each term stands; terms found nowhere are left out."""
        ...

    def match(self, query: LexicalQuery, frequencies: Mapping[str, int]) -> Matching:
        """Look a query up. ``frequencies`` are those of its terms."""
        ...


@dataclass(frozen=True, slots=True)
class Contents:
    """What an index holds, for comparison with the store.

    ``passages``: how many vectors each document has, documents without one left out. ``words``: the documents whose
    words are held.
    """

    passages: Counter[int]
    words: Counter[int]


class Index(Protocol):
    """The documents of one generation."""

    @property
    def applied(self) -> int:
        """The last change that it holds. It may hold parts of later ones already."""
        ...

    @property
    def saved(self) -> int:
        """The last change that its newest snapshot holds; 0 where there is none."""
        ...

    def vocabulary(self, scope: Scope) -> Vocabulary: ...

    def candidates(self, scope: Scope, queries: Floats, k: int) -> set[int]:
        """Documents of about the k passages nearest to the best of the queries, shape (queries, dimension)."""
        ...

    def cosines(self, scope: Scope, queries: Floats, documents: Sequence[int]) -> Cosines:
        """How near each passage of these documents is to each query; documents out of scope are left out."""
        ...

    def centre(self, scope: Scope) -> Numbers:
        """See vectors.centre(); shape (dimension,)."""
        ...

    def typicality(self, scope: Scope, queries: Floats) -> float:
        """See vectors.typicality()."""
        ...

    def take_in(self, entries: Sequence[IndexEntry], last: int) -> None:
        """Replace these documents by what their entries hold. ``last`` is the change that it then holds."""
        ...

    def forget(self, documents: Collection[int]) -> None:
        """Leave nothing of erased documents in memory, not even what is marked as removed."""
        ...

    def compact(self) -> bool:
        """Do some of the work that keeps searches fast. False: there was nothing to do."""
        ...

    def size(self) -> tuple[int, int]:
        """How many documents and passages it holds, all tenants together."""
        ...

    def contents(self) -> Contents: ...

    def save(self) -> int:
        """Write a snapshot. Returns the last change that it holds. Raises OSError."""
        ...


class Indexes(Protocol):
    """Makes, opens and keeps the indexes of generations."""

    def create(self, generation: Generation) -> Index:
        """An empty index, which replaces nothing until it is saved."""
        ...

    def open(self, generation: Generation, last_change: Callable[[], int]) -> Index | None:
        """The index as it was saved; None where there is no sound snapshot. Unsound ones are removed.

        Args:
            generation: whose index it is.
            last_change: the store's last change: a snapshot that is newer belongs to another store.
        """
        ...

    def examine(self, generation: Generation, last_change: int) -> Index | None:
        """As open(), for a check: nothing is removed.

        Raises:
            SnapshotInvalid: the newest snapshot is damaged, incomplete, or not of this store and model.
        """
        ...

    def discard(self, generation: int) -> None:
        """Remove the snapshots of a generation: the next start builds it from the store."""
        ...

    def saved(self) -> list[int]:
        """The generations of which anything is kept on disk."""
        ...

    def keep_only(self, generations: Collection[int]) -> None:
        """Remove what is kept of all other generations."""
        ...

    def holds_any(self, generation: int, documents: Collection[int]) -> bool:
        """Whether anything that is kept of a generation may hold these documents."""
        ...

    def erase(self, generation: int, documents: Collection[int]) -> bool:
        """Remove what is kept of these documents; snapshots that hold them go as well.

        Returns:
            False while something cannot be read that another process may be writing.
        """
        ...


class SavedSegment(Protocol):
    """A part of a vector index that a snapshot keeps. Its files are written once and never changed."""

    @property
    def name(self) -> str: ...

    @property
    def dead(self) -> NDArray[np.bool_]:
        """Which rows are removed."""
        ...

    @property
    def dead_count(self) -> int: ...

    def save(self, folder: Path) -> list[str]:
        """Write its files where they are not written yet. Returns their names."""
        ...


class VectorIndex(Protocol):
    """The vectors of one generation: the half of an index that can be exchanged by itself."""

    @property
    def kind(self) -> str:
        """Names where the vectors are kept: a snapshot belongs to one kind."""
        ...

    def replace(self, tenant: TenantId, removed: Sequence[int], vectors: Halves, passages: Ids, documents: Ids) -> None:
        """Drop whole documents and add passages, in one step that searches see whole.

        Args:
            tenant: whose passages they are.
            removed: ids of the documents whose passages go.
            vectors: unit vectors, shape (n, dimension).
            passages: passage ids, shape (n,).
            documents: the document of each passage, shape (n,).
        """
        ...

    def candidates(self, scope: Scope, queries: Floats, k: int) -> set[int]: ...

    def cosines(self, scope: Scope, queries: Floats, documents: Sequence[int]) -> Cosines: ...

    def centre(self, scope: Scope) -> Numbers: ...

    def typicality(self, scope: Scope, queries: Floats) -> float: ...

    def passages(self) -> Counter[int]:
        """How many passages each document has."""
        ...

    def __len__(self) -> int:
        """Passages of all tenants."""
        ...

    def compact(self) -> bool: ...

    def forget(self, documents: Ids) -> None: ...

    def parts(self) -> Mapping[TenantId, Sequence[SavedSegment]]:
        """What a snapshot must keep, by tenant; nothing where the vectors are kept elsewhere."""
        ...

    def load(
        self, folder: Path, parts: Mapping[TenantId, Sequence[str]], removed: Mapping[str, NDArray[np.uint8]]
    ) -> None:
        """Take over what a snapshot kept.

        Args:
            folder: where the files are.
            parts: names of segments, by tenant.
            removed: which rows of a segment are removed, a bit a row, by its name; nothing for one without such rows.

        Raises:
            OSError, ValueError, KeyError, RuntimeError: the files cannot be read.
        """
        ...


OpenVectors = Callable[[Generation, Path], VectorIndex]
"""Gives the empty vector index of a generation; large segments may keep files in the folder."""
