"""What holds for any history of a knowledge base."""

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hashing import HashingEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from kbsearch.errors import InvalidInput, NotFound
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import (
    SHARED,
    Article,
    ArticleState,
    DocumentKind,
    Feedback,
    FeedbackOutcome,
    Scope,
    TenantId,
    TicketStatus,
)
from knowledge.made import ACME, GLOBEX, TENANTS, answers, resolved, suggest

SUBJECTS = ("Printer offline", "vpn drops every hour", "mailbox is full", "грешка 0x80070005 при печат")
FIXES = ("Restarted the print spooler", "Updated the vpn client", "Изчистихме кеша на пощата", "done")


@dataclass(frozen=True)
class Put:
    tenant: TenantId
    id: str
    title: str
    fix: str
    state: ArticleState

    def do(self, kb):
        kb.articles.put(self.tenant, Article(self.id, self.title, resolution=self.fix, state=self.state))


@dataclass(frozen=True)
class Delete:
    tenant: TenantId
    id: str

    def do(self, kb):
        kb.articles.delete(self.tenant, self.id)


@dataclass(frozen=True)
class Resolve:
    tenant: TenantId
    id: str
    subject: str
    fix: str
    solution: str | None

    def do(self, kb):
        kb.tickets.resolve(self.tenant, resolved(self.id, self.subject, self.fix, solution_id=self.solution))


@dataclass(frozen=True)
class Reopen:
    tenant: TenantId
    id: str

    def do(self, kb):
        kb.tickets.reopen(self.tenant, self.id)


@dataclass(frozen=True)
class Erase:
    tenant: TenantId
    id: str

    def do(self, kb):
        kb.tickets.erase(self.tenant, self.id)


@dataclass(frozen=True)
class Say:
    tenant: TenantId
    subject: str
    outcome: FeedbackOutcome

    def do(self, kb):
        suggestion = suggest(kb, self.subject, Scope(self.tenant))
        for one in suggestion.solutions[:1]:
            kb.give_feedback(self.tenant, Feedback(suggestion.id, one.solution.ref.id, self.outcome, "ani"))


def _changes(*tenants):
    tenant = st.sampled_from(tenants)
    article, ticket = st.sampled_from(["a", "b", "c"]), st.sampled_from(["T-1", "T-2", "T-3", "T-4"])
    subject, fix = st.sampled_from(SUBJECTS), st.sampled_from(FIXES)
    resolve = st.builds(Resolve, tenant, ticket, subject, fix, st.sampled_from([None, None, "a", "b"]))
    put = st.builds(Put, tenant, article, subject, fix, st.sampled_from(ArticleState))
    return st.one_of(
        resolve,
        resolve,
        put,
        put,
        st.builds(Delete, tenant, article),
        st.builds(Reopen, tenant, ticket),
        st.builds(Erase, tenant, ticket),
        st.builds(Say, tenant, subject, st.sampled_from(FeedbackOutcome)),
    )


def _now():
    return datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@contextlib.contextmanager
def _folder():
    with tempfile.TemporaryDirectory(prefix="kbsearch-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def _base(folder, changes=()):
    embedder = HashingEmbedder()
    with contextlib.closing(KnowledgeBase(folder, lambda name: embedder, clock=_now)) as kb:
        _do(kb, changes)
        yield kb


@contextlib.contextmanager
def _new_base(changes):
    with _folder() as folder, _base(folder, changes) as kb:
        yield kb


def _do(kb, changes):
    for change in changes:
        with contextlib.suppress(NotFound, InvalidInput):
            change.do(kb)


def _all_answers(kb):
    return {tenant: answers(kb, Scope(tenant)) for tenant in TENANTS}


@settings(max_examples=25, deadline=None)
@given(st.lists(_changes(*TENANTS), max_size=14), st.integers(0, 14))
def test_incremental_equals_rebuilt(changes, saved_after):
    with _folder() as folder:
        with _base(folder, changes[:saved_after]):
            pass  # a snapshot is saved here, the rest is replayed
        with _base(folder, changes[saved_after:]) as kb:
            expected = _all_answers(kb)
            with _base(folder) as opened_beside:
                assert _all_answers(opened_beside) == expected
        shutil.rmtree(folder / "index", ignore_errors=True)
        with _base(folder) as from_store:
            assert _all_answers(from_store) == expected
            from_store.reindexing.run()
            assert _all_answers(from_store) == expected
        with _base(folder) as from_snapshot:
            assert _all_answers(from_snapshot) == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(_changes(*TENANTS), max_size=16))
def test_one_tenants_writes_never_change_anothers_answers(changes):
    without = [change for change in changes if change.tenant != ACME]
    with _new_base(changes) as together, _new_base(without) as alone:
        for tenant in (GLOBEX, SHARED):
            assert answers(together, Scope(tenant)) == answers(alone, Scope(tenant))


@settings(max_examples=20, deadline=None)
@given(st.lists(_changes(ACME, SHARED).filter(lambda change: not isinstance(change, Say)), max_size=12))
def test_doing_everything_twice_equals_once(changes):
    doubled = [change for change in changes for _ in range(2)]
    with _new_base(changes) as once, _new_base(doubled) as twice:
        assert _all_answers(twice) == _all_answers(once)
        assert twice.count() == once.count()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(_changes(ACME, SHARED), st.booleans()), max_size=12))
def test_two_bases_on_one_folder_are_one(changes):
    with _folder() as folder, _base(folder) as first, _base(folder) as second:
        for change, by_first in changes:
            _do(first if by_first else second, [change])
            assert answers(first, Scope(ACME)) == answers(second, Scope(ACME))
        with _new_base([change for change, _ in changes]) as single:
            assert answers(first, Scope(ACME)) == answers(single, Scope(ACME))


@settings(max_examples=20, deadline=None)
@given(st.lists(_changes(*TENANTS), max_size=14))
def test_nothing_foreign_or_archived_is_ever_shown(changes):
    with _new_base(changes) as kb:
        for tenant in TENANTS:
            seen = Scope(tenant).tenants
            for _, _, suggestion, (hits, _) in answers(kb, Scope(tenant)):
                for one in suggestion.solutions:
                    assert one.solution.ref.tenant in seen
                    assert one.solution.state != ArticleState.ARCHIVED
                for hit in hits:
                    assert hit.tenant in seen
                    if hit.kind == DocumentKind.ARTICLE:
                        stored = kb.articles.get(Scope(tenant), hit.id)
                        assert (stored.tenant, stored.article.state) != (hit.tenant, ArticleState.ARCHIVED)
                    else:
                        assert kb.tickets.get(hit.tenant, hit.id).status == TicketStatus.RESOLVED
