"""The store against the index: is what should be found in it, and nothing else?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from kbsearch.errors import SnapshotInvalid, StorageError
from kbsearch.index.port import Indexes
from kbsearch.model import Generation
from kbsearch.store import changes, documents, generations, integrity
from kbsearch.store.port import Read, Store

_CHANGES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    ``damage``: the store itself is not sound, a backup must be restored. ``unindexed``: sources without a document and
    documents without a source, a reindex mends it. ``index``: what is wrong with the snapshot, which is mended by
    throwing it away. ``documents`` and ``passages`` were compared.
    """

    damage: tuple[str, ...] = ()
    unindexed: int = 0
    index: str | None = None
    documents: int = 0
    passages: int = 0

    @property
    def is_sound(self) -> bool:
        return not self.damage and not self.unindexed and self.index is None


def check(store: Store, indexes: Indexes) -> Checked:
    """Compare the store with the newest snapshot of its index. Needs no model; a server may use the folder meanwhile.

    Args:
        store: the truth.
        indexes: keeps its index.
    """
    with store.read() as tx:
        try:
            damage = tuple(tx.damage())
            current = None if damage else generations.current(tx)
            if damage or current is None:
                return Checked(damage)
            unindexed = integrity.not_indexed(tx, current.id) + integrity.orphaned(tx, current.id)
            total, passages = documents.count(tx, current.id)
            return Checked((), unindexed, _wrong_with_index(tx, current, indexes), total, passages)
        except StorageError as error:
            return Checked((str(error),))


def throw_away_index(store: Store, indexes: Indexes) -> None:
    """Remove the snapshots of the current generation; the next start builds the index from the store."""
    with store.read() as tx:
        current = generations.current(tx)
    if current is not None:
        indexes.discard(current.id)


def _wrong_with_index(tx: Read, current: Generation, indexes: Indexes) -> str | None:
    """None as well where there is no snapshot: the next start makes one."""
    try:
        index = indexes.examine(current, changes.last(tx))
    except SnapshotInvalid as error:
        return str(error)
    if index is None:
        return None
    # What changed since is replayed at the next start.
    newer = set(_changed_since(tx, current, index.applied))
    entries = [entry for batch in documents.all_entries(tx, current.id) for entry in batch]
    stored = [entry for entry in entries if entry.document not in newer]
    held = index.contents()
    if _without(held.passages, newer) != {entry.document: len(entry.passages) for entry in stored if entry.passages}:
        return "its vectors are not those of the store"
    if _without(held.words, newer) != {entry.document: 1 for entry in stored if entry.terms is not None}:
        return "its words are not those of the store"
    return None


def _without(held: Counter[int], documents: set[int]) -> dict[int, int]:
    return {document: count for document, count in held.items() if document not in documents}


def _changed_since(tx: Read, generation: Generation, seq: int) -> Iterator[int]:
    """The documents of sources that changed after ``seq``."""
    while batch := changes.since(tx, seq, _CHANGES_AT_ONCE):
        sources = [source for _, source in batch]
        yield from (entry.document for entry in documents.entries_of(tx, generation.id, sources))
        seq = batch[-1][0]
