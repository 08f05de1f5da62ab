"""The knowledge base as its callers see it: suggest, search, resolve, feedback, import, reindex."""

from __future__ import annotations

import itertools
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from kbsearch.errors import (
    AlreadyRunning,
    InvalidInput,
    KBSearchError,
    NotFound,
    PreconditionFailed,
    RevisionNotReached,
)
from kbsearch.knowledge import reindex as reindexing
from kbsearch.knowledge import suggesting, writing
from kbsearch.knowledge.documents import article_text, prepare
from kbsearch.knowledge.engine import Engine
from kbsearch.knowledge.generation_keeper import GenerationKeeper, LoadEmbedder
from kbsearch.knowledge.suggestion_log import SuggestionLog
from kbsearch.knowledge.writing import ResolvedTicketIn
from kbsearch.model import (
    Article,
    ArticleState,
    DocumentKind,
    Feedback,
    FeedbackOutcome,
    Generation,
    Job,
    JobState,
    ResolvedTicket,
    Scope,
    SearchHit,
    Similar,
    Source,
    StoredArticle,
    Suggestion,
    TenantId,
    Ticket,
    WriteBack,
)
from kbsearch.store import articles, documents, feedback, generations, idempotency, jobs, solutions, tenants, tickets
from kbsearch.store.database import Clock, Read, Store, Write, utc_now
from kbsearch.text.fixes import fix_digest
from kbsearch.text.language import guess_language

_log = logging.getLogger(__name__)

_T = TypeVar("_T")

_BATCH = 32
_SIMILAR = 3
_SNAPSHOT_AFTER_CHANGES = 2_000
_UPKEEP_EVERY_S = 30.0
_JOB_NOTED_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class ImportedArticle:
    """An article to import. ``origin`` and ``origin_digest`` name the mirrored folder and file content."""

    article: Article
    origin: str | None = None
    origin_digest: str | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """``unchanged`` of the ``accepted`` were stored already. ``errors`` are (line, detail)."""

    accepted: int
    unchanged: int
    errors: tuple[tuple[int, str], ...]
    revision: int


