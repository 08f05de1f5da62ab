"""The batch reindex: a new generation beside the old one, then an atomic switch.

Building is replaying: the store notes the last change of every source, so taking in all changes
from the first to the last builds an index, and whatever is written meanwhile comes up as newer changes. How
far a build got is committed with each batch, so that it goes on after kill -9.
"""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from kbsearch.embedding.embedder import Embedder
from kbsearch.errors import AlreadyRunning
from kbsearch.knowledge.documents import RECIPE, current_text, prepare
from kbsearch.model import Generation, GenerationState
from kbsearch.store import changes, documents, generations
from kbsearch.store.columns import time_text
from kbsearch.store.database import Store, Write

_log = logging.getLogger(__name__)

Progress = Callable[[int, int], bool]
"""Told (done, total) documents; answers True to stop."""

_BATCH = 32
_LAST_FEW = 8
_CATCH_UP_ROUNDS = 20
_READERS_MAY_LINGER = timedelta(minutes=10)


class Cancelled(Exception):
    """The reindex was asked to stop. What it built stays for the next one to go on from."""


@contextmanager
def only_one(data_folder: Path) -> Generator[None]:
    """One reindex at a time on a data folder, over all processes; a killed one holds nothing."""
    with (data_folder / "reindex.lock").open("w") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning from None
        yield


def build(store: Store, embedder: Embedder, progress: Progress) -> Generation:
    """Build a generation with this model and switch to it.

    Args:
        store: the truth; queries and writes go on meanwhile.
        embedder: makes the vectors; those the store already has for a text are used again.
        progress: called after each batch.

    Raises:
        Cancelled: progress answered True.
    """
    generation = _begun(store, embedder)
    started, done_before = time.monotonic(), _covered(store, generation)[0]
    _log.info(
        "generation %d with %s: %d documents taken over from an earlier run",
        generation.id,
        embedder.model_id,
        done_before,
    )
    rounds = 0
    while True:
        batch_size = _BATCH if rounds < _CATCH_UP_ROUNDS else _LAST_FEW
        taken = _take_in(store, embedder, generation.id, batch_size)
        done, total = _covered(store, generation)
        if progress(done, total):
            raise Cancelled
        if taken < batch_size:
            # Nearly level: from here on each round is a chance to switch.
            rounds += 1
            if _switched(store, embedder, generation.id, wait_for_writers=rounds > _CATCH_UP_ROUNDS):
                _log.info("generation %d answers from now on (%.1f s)", generation.id, time.monotonic() - started)
                return generation


def drop_retired(store: Store) -> None:
    """Drop generations that retired long enough ago for every process to have left them."""
    with store.write() as tx:
        old = generations.retired(tx, time_text(tx.now - _READERS_MAY_LINGER) or "")
    for id in old:
        finished = False
        while not finished:
            with store.write() as tx:
                finished = generations.drop_some(tx, id)


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


def _covered(store: Store, generation: Generation) -> tuple[int, int]:
    """(done, total) documents."""
    with store.read() as tx:
        fresh = generations.get(tx, generation.id)
        total = changes.count_since(tx, 0)
        return total - changes.count_since(tx, fresh.covered if fresh else 0), total


def _take_in(store: Store, embedder: Embedder, generation: int, limit: int) -> int:
    """Replay some changes. Returns how many there were."""
    with store.read() as tx:
        fresh = generations.get(tx, generation)
        batch = changes.since(tx, fresh.covered if fresh else 0, limit)
        texts = [text for _, source in batch if (text := current_text(tx, source)) is not None]
    if not batch:
        return 0
    prepared = prepare(store, embedder, texts)
    with store.write() as tx:
        for document in prepared:
            # Gone or changed since it was read: a newer change brings it up again.
            if current_text(tx, document.source) is not None:
                documents.put(tx, generation, document)
        generations.cover(tx, generation, batch[-1][0])
    return len(batch)


def _switched(store: Store, embedder: Embedder, generation: int, wait_for_writers: bool) -> bool:
    """Switch if the build has every change. Under endless writes, embed the last few while writers wait."""
    with store.write() as tx:
        if not _is_level(tx, generation):
            if not wait_for_writers:
                return False
            fresh = generations.get(tx, generation)
            batch = changes.since(tx, fresh.covered if fresh else 0, 4 * _LAST_FEW)
            texts = [text for _, source in batch if (text := current_text(tx, source)) is not None]
            for document in prepare(store, embedder, texts):
                documents.put(tx, generation, document)
            generations.cover(tx, generation, batch[-1][0])
            if not _is_level(tx, generation):
                return False
        generations.activate(tx, generation)
        return True


def _is_level(tx: Write, generation: int) -> bool:
    fresh = generations.get(tx, generation)
    return fresh is not None and fresh.covered >= changes.last(tx)
