"""What holds for any history of a knowledge base."""

import contextlib
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from kbsearch.bootstrap import embedded
from kbsearch.errors import Conflict, Forbidden, InvalidInput, NotFound
from kbsearch.model import (
    SHARED,
    Article,
    ArticleState,
    DocumentKind,
    Feedback,
    FeedbackOutcome,
    Scope,
    SolutionRef,
    TenantId,
    TicketStatus,
)
from kbsearch.store import editions, records, solutions
from knowledge.made import ACME, GLOBEX, TENANTS, answers, resolved, suggest
from scripts.harness.hashing import HashingEmbedder

SUBJECTS = ("Printer offline", "vpn drops every hour", "mailbox is full", "грешка 0x80070005 при печат")
REFUSALS = (NotFound, InvalidInput, Conflict, Forbidden)
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
class Merge:
    tenant: TenantId
    id: str
    into: str

    def do(self, kb):
        kb.articles.merge(self.tenant, self.id, self.into, "lead")


@dataclass(frozen=True)
class Unmerge:
    tenant: TenantId
    id: str

    def do(self, kb):
        kb.articles.unmerge(self.tenant, self.id)


@dataclass(frozen=True)
class TakeOff:
    tenant: TenantId
    id: str

    def do(self, kb):
        kb.tickets.unlink(self.tenant, self.id, "lead")


@dataclass(frozen=True)
class Link:
    tenant: TenantId
    id: str
    solution: str

    def do(self, kb):
        kb.tickets.link(self.tenant, self.id, self.solution, "lead")


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
        st.builds(Merge, tenant, article, article),
        st.builds(Unmerge, tenant, article),
        st.builds(TakeOff, tenant, ticket),
        st.builds(Link, tenant, ticket, article),
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
    with contextlib.closing(embedded(folder, lambda name: embedder, clock=_now)) as kb:
        _do(kb, changes)
        yield kb


@contextlib.contextmanager
def _new_base(changes):
    with _folder() as folder, _base(folder, changes) as kb:
        yield kb


def _do(kb, changes):
    for change in changes:
        with contextlib.suppress(*REFUSALS):
            change.do(kb)


def _all_answers(kb):
    return {tenant: answers(kb, Scope(tenant)) for tenant in TENANTS}


@settings(max_examples=examples(25))
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


@settings(max_examples=examples(25))
@given(st.lists(_changes(*TENANTS), max_size=16))
def test_one_tenants_writes_never_change_anothers_answers(changes):
    without = [change for change in changes if change.tenant != ACME]
    with _new_base(changes) as together, _new_base(without) as alone:
        for tenant in (GLOBEX, SHARED):
            assert answers(together, Scope(tenant)) == answers(alone, Scope(tenant))


@settings(max_examples=examples(20))
@given(st.lists(_changes(ACME, SHARED).filter(lambda change: not isinstance(change, Say)), max_size=12))
def test_doing_everything_twice_equals_once(changes):
    doubled = [change for change in changes for _ in range(2)]
    with _new_base(changes) as once, _new_base(doubled) as twice:
        assert _all_answers(twice) == _all_answers(once)
        assert twice.count() == once.count()


@settings(max_examples=examples(20))
@given(st.lists(st.tuples(_changes(ACME, SHARED), st.booleans()), max_size=12))
def test_two_bases_on_one_folder_are_one(changes):
    with _folder() as folder, _base(folder) as first, _base(folder) as second:
        for change, by_first in changes:
            _do(first if by_first else second, [change])
            assert answers(first, Scope(ACME)) == answers(second, Scope(ACME))
        with _new_base([change for change, _ in changes]) as single:
            assert answers(first, Scope(ACME)) == answers(single, Scope(ACME))


@settings(max_examples=examples(20))
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


def _all_rows(kb):
    """Every row that says what belongs to what, revisions and times of change left out."""
    with kb.store.read() as tx:
        return [
            sorted(map(tuple, tx.rows(f"SELECT {columns} FROM {table}")), key=repr)
            for table, columns in (
                ("tickets", "tenant, id, outcome, solution_tenant, solution_id, merged_from_tenant, merged_from_id"),
                ("feedback", "tenant, solution_tenant, solution_id, outcome, merged_from_tenant, merged_from_id"),
                ("flags", "tenant, solution_tenant, solution_id, reason, merged_from_tenant, merged_from_id"),
                ("failures", "tenant, ticket_id, solution_tenant, solution_id, merged_from_tenant, merged_from_id"),
                ("apart", "tenant, ticket_id, solution_tenant, solution_id, merged_from_tenant, merged_from_id"),
                (
                    "link_decisions",
                    "tenant, ticket_id, solution_tenant, solution_id, withdrawn, merged_from_tenant, merged_from_id",
                ),
                ("solutions", "tenant, id, kind, title, issue, resolution, state, version"),
                ("merges", "tenant, id, into_tenant, into_id, end_tenant, end_id"),
                ("fix_statements", "tenant, digest, solution_id"),
            )
        ]