class KnowledgeBase:
    """Everything that can be done with a data folder. Safe to use from several threads and processes.

    Args:
        folder: the data folder; made if missing.
        load_embedder: loads a model by name or folder.
        model: the configured model; None takes the one that the folder was indexed with.
        default_model: for a new folder where none is configured.
        clock: gives the time.

    Raises:
        StorageError, ModelNotLoadable, ModelMismatch: see there.
    """

    def __init__(
        self,
        folder: Path,
        load_embedder: LoadEmbedder,
        model: str | None = None,
        default_model: str = "default",
        clock: Clock = utc_now,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._store = Store(folder, clock)
        self._keeper = GenerationKeeper(self._store, folder / "index", load_embedder, model, default_model)
        self._suggestions = SuggestionLog(self._store)
        self._closing = threading.Event()
        self._upkeep: threading.Thread | None = None
        self._reindexing: threading.Thread | None = None
        self._reindex_start = threading.Lock()

    # -- questions ---------------------------------------------------------------------------------------

    def suggest(self, scope: Scope, ticket: Ticket, limit: int = 5, min_revision: int | None = None) -> Suggestion:
        """The likeliest solutions of a ticket with a verdict. ``limit`` is 1 .. 50."""
        engine = self._keeper.for_reading()
        with self._store.read() as tx:
            self._check_revision(tx, scope, min_revision)
            suggestion = suggesting.suggest(tx, engine, scope, ticket, limit, self._clock())
        self._suggestions.note(scope.tenant, ticket.id, suggestion, self._clock())
        return suggestion

    def search(
        self,
        scope: Scope,
        q: str,
        kind: DocumentKind | None = None,
        language: str | None = None,
        start: int = 0,
        limit: int = 10,
        min_revision: int | None = None,
    ) -> tuple[list[SearchHit], bool]:
        """Hits ``start`` .. ``start + limit`` for a query, and whether there are more."""
        engine = self._keeper.for_reading()
        with self._store.read() as tx:
            self._check_revision(tx, scope, min_revision)
            hits = suggesting.search(tx, engine, scope, q, kind, language, start + limit + 1)
        return hits[start : start + limit], len(hits) > start + limit

    def rank(self, scope: Scope, ticket: Ticket) -> list[tuple[str, float]]:
        """All solutions that anything speaks for as (id, score), for evaluation."""
        engine = self._keeper.for_reading()
        with self._store.read() as tx:
            groups, _ = suggesting.rank(tx, engine, scope, ticket)
        return [(one.solution.ref.id, one.score) for one in groups]

    def revision(self, scope: Scope) -> int:
        with self._store.read() as tx:
            return tenants.revision(tx, scope)

    @property
    def model_id(self) -> str:
        return self._keeper.for_writing().generation.model_id

    def count(self) -> tuple[int, int]:
        """How many documents and passages are in the index, all tenants together."""
        generation = self._keeper.for_writing().generation.id
        with self._store.read() as tx:
            return documents.count(tx, generation)

    # -- tickets -----------------------------------------------------------------------------------------

    def resolve(self, tenant: TenantId, given: ResolvedTicketIn) -> WriteBack:
        """Write a resolution back. When this returns, it is durable and the next question finds it.

        The same content again changes nothing.
        """
        clean = writing.redacted(given)
        unchanged = self._unchanged(tenant, clean)
        if unchanged is not None:
            return unchanged
        with self._store.read() as tx:
            writing.check_solution(tx, tenant, clean)
        similar = self._similar(tenant, clean.ticket)

        def write(tx: Write, generation: int) -> writing.Written:
            return writing.write(tx, tenant, generation, clean, document)

        while True:
            engine = self._keeper.for_writing()
            [document] = prepare(self._store, engine.embedder, [clean.text(tenant)])
            written = self._write(engine, write)
            if written is not None:
                break
        return WriteBack(
            ticket_id=given.ticket_id,
            solution_id=written.solution and written.solution.id,
            outcome=written.outcome,
            similar=tuple(one for one in similar if not written.solution or one.solution_id != written.solution.id),
            revision=self.revision(Scope(tenant)),
            first_time=written.first_time,
            redacted=clean.counts,
        )

    def ticket(self, tenant: TenantId, id: str) -> ResolvedTicket:
        with self._store.read() as tx:
            found = tickets.get(tx, tenant, id)
        if found is None:
            raise NotFound("ticket", id)
        return found

    def reopen(self, tenant: TenantId, id: str) -> int:
        """Withdraw a ticket's resolution: it counts as failed and is found no more. Returns the revision."""
        with self._store.write() as tx:
            if tickets.get(tx, tenant, id) is None:
                raise NotFound("ticket", id)
            if tickets.reopen(tx, tenant, id):
                documents.remove(tx, Source(tenant, DocumentKind.TICKET, id))
        return self._caught_up_revision(tenant)

    def erase_ticket(self, tenant: TenantId, id: str) -> int:
        """Erase a ticket everywhere; a solution that was formed from it alone goes too. Returns the revision."""
        self._suggestions.flush()
        with self._store.write() as tx:
            found = tickets.get(tx, tenant, id)
            if found is None:
                raise NotFound("ticket", id)
            tickets.erase(tx, tenant, id)
            if found.solution is not None:
                solutions.drop_if_unused(tx, found.solution)
            documents.remove(tx, Source(tenant, DocumentKind.TICKET, id))
        return self._caught_up_revision(tenant)

    def import_tickets(
        self, tenant: TenantId, lines: Iterable[tuple[int, ResolvedTicketIn | str]]
    ) -> Iterator[ImportReport]:
        """Write many resolutions back. Takes (line number, ticket or what is wrong with the line).

        Yields a running report after each batch; a batch that was reported is durable. Ids that come
        again replace what came before.
        """
        scope = Scope(tenant)
        accepted = unchanged = 0
        errors: list[tuple[int, str]] = []
        for batch in _batched(lines, _BATCH):
            good = [(line, writing.redacted(item)) for line, item in batch if not isinstance(item, str)]
            errors += [(line, item) for line, item in batch if isinstance(item, str)]
            with self._store.read() as tx:
                stored = tickets.digests(tx, tenant, [item.ticket_id for _, item in good])
            fresh = [(line, item) for line, item in good if stored.get(item.ticket_id) != item.digest]
            refused: list[tuple[int, str]] = []

            def write(
                tx: Write,
                generation: int,
                fresh: Sequence[tuple[int, writing.Redacted]] = fresh,
                refused: list[tuple[int, str]] = refused,
            ) -> bool:
                refused.clear()
                for (line, item), document in zip(fresh, prepared, strict=True):
                    try:
                        writing.write(tx, tenant, generation, item, document)
                    except InvalidInput as error:
                        refused.append((line, str(error)))
                return True

            while fresh:
                engine = self._keeper.for_writing()
                prepared = prepare(self._store, engine.embedder, [item.text(tenant) for _, item in fresh])
                if self._write(engine, write):
                    break
            errors += refused
            accepted += len(good) - len(refused)
            unchanged += len(good) - len(fresh)
            yield ImportReport(accepted, unchanged, tuple(errors), self.revision(scope))

    # -- articles ----------------------------------------------------------------------------------------

    def article(self, scope: Scope, id: str) -> StoredArticle:
        with self._store.read() as tx:
            found = articles.get(tx, scope, id)
        if found is None:
            raise NotFound("article", id)
        return found

    def articles(
        self, scope: Scope, after: tuple[str, str] = ("", ""), limit: int = 50, state: ArticleState | None = None
    ) -> list[StoredArticle]:
        """Articles by (tenant, id), those behind ``after`` only."""
        with self._store.read() as tx:
            return articles.page(tx, scope, after, limit, state)

    def put_article(
        self, tenant: TenantId, article: Article, if_version: int | None = None
    ) -> tuple[StoredArticle, bool, int]:
        """Add or replace an article. Returns it, whether it is new, and the revision.

        Raises:
            PreconditionFailed: its version is not ``if_version``.
        """
        article = _with_language(article)

        def write(tx: Write, generation: int) -> tuple[StoredArticle, bool]:
            before = articles.get(tx, Scope(tenant), article.id)
            own = before if before is not None and before.tenant == tenant else None
            if if_version is not None and (own is None or own.version != if_version):
                raise PreconditionFailed
            if own is not None and own.article == article:
                return own, False
            stored = articles.put(tx, tenant, article, fix_digest(article.resolution))
            if document is None:
                documents.remove(tx, Source(tenant, DocumentKind.ARTICLE, article.id))
            else:
                documents.put(tx, generation, document)
            return stored, own is None

        while True:
            engine = self._keeper.for_writing()
            text = article_text(tenant, article)
            document = prepare(self._store, engine.embedder, [text])[0] if text else None
            written = self._write(engine, write)
            if written is not None:
                return *written, self.revision(Scope(tenant))

    def delete_article(self, tenant: TenantId, id: str, if_version: int | None = None) -> int:
        """Remove an article of this tenant. Returns the revision."""
        with self._store.write() as tx:
            found = articles.get(tx, Scope(tenant), id)
            if found is None or found.tenant != tenant:
                raise NotFound("article", id)
            if if_version is not None and found.version != if_version:
                raise PreconditionFailed
            articles.delete(tx, tenant, id)
            documents.remove(tx, Source(tenant, DocumentKind.ARTICLE, id))
        return self._caught_up_revision(tenant)

    def import_articles(
        self, tenant: TenantId, lines: Iterable[tuple[int, ImportedArticle | str]]
    ) -> Iterator[ImportReport]:
        """Add or replace many articles. Takes (line number, article or what is wrong with the line).

        Yields a running report after each batch, as import_tickets does.
        """
        scope = Scope(tenant)
        accepted = unchanged = 0
        errors: list[tuple[int, str]] = []
        for batch in _batched(lines, _BATCH):
            good = [
                replace(item, article=_with_language(item.article)) for _, item in batch if not isinstance(item, str)
            ]
            errors += [(line, item) for line, item in batch if isinstance(item, str)]
            with self._store.read() as tx:
                stored = {one.article.id: articles.get(tx, scope, one.article.id) for one in good}
            fresh = [one for one in good if _differs(one, stored[one.article.id], tenant)]

            def write(tx: Write, generation: int, fresh: Sequence[ImportedArticle] = fresh) -> bool:
                by_id = {document.source.id: document for document in prepared}
                for one in fresh:
                    article = one.article
                    articles.put(tx, tenant, article, fix_digest(article.resolution), one.origin, one.origin_digest)
                    if article.id in by_id and article.state != ArticleState.ARCHIVED:
                        documents.put(tx, generation, by_id[article.id])
                    else:
                        documents.remove(tx, Source(tenant, DocumentKind.ARTICLE, article.id))
                return True

            while fresh:
                engine = self._keeper.for_writing()
                texts = [text for one in fresh if (text := article_text(tenant, one.article)) is not None]
                prepared = prepare(self._store, engine.embedder, texts)
                if self._write(engine, write):
                    break
            accepted += len(good)
            unchanged += len(good) - len(fresh)
            yield ImportReport(accepted, unchanged, tuple(errors), self.revision(scope))

    def mirrored(self, tenant: TenantId, origin: str) -> dict[str, tuple[str, ArticleState]]:
        """What a folder gave earlier: article id → (digest of the file, state)."""
        with self._store.read() as tx:
            return articles.mirrored(tx, tenant, origin)

    def mirroring_tenants(self, origin: str) -> list[TenantId]:
        with self._store.read() as tx:
            return articles.mirroring_tenants(tx, origin)

    # -- feedback ----------------------------------------------------------------------------------------

    def give_feedback(self, tenant: TenantId, given: Feedback) -> None:
        """Store an agent's word on a suggested solution; it counts from the next ranking on.

        ``outdated`` and ``wrong`` open a flag; another word of the same agent takes it back.
        """
        self._suggestions.flush()
        with self._store.write() as tx:
            shown = feedback.get_shown(tx, tenant, given.suggestion_id)
            if shown is None:
                raise NotFound("suggestion", given.suggestion_id)
            solution = next((ref for ref, _ in shown.solutions if ref.id == given.solution_id), None)
            if solution is None:
                raise InvalidInput("/solution_id", "this suggestion did not show such a solution")
            feedback.put(tx, tenant, shown.id, solution, given.agent, given.outcome, given.comment)
            flag = f"{shown.id}:{solution.id}:{given.agent}"
            if given.outcome in (FeedbackOutcome.OUTDATED, FeedbackOutcome.WRONG):
                feedback.put_flag(tx, tenant, flag, solution, given.outcome, given.agent, given.comment)
            else:
                feedback.drop_flag(tx, tenant, flag)

    def flag_article(
        self, tenant: TenantId, article_id: str, flag_id: str, reason: str, agent: str, comment: str | None
    ) -> int:
        """Open a flag on an article that the tenant sees. Returns the revision."""
        with self._store.write() as tx:
            found = articles.get(tx, Scope(tenant), article_id)
            if found is None:
                raise NotFound("article", article_id)
            feedback.put_flag(tx, tenant, flag_id, articles.ref(found), reason, agent, comment)
        return self.revision(Scope(tenant))

    # -- requests that may come twice ------------------------------------------------------------------------

    def answered(self, tenant: TenantId, key: str) -> idempotency.Answered | None:
        """What a request with this key was answered within the last day."""
        with self._store.read() as tx:
            return idempotency.get(tx, tenant, key)

    def note_answer(self, tenant: TenantId, key: str, request_digest: bytes, status: int, body: str) -> None:
        with self._store.write() as tx:
            idempotency.put(tx, tenant, key, idempotency.Answered(request_digest, status, body))

    # -- reindex -----------------------------------------------------------------------------------------

    def reindex(self, model: str | None = None, progress: reindexing.Progress | None = None) -> Generation:
        """Build the index anew, with another model if one is named, and switch to it.

        Goes on where a killed run stopped. Raises AlreadyRunning, ModelNotLoadable, reindexing.Cancelled.
        """
        with reindexing.only_one(self._folder):
            embedder = self._keeper.embedder_for(model or self._keeper.for_writing().generation.model)
            reindexing.drop_retired(self._store)
            generation = reindexing.build(self._store, embedder, progress or (lambda done, total: False))
            self._keeper.adopt(generation, embedder)
            return generation

    def start_reindex(self, model: str | None = None) -> str:
        """Run reindex() in the background. Returns the job's id."""
        with self._reindex_start:
            if self._reindexing is not None and self._reindexing.is_alive():
                raise AlreadyRunning
            with reindexing.only_one(self._folder):  # else another process's job would be marked as killed
                id = uuid.uuid4().hex
                with self._store.write() as tx:
                    jobs.fail_unfinished(
                        tx, "the process was ended; start a reindex again, it goes on where this one stopped"
                    )
                    jobs.put_new(tx, id, "reindex", model)
            self._reindexing = threading.Thread(
                target=self._run_job, args=(id, model), name="kbsearch-reindex", daemon=True
            )
            self._reindexing.start()
        return id

    def job(self, id: str) -> Job:
        with self._store.read() as tx:
            found = jobs.get(tx, id)
        if found is None:
            raise NotFound("job", id)
        return found

    def cancel_job(self, id: str) -> None:
        """Ask a job to stop; it does so after its current batch."""
        self.job(id)
        with self._store.write() as tx:
            jobs.cancel(tx, id)

    @property
    def needs_reindex(self) -> bool:
        """Whether another version's rules made the index."""
        return self._keeper.needs_reindex()

    # -- upkeep ------------------------------------------------------------------------------------------

    @property
    def store(self) -> Store:
        return self._store

    def start_upkeep(self) -> None:
        """Save snapshots, write the suggestion log and drop old generations in the background."""
        self._upkeep = threading.Thread(target=self._keep_up, name="kbsearch-upkeep", daemon=True)
        self._upkeep.start()

    def close(self) -> None:
        """Finish background work, save a snapshot, close the store."""
        self._closing.set()
        for thread in (self._reindexing, self._upkeep):
            if thread is not None:
                thread.join()
        self._suggestions.close()
        try:
            self._keeper.save()
        except (OSError, KBSearchError) as error:
            _log.warning("no snapshot was saved, the next start takes longer: %s", error)
        self._store.close()

    def _keep_up(self) -> None:
        while not self._closing.wait(_UPKEEP_EVERY_S):
            try:
                self._keeper.for_reading()
                self._keeper.save(_SNAPSHOT_AFTER_CHANGES)
                reindexing.drop_retired(self._store)
            except (OSError, KBSearchError) as error:
                _log.warning("upkeep failed and is tried again: %s", error)

    def _run_job(self, id: str, model: str | None) -> None:
        started, noted = time.monotonic(), 0.0
        done_at_start: int | None = None
        state, done, total, error = JobState.RUNNING, 0, 0, None

        def progress(now_done: int, now_total: int) -> bool:
            nonlocal noted, done, total, done_at_start
            done, total = now_done, now_total
            if done_at_start is None:
                done_at_start = done
            elapsed = time.monotonic() - started
            if self._closing.is_set():
                return True
            if elapsed - noted < _JOB_NOTED_EVERY_S and done < total:
                return False
            noted = elapsed
            rate = (done - done_at_start) / elapsed if elapsed else 0.0
            eta = round((total - done) / rate) if rate else None
            with self._store.write() as tx:
                return jobs.update(tx, id, JobState.RUNNING, done, total, eta)

        try:
            self.reindex(model, progress)
            state = JobState.DONE
        except reindexing.Cancelled:
            state = JobState.CANCELLED
        except KBSearchError as failure:
            state, error = JobState.FAILED, str(failure)
        except Exception:
            state, error = JobState.FAILED, "an internal error, see the log"
            _log.exception("reindex failed")
        with self._store.write() as tx:
            jobs.update(tx, id, state, done, total, None, error)

    # -- the steps they share ----------------------------------------------------------------------------

    def _write(self, engine: Engine, write: Callable[[Write, int], _T]) -> _T | None:
        """One transaction on the engine's generation, then the index follows. None: it is not current any more."""
        with self._store.write() as tx:
            current = generations.current(tx)
            if current is None or current.id != engine.generation.id:
                return None
            written = write(tx, current.id)
        engine.catch_up(self._store)
        return written

    def _unchanged(self, tenant: TenantId, clean: writing.Redacted) -> WriteBack | None:
        with self._store.read() as tx:
            if tickets.digests(tx, tenant, [clean.ticket_id]).get(clean.ticket_id) != clean.digest:
                return None
            stored = tickets.get(tx, tenant, clean.ticket_id)
            revision = tenants.revision(tx, Scope(tenant))
        if stored is None:
            return None
        solution_id = stored.solution and stored.solution.id
        return WriteBack(clean.ticket_id, solution_id, stored.outcome, (), revision, False, clean.counts)

    def _similar(self, tenant: TenantId, ticket: Ticket) -> tuple[Similar, ...]:
        engine = self._keeper.for_reading()
        with self._store.read() as tx:
            return suggesting.similar(tx, engine, Scope(tenant), ticket, _SIMILAR)

    def _caught_up_revision(self, tenant: TenantId) -> int:
        self._keeper.for_writing().catch_up(self._store)
        return self.revision(Scope(tenant))

    def _check_revision(self, tx: Read, scope: Scope, wanted: int | None) -> None:
        if wanted is not None and wanted > (current := tenants.revision(tx, scope)):
            raise RevisionNotReached(wanted, current)


def _with_language(article: Article) -> Article:
    if article.language is not None:
        return article
    return replace(article, language=guess_language(f"{article.title}\n{article.resolution}"))


def _differs(new: ImportedArticle, stored: StoredArticle | None, tenant: TenantId) -> bool:
    return stored is None or stored.tenant != tenant or stored.article != new.article


def _batched(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch
