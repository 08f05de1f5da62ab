"""The knowledge base as its callers see it: suggest, search, resolve, feedback, import, reindex."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from kbsearch.allocator import give_back
from kbsearch.errors import (
    InvalidInput,
    KBSearchError,
    NotFound,
    RevisionNotReached,
)
from kbsearch.index.port import Indexes
from kbsearch.knowledge.indexing import boilerplate
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.indexing.index_generations import IndexGenerations, LoadEmbedder
from kbsearch.knowledge.indexing.reindex_jobs import ReindexJobs
from kbsearch.knowledge.learning import calibration, trade_words
from kbsearch.knowledge.learning.background import Learning
from kbsearch.knowledge.purging import Purges
from kbsearch.knowledge.questions import ranked_solutions, searching, suggesting
from kbsearch.knowledge.questions.second_looks import SecondLooks
from kbsearch.knowledge.questions.suggestion_log import WRITTEN_EVERY_S, SuggestionLog
from kbsearch.knowledge.redaction import Redaction, Seal
from kbsearch.knowledge.trimming import trim_all
from kbsearch.knowledge.upkeep import Task, Upkeep
from kbsearch.knowledge.writing.articles import Articles
from kbsearch.knowledge.writing.drafts import DraftFrom, draft
from kbsearch.knowledge.writing.proposals import Proposals
from kbsearch.knowledge.writing.sharing import Sharing
from kbsearch.knowledge.writing.tickets import Tickets
from kbsearch.knowledge.writing.trade_words import TenantWords
from kbsearch.model import (
    DocumentKind,
    Feedback,
    FeedbackOutcome,
    Scope,
    SearchHit,
    Solution,
    StoredArticle,
    Suggestion,
    TenantId,
    Ticket,
    Vitals,
)
from kbsearch.model.stages import Stages
from kbsearch.ranking.grouping import Group
from kbsearch.store import documents, feedback, learned, learning, merges, solutions, tenants
from kbsearch.store.port import Clock, Read, Store, utc_now
from kbsearch.store.retention import KEPT, Retention
from kbsearch.text import dictionaries
from kbsearch.text.intake import plain_line, plain_ticket

_log = logging.getLogger(__name__)

_T = TypeVar("_T")

_SNAPSHOT_AFTER_CHANGES = 2_000
_UPKEEP_EVERY_S = 30.0
_COMPACT_EVERY_S = 1.0
_PURGE_EVERY_S = 5.0
_ARTICLES_COMPARED_AT_ONCE = 2_000


class KnowledgeBase:
    """Everything that can be done with a knowledge base. Safe to use from several threads and processes.

    Args:
        store: the truth; closed with the knowledge base.
        indexes: keeps the index of each generation.
        load_embedder: loads a model by name or folder.
        model: the configured model; None takes the one that the store was indexed with.
        default_model: for a new store where none is configured.
        clock: gives the time.
        seal: encrypts the original texts that a tenant keeps; None keeps them unencrypted.
        kept: how long what has no other owner is kept: suggestions, answers to repeated requests, ended jobs.
        offered: models that a reindex in the background may change to; None leaves it to ``load_embedder``.

    Raises:
        StorageError, ModelNotLoadable, ModelMismatch: see there.
    """

    def __init__(
        self,
        store: Store,
        indexes: Indexes,
        load_embedder: LoadEmbedder,
        model: str | None = None,
        default_model: str = "default",
        clock: Clock = utc_now,
        *,
        seal: Seal | None = None,
        kept: Retention = KEPT,
        offered: Collection[str] | None = None,
    ) -> None:
        self._kept = kept
        self._clock = clock
        self._store = store
        self._generations = IndexGenerations(store, indexes, load_embedder, model, default_model)
        self.redaction = Redaction(self._store, seal)
        self._suggestions = SuggestionLog(self._store, clock, self.redaction)
        self.tickets = Tickets(self._store, self._generations, self._suggestions, self.redaction)
        self.articles = Articles(self._store, self._generations, self.redaction)
        self.sharing = Sharing(self._store, self._generations, self.redaction)
        self.proposals = Proposals(self._store, self._generations)
        self.words = TenantWords(self._store, self.redaction)
        self.purges = Purges(
            self._store,
            self._generations,
            self.refresh_learned,
            partial(trade_words.forget_untaught, self._store, self._generations),
        )
        self.reindexing = ReindexJobs(self._store, self._generations, offered)
        self.upkeep = Upkeep(clock)
        self._write_suggestions = Task("write the suggestions that were shown", self._suggestions.flush)
        self.learning = Learning(self._store, self._generations, lambda: self.upkeep.closing)
        self.second_looks = SecondLooks(self._store, self._generations, lambda: self.upkeep.closing)

    # -- questions ---------------------------------------------------------------------------------------

    def suggest(
        self,
        scope: Scope,
        ticket: Ticket,
        limit: int = 5,
        min_revision: int | None = None,
        stages: Stages | None = None,
        reader: str | None = None,
        typing: str | None = None,
    ) -> Suggestion:
        """The likeliest solutions of a ticket with a verdict. ``limit`` is 1 .. 50; ``stages`` records the durations.

        ``reader`` is the language of whoever reads the reasons and cautions; None takes the ticket's. ``typing`` names
        a question that is still being typed: its suggestions count once (SuggestionLog.note).
        """
        engine = self._engine(min_revision)
        with self.learning, self._store.read() as tx:
            self._check_revision(tx, scope, min_revision)
            suggestion = suggesting.suggest(
                tx, engine, scope, plain_ticket(ticket), limit, self._clock(), stages or Stages(), reader
            )
            revision = self._generations.answered_revision(tx, engine, scope.tenant, suggestion.revision)
        suggestion = replace(suggestion, revision=revision)
        self._suggestions.note(scope.tenant, ticket, suggestion, self._clock(), typing)
        self.upkeep.every(WRITTEN_EVERY_S, self._write_suggestions, thread="suggestions")
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
        stages: Stages | None = None,
        since: datetime | None = None,
    ) -> tuple[list[SearchHit], bool]:
        """Hits ``start`` .. ``start + limit`` for a query, and whether there are more.

        ``since`` leaves out tickets resolved and articles changed before.
        """
        engine = self._engine(min_revision)
        with self._store.read() as tx:
            self._check_revision(tx, scope, min_revision)
            end = start + limit + 1
            hits = searching.search(tx, engine, scope, plain_line(q), kind, language, end, stages or Stages(), since)
        return hits[start : start + limit], len(hits) > start + limit

    def solution(self, scope: Scope, id: str) -> Solution:
        """One solution that may be suggested, the tenant's own before a shared one of the same id.

        Raises:
            NotFound: the tenant sees no such solution.
        """
        with self._store.read() as tx:
            ref = solutions.find(tx, scope, id)
            found = {} if ref is None else solutions.many(tx, scope, [ref])
        if ref is None or ref not in found:
            raise NotFound("solution", id)
        return found[ref]

    def rank(self, scope: Scope, ticket: Ticket) -> list[Group]:
        """All solutions with any evidence, the best first. For evaluation."""
        engine = self._generations.for_reading()
        with self._store.read() as tx:
            return ranked_solutions.rank(tx, engine, scope, plain_ticket(ticket)).groups

    def revision(self, scope: Scope) -> int:
        return self._generations.revision(scope)

    def check_revision(self, scope: Scope, wanted: int) -> None:
        """Raises RevisionNotReached where the scope's knowledge is not that far yet."""
        with self._store.read() as tx:
            self._check_revision(tx, scope, wanted)

    @property
    def model_id(self) -> str:
        return self._generations.for_writing().generation.model_id

    def count(self) -> tuple[int, int]:
        """How many documents and passages are in the index, all tenants together."""
        generation = self._generations.for_writing().generation.id
        with self._store.read() as tx:
            return documents.count(tx, generation)

    def draft(
        self, tenant: TenantId, id: str, seed: DraftFrom, by_lead: bool = True, again: bool = False
    ) -> tuple[StoredArticle, int]:
        """Add a draft of an article, made of a suggestion or a ticket. Returns it and the revision.

        ``by_lead`` and ``again``: see Articles.add.

        Raises:
            InvalidInput, NotFound: see drafts.draft.
            AlreadyExists, Forbidden: see Articles.add.
        """
        if seed.suggestion_id is not None:
            self._suggestions.await_written(tenant, seed.suggestion_id)
        redactor, now = self.redaction.of_tickets(tenant), self._store.clock()
        with self._store.read() as tx:
            article, sources = draft(tx, Scope(tenant), id, seed, redactor, now)
        return self.articles.add(tenant, article, by_lead, again, drafted_from=sources)

    def vitals(self) -> Vitals:
        """How much is indexed, and how many stored changes the index lacks, all tenants together."""
        waiting = self.purges.pending()
        with self._store.read() as tx:
            learnt = learning.outcomes(tx)
        return replace(self._generations.vitals(), erasures_pending=waiting.count if waiting else 0, learnt=learnt)

    # -- feedback ----------------------------------------------------------------------------------------

    def learn_words(self, tenant: TenantId) -> int:
        """Learn the words of a tenant's trade from its tickets now. Returns how many it has learned."""
        return trade_words.learn(self._store, self._generations, tenant)

    def give_feedback(self, tenant: TenantId, given: Feedback) -> None:
        """Store an agent's feedback on a suggested solution. It counts from the next ranking on.

        ``outdated`` and ``wrong`` open a flag; later feedback of the same agent withdraws it.
        """
        self._suggestions.await_written(tenant, given.suggestion_id)
        comment = self.redaction.of_comment(tenant, given.comment)
        with self._store.write() as tx:
            shown = feedback.get_shown(tx, tenant, given.suggestion_id)
            if shown is None:
                raise NotFound("suggestion", given.suggestion_id)
            # What was merged since, or has an edition since, counts for the solution that is seen now.
            seen = merges.ends_seen(tx, Scope(tenant), [ref for ref, _ in shown.solutions])
            solution = next((end for ref, end in seen.items() if given.solution_id in (ref.id, end.id)), None)
            if solution is None:
                raise InvalidInput("/solution_id", "this suggestion did not show such a solution")
            feedback.put(tx, shown, solution, given.agent, given.outcome, comment)
            feedback.drop_flags(tx, tenant, shown.id, solution, given.agent)
            if given.outcome in (FeedbackOutcome.OUTDATED, FeedbackOutcome.WRONG):
                # Ids stand in addresses and logs: they must not name the agent.
                flag = hashlib.blake2b(f"{shown.id}\n{solution.id}\n{given.agent}".encode(), digest_size=12).hexdigest()
                feedback.put_flag(tx, tenant, flag, solution, given.outcome, given.agent, comment, shown)

    # -- learning ----------------------------------------------------------------------------------------

    def calibrate(self, tenant: TenantId, progress: calibration.Progress = lambda _: None) -> calibration.Calibration:
        """Learn the tenant's ranking from its own history; the result is used only if it ranks better."""
        return self.learning.learn(tenant, progress)

    def refresh_learned(self, tenant: TenantId) -> bool:
        """Go on learning the tenant's map from its newest tickets. False where it has none."""
        return calibration.refresh(self._store, self._generations.for_reading(), tenant)

    def forget_learned(self, tenant: TenantId) -> None:
        """Answer with the shipped weights again."""
        with self._store.write() as tx:
            learned.put(tx, tenant, None)

    # -- upkeep ------------------------------------------------------------------------------------------

    @property
    def needs_reindex(self) -> bool:
        """Whether the index was built with the rules of another version."""
        return self._generations.needs_reindex()

    @property
    def store(self) -> Store:
        return self._store

    @property
    def kept(self) -> Retention:
        """How long what has no other owner is kept."""
        return self._kept

    def check_ready(self) -> None:
        """Raises IndexNotOpen where this process cannot open the current index."""
        self._generations.check_current()

    def start_upkeep(self) -> None:
        """Merge segments of the index, save snapshots and drop old generations in the background."""
        self.upkeep.every(
            _UPKEEP_EVERY_S,
            Task("follow the current index generation", self._generations.follow),
            Task("rebuild an outdated index", self.reindexing.rebuild_if_outdated),
            Task("save the index", lambda: self._generations.save(_SNAPSHOT_AFTER_CHANGES)),
            Task("drop retired index generations", self._generations.drop_retired),
            Task("learn boilerplate and words", lambda: boilerplate.catch_up(self._store, self.learn_words)),
            Task("propose merges of articles", lambda: self.proposals.catch_up(_ARTICLES_COMPARED_AT_ONCE)),
            Task("remove what is older than it is kept", self._trim),
            Task("give memory back", give_back),
            thread="upkeep",
        )
        self.upkeep.every(
            _UPKEEP_EVERY_S, Task("learn from resolved tickets", self.learning.catch_up), thread="learning"
        )
        self.upkeep.every(
            _UPKEEP_EVERY_S, Task("ask escalated tickets again", self.second_looks.catch_up), thread="second-looks"
        )
        self.upkeep.every(_COMPACT_EVERY_S, Task("merge index segments", self._compact), thread="compaction")
        self.upkeep.every(_PURGE_EVERY_S, Task("purge what was erased", self.purges.keep_up), thread="purge")
        self.upkeep.once(Task("read the dictionaries", dictionaries.warm_up), thread="warm-up")

    def close(self) -> None:
        """Finish background work, save a snapshot, close the store. May be called more than once."""
        if self.upkeep.closing:
            return
        self.reindexing.close()
        self.upkeep.close()
        try:
            self._suggestions.close()
            self._generations.save()
            self.purges.run()
        except (OSError, KBSearchError) as error:
            _log.warning("no snapshot was saved, the next start takes longer: %s", error)
        self._generations.close()
        self._store.close()

    def _trim(self) -> None:
        trim_all(self._store, self._kept, lambda: self.upkeep.closing)

    def _compact(self) -> None:
        while self._generations.compact() and not self.upkeep.closing:
            pass

    def _engine(self, min_revision: int | None) -> Engine:
        """The engine for a question. A question with ``min_revision`` waits until a switch of generations ends."""
        if min_revision is not None:
            self._generations.for_writing()
        return self._generations.for_reading()

    def _check_revision(self, tx: Read, scope: Scope, wanted: int | None) -> None:
        if wanted is not None and wanted > (current := tenants.revision(tx, scope)):
            raise RevisionNotReached(wanted, current)
