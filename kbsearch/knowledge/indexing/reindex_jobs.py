"""Reindexing, in the foreground or as a job."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Collection
from contextlib import nullcontext, suppress

from kbsearch.errors import AlreadyRunning, InvalidInput, KBSearchError, NotFound
from kbsearch.knowledge.indexing import reindex as reindexing
from kbsearch.knowledge.indexing.index_generations import IndexGenerations
from kbsearch.model import Generation, Job, JobState
from kbsearch.store import jobs
from kbsearch.store.port import Store

_log = logging.getLogger(__name__)

_NOTED_EVERY_S = 0.5
_WORK = "reindex"


class ReindexJobs:
    """Rebuilds the index. Part of the KnowledgeBase."""

    def __init__(self, store: Store, generations: IndexGenerations, offered: Collection[str] | None = None) -> None:
        self._offered = offered
        self._store = store
        self._generations = generations
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._job = ""
        self._starting = threading.Lock()
        self._rebuilt_outdated = False

    def run(self, model: str | None = None, progress: reindexing.Progress | None = None) -> Generation:
        """Rebuild the index, with another model if one is named, and switch to it.

        Goes on where a killed run stopped. Raises AlreadyRunning, ModelNotLoadable, reindexing.Cancelled.
        """
        with self._store.alone(_WORK):
            embedder = self._generations.embedder_for(model or self._generations.for_writing().generation.model)
            self._generations.drop_retired()
            with self._generations.opening_beside(embedder) as open_beside:
                progress = progress or (lambda done, total, seconds_left: False)
                generation = reindexing.build(self._store, embedder, progress, open_beside)
                self._generations.adopt(generation)
            return generation

    def start(self, model: str | None = None) -> str:
        """Run run() in the background. Returns the job's id.

        Raises:
            InvalidInput: the model is not among those offered.
            AlreadyRunning: a reindex is under way.
        """
        current = self._generations.for_writing().generation.model
        if model not in (None, current) and self._offered is not None and model not in self._offered:
            raise InvalidInput("/model", "this server offers no model of this name")
        with self._starting:
            before = self._thread if self._thread is not None and self._thread.is_alive() else None
            if before is not None and self.get(self._job).state is not JobState.CANCELLED:
                raise AlreadyRunning
            id = uuid.uuid4().hex
            # Held while another process's job would be marked as killed. A cancelled job of ours may still hold it.
            with self._store.alone(_WORK) if before is None else nullcontext(), self._store.write() as tx:
                jobs.fail_unfinished(
                    tx, "the process was ended; start a reindex again, it goes on where this one stopped"
                )
                jobs.put_new(tx, id, "reindex", model)
            self._job = id
            self._thread = threading.Thread(
                target=self._run_job, args=(id, model, before), name="kbsearch-reindex", daemon=True
            )
            self._thread.start()
        return id

    def rebuild_if_outdated(self) -> bool:
        """Start a job where another version's rules made the index. True: this process started one.

        Where another process rebuilds it already, a later call sees whether it came to its end. What this process
        started once is not started again: it failed, or somebody cancelled it.
        """
        if self._rebuilt_outdated or not self._generations.needs_reindex():
            return False
        with suppress(AlreadyRunning):
            self.start()
            self._rebuilt_outdated = True
        return self._rebuilt_outdated

    def get(self, id: str) -> Job:
        with self._store.read() as tx:
            found = jobs.get(tx, id)
        if found is None:
            raise NotFound("job", id)
        return found

    def cancel(self, id: str) -> None:
        """Ask a job to stop; it does so after its current batch."""
        self.get(id)
        with self._store.write() as tx:
            jobs.cancel(tx, id)

    def _run_job(self, id: str, model: str | None, before: threading.Thread | None) -> None:
        """Run a job once ``before``, the thread of a cancelled one, has ended."""
        if before is not None:
            before.join()
        noted = 0.0
        state, done, total, error = JobState.RUNNING, 0, 0, None

        def progress(now_done: int, now_total: int, seconds_left: float | None) -> bool:
            nonlocal noted, done, total
            done, total = now_done, now_total
            if self._closing.is_set():
                return True
            if time.monotonic() - noted < _NOTED_EVERY_S and done < total:
                return False
            noted = time.monotonic()
            eta = None if seconds_left is None else round(seconds_left)
            with self._store.write() as tx:
                return jobs.update(tx, id, JobState.RUNNING, done, total, eta)

        try:
            if self.get(id).state is JobState.CANCELLED:
                raise reindexing.Cancelled
            self.run(model, progress)
            state = JobState.DONE
        except reindexing.Cancelled:
            state = JobState.CANCELLED
        except KBSearchError as failure:
            state, error = JobState.FAILED, str(failure)
        except Exception:  # noqa: BLE001 - a job reports whatever ended it
            state, error = JobState.FAILED, "an internal error, see the log"
            _log.exception("reindex failed")
        with self._store.write() as tx:
            jobs.update(tx, id, state, done, total, None, error)

    def close(self) -> None:
        """Stop a running job after its current batch; the next one goes on from there."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