def _without_revisions(all_answers):
    return {
        tenant: [(query, ranked, replace(suggestion, revision=0), found) for query, ranked, suggestion, found in some]
        for tenant, some in all_answers.items()
    }


def _done(kb, changes):
    """Those of the changes that were not refused."""
    done = []
    for change in changes:
        with contextlib.suppress(*REFUSALS):
            change.do(kb)
            done.append(change)
    return done


_MERGES = st.lists(
    st.builds(Merge, st.sampled_from([ACME, SHARED]), st.sampled_from("abc"), st.sampled_from("abc")),
    min_size=1,
    max_size=3,
)


@settings(max_examples=examples(25))
@given(st.lists(_changes(ACME, SHARED), max_size=14), _MERGES)
def test_unmerging_restores_what_was_before_merging(changes, merges):
    with _new_base(changes) as kb:
        answered, rows = _all_answers(kb), _all_rows(kb)
        for merge in reversed(_done(kb, merges)):
            Unmerge(merge.tenant, merge.id).do(kb)
        assert _all_rows(kb) == rows
        assert _without_revisions(_all_answers(kb)) == _without_revisions(answered)


@settings(max_examples=examples(25))
@given(st.lists(_changes(ACME, SHARED), max_size=14), _MERGES, st.randoms(use_true_random=False))
def test_merges_are_taken_back_in_any_order(changes, merges, random):
    with _new_base(changes) as kb:
        rows = _all_rows(kb)
        done = _done(kb, merges)
        random.shuffle(done)
        for merge in done:
            Unmerge(merge.tenant, merge.id).do(kb)
        assert _all_rows(kb) == rows


@settings(max_examples=examples(25))
@given(st.lists(_changes(*TENANTS), max_size=16))
def test_no_group_mixes_tenants(changes):
    """A ticket is linked to a solution of its own tenant or a shared one, whatever was merged and linked."""
    with _new_base(changes) as kb:
        kb.proposals.catch_up()
        with kb.store.read() as tx:
            for row in tx.rows("SELECT tenant, solution_tenant FROM tickets WHERE solution_id IS NOT NULL"):
                assert row["solution_tenant"] in (row["tenant"], SHARED)
            for row in tx.rows("SELECT tenant, into_tenant, end_tenant FROM merges"):
                assert {row["into_tenant"], row["end_tenant"]} <= {row["tenant"], SHARED}
            for row in tx.rows("SELECT tenant, other_tenant FROM merge_proposals"):
                assert row["other_tenant"] in (row["tenant"], SHARED)


@settings(max_examples=examples(25))
@given(st.lists(_changes(*TENANTS), max_size=16))
def test_evidence_counts_each_linked_ticket_once(changes):
    with _new_base(changes) as kb, kb.store.read() as tx:
        for tenant in TENANTS:
            linked = {
                (row["id"], SolutionRef(TenantId(row["solution_tenant"]), row["solution_id"]))
                for row in tx.rows("SELECT * FROM tickets WHERE tenant = ? AND status = 'resolved'", (tenant,))
                if row["solution_id"] is not None
            }
            failed = {
                (row["ticket_id"], SolutionRef(TenantId(row["solution_tenant"]), row["solution_id"]))
                for row in tx.rows("SELECT * FROM failures WHERE tenant = ?", (tenant,))
            } - linked
            tried = {ref for _, ref in linked | failed}
            for ref, solution in solutions.many(tx, Scope(tenant), list(tried)).items():
                solved = sum(one == ref for _, one in linked)
                assert (solution.evidence.solved, solution.evidence.tickets) == (
                    solved,
                    solved + sum(one == ref for _, one in failed),
                )


@settings(max_examples=25, deadline=None)
@given(st.lists(_changes(*TENANTS), max_size=16))
def test_what_was_gathered_is_with_a_solution_that_its_tenant_sees(changes):
    """Never with a shared one that the tenant has its own edition of, nor with one that is gone."""
    with _new_base(changes) as kb, kb.store.read() as tx:
        for table in records.TABLES:
            for row in tx.rows(f"SELECT * FROM {table} WHERE solution_id IS NOT NULL"):
                tenant, ref = TenantId(row["tenant"]), SolutionRef(TenantId(row["solution_tenant"]), row["solution_id"])
                assert solutions.exists(tx, ref)
                assert editions.seen(tx, Scope(tenant), [ref]) == {ref: ref}


@settings(max_examples=25, deadline=None)
@given(st.lists(_changes(ACME, SHARED), max_size=14), st.sampled_from("abc"))
def test_deleting_an_edition_restores_what_was_before_it(changes, id):
    with _new_base(changes) as kb:
        with kb.store.read() as tx:
            if solutions.exists(tx, SolutionRef(ACME, id)) or not solutions.exists(tx, SolutionRef(SHARED, id)):
                return
        answered, rows = _all_answers(kb), _all_rows(kb)
        Put(ACME, id, "Our edition", "Call the desk", ArticleState.VALIDATED).do(kb)
        Delete(ACME, id).do(kb)
        assert _all_rows(kb) == rows
        assert _without_revisions(_all_answers(kb)) == _without_revisions(answered)
