"""The store against the index: is what should be found in it, and nothing else?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kbsearch.errors import SnapshotInvalid, StorageError
from kbsearch.index.local import snapshot
from kbsearch.index.local.partitions import Segment
from kbsearch.model import Generation
from kbsearch.store import changes, documents, generations, integrity
from kbsearch.store.database import Read, Store

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


def check(store: Store, folder: Path) -> Checked:
    """Compare the store with the newest snapshot of its index. Needs no model; a server may use the folder meanwhile.

    Args:
        store: the truth.
        folder: where snapshots are kept.
    """
    with store.read() as tx:
        try:
            damage = tuple(integrity.damage(tx))
            current = None if damage else generations.current(tx)
            if damage or current is None:
                return Checked(damage)
            unindexed = integrity.not_indexed(tx, current.id) + integrity.orphaned(tx, current.id)
            total, passages = documents.count(tx, current.id)
            return Checked((), unindexed, _wrong_with_index(tx, current, folder), total, passages)
        except StorageError as error:
            return Checked((str(error),))


def throw_away_index(store: Store, folder: Path) -> None:
    """Remove the snapshots of the current generation; the next start builds the index from the store."""
    with store.read() as tx:
        current = generations.current(tx)
    while current is not None and (path := snapshot.newest(folder, current.id)) is not None:
        snapshot.discard(path)


def _wrong_with_index(tx: Read, generation: Generation, folder: Path) -> str | None:
    """None as well where there is no snapshot: the next start makes one."""
    path = snapshot.newest(folder, generation.id)
    if path is None:
        return None
    try:
        dense, lexical, seq = snapshot.load(path, generation.model_id, generation.dimension)
    except SnapshotInvalid as error:
        return str(error)
    if seq > changes.last(tx):
        return f"{path}: it is newer than the store, which must have been restored"
    # What changed since is replayed at the next start.
    newer = set(_changed_since(tx, generation, seq))
    entries = [entry for batch in documents.all_entries(tx, generation.id) for entry in batch]
    stored = [entry for entry in entries if entry.document not in newer]
    wanted = Counter({entry.document: len(entry.passages) for entry in stored if entry.passages})
    if _rows(dense.segments.all().values(), newer) != wanted:
        return f"{path}: its vectors are not those of the store"
    words = Counter({entry.document: 1 for entry in stored if entry.terms is not None})
    if _rows(lexical.segments.all().values(), newer) != words:
        return f"{path}: its words are not those of the store"
    return None


def _rows(partitions: Iterable[Iterable[Segment]], left_out: set[int]) -> Counter[int]:
    """How many living rows each document has."""
    counts: Counter[int] = Counter()
    for segments in partitions:
        for segment in segments:
            counts.update(segment.documents[~segment.dead].tolist())
    for document in left_out:
        counts.pop(document, None)
    return counts


def _changed_since(tx: Read, generation: Generation, seq: int) -> Iterator[int]:
    """The documents of sources that changed after ``seq``."""
    while batch := changes.since(tx, seq, _CHANGES_AT_ONCE):
        sources = [source for _, source in batch]
        yield from (entry.document for entry in documents.entries_of(tx, generation.id, sources))
        seq = batch[-1][0]
