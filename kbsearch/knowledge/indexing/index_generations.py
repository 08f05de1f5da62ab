"""Which engine answers: opens it, follows a generation that another process switched to.

A process that cannot open the current generation stops answering: what it still has lacks the newest knowledge, and
"new" would be a wrong answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from kbsearch.embedding.embedder import Embedder
from kbsearch.errors import IndexNotOpen, KBSearchError, ModelMismatch, StorageError
from kbsearch.index.port import Indexes
from kbsearch.knowledge.indexing.documents import RECIPE
from kbsearch.knowledge.indexing.engine import Engine, open_engine
from kbsearch.model import Generation, GenerationState, Scope, TenantId, Vitals
from kbsearch.store import changes, documents, generations, tenants
from kbsearch.store.port import Read, Store, Write

_log = logging.getLogger(__name__)

_T = TypeVar("_T")
_P = TypeVar("_P")

LoadEmbedder = Callable[[str], Embedder]
"""Loads a model by name or folder; raises ModelNotLoadable."""

_OPENED_AGAIN_AFTER_S = 30.0
"""A generation that could not be opened is not tried again sooner: loading a model takes seconds of CPU."""

_READERS_MAY_LINGER = timedelta(minutes=10)
"""Requests that began with a generation may take so long after its retirement."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a generation could not be opened, and when (by the monotonic clock) it may be tried again."""

    generation: int
    error: IndexNotOpen
    again_at: float


@dataclass(frozen=True, slots=True)
class Prepared(Generic[_P]):
    """What was prepared to be written, and the engine whose generation it is for."""

    engine: Engine
    content: _P


