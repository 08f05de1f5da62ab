"""The batch reindex: a new generation beside the old one, then an atomic switch.

Building is replaying: the store notes the last change of every source, so taking in all changes
from the first to the last builds an index, and whatever is written meanwhile comes up as newer changes. How
far a build got is committed with each batch, so that it goes on after kill -9.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kbsearch.embedding.embedder import Embedder
from kbsearch.knowledge.indexing.documents import RECIPE, PassageVectors, SourceText, current_texts, prepare
from kbsearch.knowledge.indexing.pace import Pace
from kbsearch.knowledge.indexing.pipeline import batched, in_order
from kbsearch.model import Generation, GenerationState, IndexedDocument
from kbsearch.store import changes, documents, generations
from kbsearch.store.port import Read, Store, Write

_log = logging.getLogger(__name__)

Progress = Callable[[int, int, float | None], bool]
"""Told (done, total) documents and the seconds left, None while nobody knows; answers True to stop."""

_AT_ONCE = 128
_LAST_FEW = 8
_CATCH_UP_ROUNDS = 20
_COUNTED_EVERY_S = 5.0
_COUNTING_SHARE = 50  # a count that takes long comes again after so many times its own time


@dataclass(frozen=True, slots=True)
class _Change:
    """``text`` is None for a source that is not in the index any more."""

    seq: int
    text: SourceText | None


_Batch = list[_Change]


class Cancelled(Exception):
    """The reindex was asked to stop. What it built stays for the next one to go on from."""


def build(
    store: Store,
    embedder: Embedder,
    progress: Progress,
    open_beside: Callable[[Generation], None],
    clock: Callable[[], float] = time.monotonic,
) -> Generation:
    """Build a generation with this model and switch to it.

    Args:
        store: the truth; queries and writes go on meanwhile.
        embedder: makes the vectors; those the store already has for a text are used again.
        progress: called after each batch.
        open_beside: called once before the switch, when hardly any changes are left: opening takes its time.
        clock: seconds that never go back, for the time left.

    Raises:
        Cancelled: progress answered True. What was in work by then is kept.
    """
    generation = _begun(store, embedder)
    started = clock()
    so_far = _SoFar(store, generation, clock)
    _log.info(
        "generation %d with %s: %d documents taken over from an earlier run",
        generation.id,
        embedder.model_id,
        so_far.done,
    )
    vectors = PassageVectors(store)
    stop = threading.Event()
    rounds = 0
    while True:
        at_once = _AT_ONCE if rounds < _CATCH_UP_ROUNDS else _LAST_FEW

        def prepared(batch: _Batch, abandoned: threading.Event) -> list[IndexedDocument]:
            return prepare(vectors, embedder, [change.text for change in batch if change.text], abandoned)

        for batch, ready in in_order(batched(_changes(store, generation, at_once), _size), prepared, stop):
            _take_in(store, generation, batch, ready)
            vectors.forget(embedder, ready)
            so_far.took(batch)
            if not stop.is_set() and progress(so_far.done, so_far.total, so_far.seconds_left()):
                stop.set()
        if stop.is_set():
            raise Cancelled
        if not rounds:
            open_beside(generation)
        # Nearly level: from here on each round is a chance to switch.
        rounds += 1
        so_far.count()
        if progress(so_far.done, so_far.total, so_far.seconds_left()):
            raise Cancelled
        if _switched(store, embedder, generation.id, wait_for_writers=rounds > _CATCH_UP_ROUNDS):
            _log.info("generation %d answers from now on (%.1f s)", generation.id, clock() - started)
            return generation


def _begun(store: Store, embedder: Embedder) -> Generation:
    """The generation that a killed run left unfinished if it suits, else a new one."""
    with store.write() as tx:
        unfinished = generations.building(tx)
        while unfinished is not None:
            if unfinished.model_id == embedder.model_id and unfinished.recipe == RECIPE:
                return unfinished
            generations.abandon(tx, unfinished.id)
            unfinished = generations.building(tx)
        return generations.create(
            tx, embedder.name, embedder.model_id, embedder.dimension, RECIPE, GenerationState.BUILDING
        )


class _SoFar:
    """How far a build is: ``done`` of ``total`` documents, and the time left by the size of their texts."""

    def __init__(self, store: Store, generation: Generation, clock: Callable[[], float]) -> None:
        self._store = store
        self._generation = generation
        self._clock = clock
        self._pace = Pace()
        self._size = 0.0
        self.count()
        with store.read() as tx:
            self._whole_size = changes.size_since(tx, _covered(tx, generation.id))
        self._pace.seconds_left(clock(), 0.0, self._whole_size)

    def count(self) -> None:
        """Count again. It looks up each change, so it is not done for each batch."""
        started = self._clock()
        with self._store.read() as tx:
            self.total = changes.documents_since(tx, 0)
            self.done = self.total - changes.documents_since(tx, _covered(tx, self._generation.id))
        self._count_again_at = self._clock() + max(_COUNTED_EVERY_S, _COUNTING_SHARE * (self._clock() - started))

    def took(self, batch: _Batch) -> None:
        self._size += sum(change.text.size for change in batch if change.text)
        self.done = min(self.done + sum(change.text is not None for change in batch), self.total)
        if self._clock() > self._count_again_at:
            self.count()

    def seconds_left(self) -> float | None:
        if self.done >= self.total:
            return 0.0
        return self._pace.seconds_left(self._clock(), self._size, max(self._whole_size, self._size))


def _covered(tx: Read, generation: int) -> int:
    """The last change that the generation has taken in."""
    fresh = generations.get(tx, generation)
    return fresh.covered if fresh else 0


def _changes(store: Store, generation: Generation, at_once: int) -> Iterator[_Change]:
    """The changes that a build has not taken in, with their texts, until hardly any are left."""
    with store.read() as tx:
        after = _covered(tx, generation.id)
    while True:
        with store.read() as tx:
            some = changes.since(tx, after, at_once)
            texts = current_texts(tx, [source for _, source in some])
        yield from (_Change(seq, texts.get(source)) for seq, source in some)
        if len(some) < at_once:
            return
        after = some[-1][0]


def _size(change: _Change) -> int:
    return change.text.size if change.text else 0


def _take_in(store: Store, generation: Generation, batch: _Batch, prepared: Sequence[IndexedDocument]) -> None:
    with store.write() as tx:
        # Gone or changed since it was read: a newer change brings it up again.
        there = current_texts(tx, [document.source for document in prepared])
        for document in prepared:
            if document.source in there:
                documents.put(tx, generation.id, document)
        generations.cover(tx, generation.id, batch[-1].seq)


def _switched(store: Store, embedder: Embedder, generation: int, wait_for_writers: bool) -> bool:
    """Switch if the build has every change. Under endless writes, embed the last few while writers wait."""
    with store.write() as tx:
        if not _is_level(tx, generation):
            if not wait_for_writers:
                return False
            batch = changes.since(tx, _covered(tx, generation), 4 * _LAST_FEW)
            texts = current_texts(tx, [source for _, source in batch])
            for document in prepare(PassageVectors(store), embedder, list(texts.values())):
                documents.put(tx, generation, document)
            generations.cover(tx, generation, batch[-1][0])
            if not _is_level(tx, generation):
                return False
        generations.activate(tx, generation)
        return True


def _is_level(tx: Write, generation: int) -> bool:
    return _covered(tx, generation) >= changes.last(tx)