class IndexGenerations:
    """Holds the engine of the current generation and swaps it in one assignment.

    Args:
        store: the truth.
        indexes: keeps the index of each generation.
        load_embedder: loads a model when a generation needs another one.
        model: the model that is configured, None to take what the data folder was indexed with.
        default_model: for a new data folder where none is configured.

    Raises:
        ModelNotLoadable, ModelMismatch: see there.
    """

    def __init__(
        self,
        store: Store,
        indexes: Indexes,
        load_embedder: LoadEmbedder,
        model: str | None,
        default_model: str,
    ) -> None:
        self._store = store
        self._indexes = indexes
        self._load_embedder = load_embedder
        self._swapping = threading.Lock()
        self._beside: Engine | None = None
        self._following: threading.Thread | None = None
        self._failure: _Failure | None = None
        self._revisions: dict[TenantId, int] = {}
        with store.read() as tx:
            current = generations.current(tx)
        if current is not None and model is not None and current.model != model:
            raise ModelMismatch(model, current.model)
        embedder = load_embedder(current.model if current else model or default_model)
        if current is None:
            current = self._first_generation(embedder)
        self._use = store.use_generation(current.id)
        self._engine = open_engine(store, indexes, current, embedder)

    def for_reading(self) -> Engine:
        """The engine, level with every change committed before the call.

        While another process's new generation is being opened, the one before goes on answering.

        Raises:
            IndexNotOpen: that generation cannot be opened.
        """
        engine = self._engine
        with self._store.read() as tx:
            current = generations.current_id(tx)
            last = changes.last(tx)
        if current != engine.generation.id:
            failure = self._failure
            if failure is None or failure.generation != current or failure.again_at <= time.monotonic():
                self._follow_in_background()
            if failure is not None and failure.generation == current:
                raise failure.error
        engine.catch_up_to(last, self._store)
        return engine

    def check_current(self) -> None:
        """Raises IndexNotOpen where this process cannot open the current generation."""
        with self._store.read() as tx:
            current = generations.current_id(tx)
        failure = self._failure
        if current != self._engine.generation.id and failure is not None and failure.generation == current:
            raise failure.error

    def follow(self) -> None:
        """Open the generation that another process switched to, if one did. Raises IndexNotOpen."""
        self.for_writing()

    def answered_revision(self, tx: Read, engine: Engine, tenant: TenantId, revision: int) -> int:
        """The revision that an answer of this engine holds at least.

        An engine of a retired generation lacks what other processes wrote since: its answers hold the revision that
        the last answer of the current generation had.

        Args:
            tx: the view of the store that the answer was made with.
            engine: the one that answered.
            tenant: who asked.
            revision: the tenant's in ``tx``.
        """
        if generations.current_id(tx) == engine.generation.id:
            self._revisions[tenant] = revision
            return revision
        return min(revision, self._revisions.get(tenant, 0))

    def for_writing(self) -> Engine:
        """The engine of the current generation; opens it first where another process switched.

        Raises:
            IndexNotOpen: it cannot be opened.
        """
        while True:
            with self._store.read() as tx:
                current = generations.current(tx)
            if current is None or current.id == self._engine.generation.id:
                return self._engine
            self._swap_to(current)

    def write(
        self,
        prepare: Callable[[Engine], _P],
        change: Callable[[Write, int, _P], _T | None],
        prepared: Prepared[_P] | None = None,
    ) -> _T:
        """Prepare outside any transaction, write in one, then let the index follow.

        Both are repeated if another process switches the generation between them, or if ``change`` finds that what was
        prepared is out of date. Returns what ``change`` returns.

        Args:
            prepare: embeds; called with the current engine.
            change: writes; called with the transaction, the generation's id and what was prepared. None: prepare again.
            prepared: what was prepared before the call, for the first attempt.
        """
        while True:
            if prepared is None:
                engine = self.for_writing()
                prepared = Prepared(engine, prepare(engine))
            engine, written = prepared.engine, None
            with self._store.write() as tx:
                current = generations.current(tx)
                if current is not None and current.id == engine.generation.id:
                    written = change(tx, current.id, prepared.content)
            if written is not None:
                engine.catch_up(self._store)
                return written
            prepared = None

    def revision(self, scope: Scope) -> int:
        with self._store.read() as tx:
            return tenants.revision(tx, scope)

    def caught_up_revision(self, tenant: TenantId) -> int:
        """The revision after a change that needed no new vectors, which the index has taken in."""
        self.for_writing().catch_up(self._store)
        return self.revision(Scope(tenant))

    def embedder_for(self, model: str) -> Embedder:
        """The loaded model if it is this one, else newly loaded."""
        embedder = self._engine.embedder
        return embedder if embedder.name == model else self._load_embedder(model)

    @contextmanager
    def opening_beside(self, embedder: Embedder) -> Generator[Callable[[Generation], None]]:
        """Opens a generation under construction, so that nobody waits for that when it becomes current.

        A snapshot is written as well: other processes open it from that. Raises StorageError if it cannot be written.
        """

        def open_beside(generation: Generation) -> None:
            try:
                engine = open_engine(self._store, self._indexes, generation, embedder)
                engine.save(self._indexes, self._store, at_least=0)
            except OSError as error:
                raise StorageError(f"the index of generation {generation.id} cannot be written: {error}") from error
            self._beside = engine

        try:
            yield open_beside
        finally:
            self._beside = None

    def adopt(self, generation: Generation) -> None:
        """Answer by a generation that this process has just built and switched to."""
        self._swap_to(generation)
        try:
            self._engine.save(self._indexes, self._store, at_least=0)
        except OSError as error:
            _log.warning("no snapshot was saved, the next start takes longer: %s", error)

    def close(self) -> None:
        """Let other processes drop the generation."""
        self._use.close()

    def vitals(self) -> Vitals:
        """The engine as it stands; it is not brought level for this."""
        engine = self._engine
        with self._store.read() as tx:
            last = changes.last(tx)
        return Vitals(*engine.index.size(), max(0, last - engine.index.applied))

    def needs_reindex(self) -> bool:
        """Whether the index was made by another version of the splitter or analyzer."""
        return self._engine.generation.recipe != RECIPE

    def compact(self) -> bool:
        """Merge segments of the index that grew too many. False: nothing to do."""
        return self._engine.index.compact()

    def save(self, at_least: int = 1) -> None:
        """Write a snapshot if so many changes came since the last one; drop those of gone generations."""
        self._engine.save(self._indexes, self._store, at_least)
        with self._store.read() as tx:
            live = generations.live(tx)
        self._indexes.keep_only(live)

    def drop_retired(self) -> None:
        """Drop generations that retired a while ago and that no process has open."""
        with self._store.write() as tx:
            old = generations.retired(tx, tx.now - _READERS_MAY_LINGER)
        for id in old:
            with self._store.unless_in_use(id) as free:
                finished = not free
                while not finished:
                    with self._store.write() as tx:
                        finished = generations.drop_some(tx, id)

    def forget_erased(self) -> bool:
        """Take what was erased out of the files of every generation. False while a file is being written.

        The current generation gets a new snapshot. Those of others are removed, and made again when they are needed.
        """
        clean = True
        for generation in self._indexes.saved():
            with self._store.read() as tx:
                erased = documents.erased(tx, generation)
            if self._indexes.holds_any(generation, erased):
                if generation == self._engine.generation.id:
                    self._engine.save(self._indexes, self._store, at_least=0)
                clean = self._indexes.erase(generation, erased) and clean
        return clean

    def _first_generation(self, embedder: Embedder) -> Generation:
        with self._store.write() as tx:
            current = generations.current(tx)  # another process may have been first
            if current is not None:
                return current
            return generations.create(
                tx, embedder.name, embedder.model_id, embedder.dimension, RECIPE, GenerationState.CURRENT
            )

    def _follow_in_background(self) -> None:
        if self._following is None or not self._following.is_alive():
            self._following = threading.Thread(target=self._follow, name="kbsearch-follow", daemon=True)
            self._following.start()

    def _follow(self) -> None:
        try:
            self.for_writing()
        except KBSearchError as error:
            _log.error("questions are answered with 503: %s", error)

    def _swap_to(self, generation: Generation) -> None:
        with self._swapping:
            if self._engine.generation.id == generation.id:
                return
            failure = self._failure
            if failure is not None and failure.generation == generation.id and failure.again_at > time.monotonic():
                raise failure.error
            use = self._store.use_generation(generation.id)
            try:
                engine = self._opened(generation)
            except Exception as error:
                use.close()
                reason = str(error) if isinstance(error, KBSearchError | OSError) else "an internal error, see the log"
                not_open = IndexNotOpen(generation.id, reason)
                self._failure = _Failure(generation.id, not_open, time.monotonic() + _OPENED_AGAIN_AFTER_S)
                raise not_open from error
            self._engine = engine
            self._failure = None
            self._use.close()
            self._use = use
            _log.info("index generation %d is current now", generation.id)

    def _opened(self, generation: Generation) -> Engine:
        engine = self._beside
        if engine is not None and engine.generation.id == generation.id:
            engine.catch_up(self._store)
            return engine
        return open_engine(self._store, self._indexes, generation, self.embedder_for(generation.model))
