"""No way of writing takes away an article, a lead's decision or another ticket's knowledge by accident."""

from datetime import UTC, datetime, timedelta

import pytest

from kbsearch.errors import Conflict, InvalidInput
from kbsearch.index.local.index import LocalIndexes
from kbsearch.knowledge.indexing.checking import check
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import (
    SHARED,
    Article,
    ArticleState,
    Feedback,
    FeedbackOutcome,
    RedactionPolicy,
    Resolution,
    SolutionRef,
    Ticket,
    WriteBackOutcome,
)
from kbsearch.store import audit, evidence, learned, solutions
from knowledge.made import ACME, ACMES, GLOBEX, put, resolve, resolved, suggest, suggested

FIX = "Restarted the print spooler service"
OTHER = "Replaced the fuser unit of the device"


def linked_to(kb, id="T-1", tenant=ACME):
    found = kb.tickets.get(tenant, id).solution
    return found and found.id


def counted(kb, id, scope=ACMES, tenant=None):
    ref = SolutionRef(tenant or scope.tenant, id)
    with kb.store.read() as tx:
        found = solutions.many(tx, scope, [ref])[ref].evidence
    return found.solved, found.failed, found.agents_solved, found.agents_failed


def actions(kb, tenant, action):
    with kb.store.read() as tx:
        return [
            (one.subject, one.detail)
            for one in audit.page(tx, audit.AuditFilter(tenants=(tenant,), action=action), None, 100)
        ]


def is_sound(kb, folder):
    checked = check(kb.store, LocalIndexes(folder / "index"))
    return (checked.damage, checked.unindexed) == ((), 0)


RESENT = {
    "a side field changed": lambda kb: resolve(kb, "T-1", "Printer offline", FIX, minutes_spent=7),
    "reopened and resolved": lambda kb: (kb.tickets.reopen(ACME, "T-1"), resolve(kb, "T-1", "Printer offline", FIX)),
    "erased and sent again": lambda kb: (kb.tickets.erase(ACME, "T-1"), resolve(kb, "T-1", "Printer offline", FIX)),
    "imported": lambda kb: list(
        kb.tickets.import_lines(ACME, [(1, resolved("T-1", "Printer offline", FIX, cause="paper"))])
    ),
    "resolved otherwise": lambda kb: resolve(kb, "T-1", "Printer offline", OTHER),
    "otherwise and back": lambda kb: [resolve(kb, "T-1", "Printer offline", fix) for fix in (OTHER, FIX)],
}


@pytest.mark.parametrize("how", RESENT)
@pytest.mark.parametrize("text", [FIX, "1. Open the services.\n2. Restart the spooler."])
def test_no_ticket_overwrites_an_article_that_its_fix_became(kb, folder, how, text):
    id = resolve(kb, "T-1", "Printer offline", FIX).solution_id
    put(kb, id, "How to restart the spooler", text)
    assert linked_to(kb) == id, "it keeps its tickets"
    RESENT[how](kb)
    kept = kb.articles.get(ACMES, id)
    assert (kept.article.title, kept.article.resolution) == ("How to restart the spooler", text)
    assert kept.article.state == ArticleState.VALIDATED
    assert is_sound(kb, folder)
    if how in ("a side field changed", "imported", "reopened and resolved"):
        assert linked_to(kb) == id


def test_no_ticket_overwrites_what_other_tickets_formed(kb):
    first = resolve(kb, "T-1", "Printer offline", FIX)
    resolve(kb, "T-2", "Nothing prints", "Removed the old queue and restarted", solution_id=first.solution_id)
    resolve(kb, "T-1", "Printer offline", OTHER)
    with kb.store.read() as tx:
        before = solutions.many(tx, ACMES, [SolutionRef(ACME, first.solution_id)])
    resolve(kb, "T-1", "Printer offline", FIX)
    with kb.store.read() as tx:
        assert solutions.many(tx, ACMES, list(before)) == before
    assert linked_to(kb, "T-2") == first.solution_id != linked_to(kb, "T-1")


def test_no_tenants_text_comes_into_a_shared_solution(kb):
    shared = resolve(kb, "S-1", "Printer offline", FIX, tenant=SHARED)
    resolve(kb, "T-1", "Secret printer offline", FIX)
    resolve(kb, "S-1", "Printer offline", OTHER, tenant=SHARED)
    resolve(kb, "T-1", "Secret printer offline", "Poured Zyxwvut into it and restarted")
    with kb.store.read() as tx:
        assert not tx.rows("SELECT 1 FROM solutions WHERE tenant = 'shared' AND title LIKE '%Secret%'")
        assert not tx.rows("SELECT 1 FROM solutions WHERE tenant = 'shared' AND resolution LIKE '%Zyxwvut%'")
    assert shared.solution_id


@pytest.mark.parametrize("named", [None, "named"])
@pytest.mark.parametrize("imported", [False, True])
def test_what_a_lead_linked_stays_linked(kb, named, imported):
    for id in ("named", "chosen"):
        put(kb, id, f"The {id} one", f"Do as the {id} one says")
    resolve(kb, "T-1", "Printer offline", FIX, solution_id=named)
    kb.tickets.link(ACME, "T-1", "chosen", "lead")

    def send(fix, **other):
        given = resolved("T-1", "Printer offline", fix, solution_id=named, **other)
        if imported:
            list(kb.tickets.import_lines(ACME, [(1, given)]))
        else:
            kb.tickets.resolve(ACME, given)

    for fix, other in ((FIX, {"minutes_spent": 3}), (FIX + " twice.", {}), ("done", {}), (OTHER, {"cause": "age"})):
        send(fix, **other)
        assert linked_to(kb) == "chosen"
    kb.tickets.reopen(ACME, "T-1")
    send(OTHER, cause="age")
    assert linked_to(kb) == "chosen", "the same resolution again"
    kb.tickets.reopen(ACME, "T-1")
    send(FIX)
    assert linked_to(kb) != "chosen", "it was reopened and something else was done"


@pytest.mark.parametrize("changed", [{"minutes_spent": 3}, {"cause": "paper"}])
@pytest.mark.parametrize("named", [None, "printer"])
def test_what_a_lead_unlinked_stays_unlinked(kb, named, changed):
    put(kb, "printer", "Printer offline", FIX)
    resolve(kb, "T-1", "Printer offline", FIX, solution_id=named)
    assert linked_to(kb) == "printer"
    own, _ = kb.tickets.unlink(ACME, "T-1", "lead")
    resolve(kb, "T-1", "Printer offline", FIX, solution_id=named, **changed)
    assert linked_to(kb) == own
    put(kb, "other", "Printer is offline", "Look at the cable")
    kb.articles.merge(ACME, "printer", "other", "lead")
    resolve(kb, "T-1", "Printer offline", FIX, solution_id=named)
    assert linked_to(kb) == own, "nor does a merge put it back"


def test_a_solution_that_is_named_again_counts(kb):
    for id in ("one", "two"):
        put(kb, id, f"Article {id}", f"Do as article {id} says")
    resolve(kb, "T-1", "Printer offline", FIX)
    kb.tickets.link(ACME, "T-1", "one", "lead")
    resolve(kb, "T-1", "Printer offline", FIX, solution_id="two")
    assert linked_to(kb) == "two"
    resolve(kb, "T-1", "Printer offline", FIX, minutes_spent=2)
    assert linked_to(kb) == "two", "the fix is the same: it stays"


def test_unlinking_and_merging_may_be_said_twice(kb):
    put(kb, "printer", "Printer offline", FIX)
    put(kb, "other", "Printer is offline", "Look at the cable")
    resolve(kb, "T-1", "Printer offline", FIX)
    first = kb.tickets.unlink(ACME, "T-1", "lead")
    assert kb.tickets.unlink(ACME, "T-1", "lead") == first
    merged = kb.articles.merge(ACME, "other", "printer", "lead")
    assert kb.articles.merge(ACME, "other", "printer", "lead") == merged
    put(kb, "third", "A third one", "Something else")
    with pytest.raises(Conflict):
        kb.articles.merge(ACME, "other", "third", "lead")


def test_a_merged_article_is_not_written(kb):
    put(kb, "old", "Printer offline", FIX)
    put(kb, "new", "Printer is offline", "Look at the cable")
    kb.articles.merge(ACME, "old", "new", "lead")
    before = kb.articles.get(ACMES, "old")
    with pytest.raises(Conflict):
        put(kb, "old", "Printer offline", "Look at the Zyxwvut")
    [report] = kb.articles.import_lines(ACME, [(1, _imported("old", "Look at the Zyxwvut"))])
    assert [line for line, _ in report.errors] == [1]
    assert kb.articles.get(ACMES, "old") == before
    kb.articles.unmerge(ACME, "old")
    put(kb, "old", "Printer offline", "Look at the Zyxwvut")


def _imported(id, text):
    return ImportedArticle(Article(id, "Printer offline", resolution=text, state=ArticleState.VALIDATED))


def test_former_versions_of_an_article_are_kept_until_it_is_deleted(kb):
    for number in range(1, 4):
        put(kb, "printer", "Printer offline", f"Text number {number}")
    found = kb.articles.versions(ACMES, "printer", 2**53, 10)
    assert [(one.version, one.article.resolution) for one in found] == [(2, "Text number 2"), (1, "Text number 1")]
    assert {one.written_by for one in found} == {"kbsearch"}
    assert [one.version for one in kb.articles.versions(ACMES, "printer", 2, 10)] == [1]
    for number in range(60):
        put(kb, "printer", "Printer offline", f"Text again {number}")
    assert len(kb.articles.versions(ACMES, "printer", 2**53, 100)) == 50
    kb.articles.delete(ACME, "printer")
    put(kb, "printer", "Printer offline", "A new one")
    assert kb.articles.versions(ACMES, "printer", 2**53, 10) == []


def test_deleting_a_shared_article_stands_in_the_log_of_each_tenant_that_loses_it(kb):
    put(kb, "vpn", "VPN drops", "Renew the certificate", tenant=SHARED)
    for id in ("T-1", "T-2"):
        resolve(kb, id, "VPN drops", "Did so", solution_id="vpn")
    resolve(kb, "G-1", "VPN drops", "Did so", solution_id="vpn", tenant=GLOBEX)
    kb.articles.delete(SHARED, "vpn")
    assert actions(kb, SHARED, "article.deleted") == [("vpn", "0 tickets lost it")]
    assert actions(kb, ACME, "article.lost") == [("vpn", "2 tickets lost it")]
    assert actions(kb, GLOBEX, "article.lost") == [("vpn", "1 tickets lost it")]
    assert kb.tickets.get(ACME, "T-1").outcome == WriteBackOutcome.NEEDS_REVIEW


def test_nothing_said_of_a_deleted_article_counts_for_a_new_one(kb):
    put(kb, "printer", "Printer offline", FIX)
    _say(kb, "printer", FeedbackOutcome.WRONG)
    resolve(kb, "T-1", "Printer offline", "Did so", solution_id="printer")
    kb.tickets.reopen(ACME, "T-1")
    assert counted(kb, "printer") == (0, 1, 0, 1)
    kb.articles.delete(ACME, "printer")
    put(kb, "printer", "Printer offline", FIX)
    assert counted(kb, "printer") == (0, 0, 0, 0)
    with kb.store.read() as tx:
        assert not tx.rows("SELECT 1 FROM flags")


def _say(kb, id, outcome, agent="ani", text="Printer offline", suggestion=None):
    suggestion = suggestion or suggest(kb, text).id
    kb.give_feedback(ACME, Feedback(suggestion, id, outcome, agent))
    return suggestion


def test_a_fix_that_failed_leaves_nothing_to_the_one_that_replaced_it(kb):
    resolve(kb, "T-1", "Printer offline", FIX)
    failed = linked_to(kb)
    suggestion = suggest(kb).id
    kb.tickets.reopen(ACME, "T-1")
    _say(kb, failed, FeedbackOutcome.WRONG, suggestion=suggestion)
    resolve(kb, "T-1", "Printer offline", OTHER)
    assert linked_to(kb) != failed
    assert counted(kb, linked_to(kb)) == (1, 0, 0, 0)


def test_a_reopened_ticket_blames_only_what_was_tried(kb):
    for id in ("tried", "right"):
        put(kb, id, f"Article {id}", f"Do as article {id} says")
    resolve(kb, "T-1", "Printer offline", "Did so", solution_id="tried")
    kb.tickets.reopen(ACME, "T-1")
    kb.tickets.link(ACME, "T-1", "right", "lead")
    assert (counted(kb, "tried"), counted(kb, "right")) == ((0, 1, 0, 0), (0, 0, 0, 0))
    resolve(kb, "T-1", "Printer offline", "Did it as told")
    assert (counted(kb, "tried"), counted(kb, "right")) == ((0, 1, 0, 0), (1, 0, 0, 0))
    assert linked_to(kb) == "right", "what the lead linked it to since"


def test_a_failure_goes_along_with_a_ticket_that_a_lead_unlinks(kb):
    put(kb, "printer", "Printer offline", FIX)
    resolve(kb, "T-1", "Printer offline", FIX)
    kb.tickets.reopen(ACME, "T-1")
    own, _ = kb.tickets.unlink(ACME, "T-1", "lead")
    assert (counted(kb, "printer"), counted(kb, own)) == ((0, 0, 0, 0), (0, 1, 0, 0))


def test_failures_flags_and_decisions_follow_a_merge_and_come_back(kb):
    put(kb, "old", "Printer offline", FIX)
    put(kb, "new", "Printer is offline", "Look at the cable")
    resolve(kb, "T-1", "Printer offline", "Did so", solution_id="old")
    kb.tickets.reopen(ACME, "T-1")
    resolve(kb, "T-2", "Printer offline", "Did something quite else with it")
    kb.tickets.link(ACME, "T-2", "old", "lead")
    suggestion = _say(kb, "old", FeedbackOutcome.WRONG)

    def flagged():
        with kb.store.read() as tx:
            return [row["solution_id"] for row in tx.rows("SELECT solution_id FROM flags")]

    kb.articles.merge(ACME, "old", "new", "lead")
    assert (counted(kb, "new"), flagged()) == ((1, 1, 0, 1), ["new"])
    resolve(kb, "T-2", "Printer offline", "Did something quite else with it", minutes_spent=4)
    assert linked_to(kb, "T-2") == "new"
    kb.articles.unmerge(ACME, "old")
    assert (counted(kb, "new"), counted(kb, "old"), flagged()) == ((0, 0, 0, 0), (1, 1, 0, 1), ["old"])
    assert linked_to(kb, "T-2") == "old", "what was sent again in between stays with it"
    kb.articles.merge(ACME, "old", "new", "lead")
    _say(kb, "old", FeedbackOutcome.SOLVED, suggestion=suggestion)
    assert (counted(kb, "new"), flagged()) == ((1, 1, 1, 0), [])


FUTURE = datetime(9999, 12, 31, tzinfo=UTC)


def test_a_ticket_resolved_a_little_ahead_counts_as_resolved_now(kb, clock):
    put(kb, "printer", "Printer offline", FIX)
    put(kb, "later", "Printer offline", "Look at the cable")
    ahead = clock.now + timedelta(hours=20)
    resolve(kb, "T-1", "Printer offline", "Did so", solution_id="printer", resolved_at=ahead)
    assert kb.tickets.get(ACME, "T-1").resolution.resolved_at == ahead
    clock.now += timedelta(hours=1)
    resolve(kb, "T-2", "Printer offline", "Did so", solution_id="later")
    refs = [SolutionRef(ACME, id) for id in ("printer", "later")]
    with kb.store.read() as tx:
        found = evidence.standings(tx, ACMES, refs)
        assert solutions.many(tx, ACMES, refs)[refs[0]].evidence.last_used_at == clock.now - timedelta(hours=1)
    assert found[refs[1]].latest > found[refs[0]].latest


def test_a_ticket_resolved_far_in_the_future_is_refused_and_in_imports_was_resolved_now(kb, clock):
    with pytest.raises(InvalidInput) as raised:
        resolve(kb, "T-1", "Printer offline", FIX, resolved_at=FUTURE)
    assert raised.value.pointer == "/resolved_at"
    [report] = kb.tickets.import_lines(ACME, [(1, resolved("T-1", "Printer offline", FIX, resolved_at=FUTURE))])
    assert (report.accepted, report.errors) == (1, ())
    assert kb.tickets.get(ACME, "T-1").resolution.resolved_at == clock.now


def test_tickets_of_the_future_do_not_make_a_map_learn_again_for_ever(kb, clock):
    with kb.store.write() as tx:
        learned.put(tx, ACME, learned.StoredLearned("m", None, b"\0\0", "{}"))
    resolve(kb, "T-1", "Printer offline", FIX, resolved_at=clock.now + timedelta(hours=20))
    with kb.store.write() as tx:
        assert learned.resolved_since(tx, clock.now) == {ACME: 0}
        tx.execute("UPDATE tickets SET used_at = '9999-01-01T00:00:00.000000Z'")  # written by a clock that was wrong
        assert learned.resolved_since(tx, clock.now) == {ACME: 0}


def _sent(text):
    return ResolvedTicketIn("T-1", Ticket("Printer offline", f"my password is {text}"), Resolution(FIX))


@pytest.mark.parametrize("imported", [False, True])
def test_a_original_text_that_is_kept_is_renewed_where_only_a_redacted_part_changed(kb, imported):
    kb.redaction.set_policy(ACME, RedactionPolicy(keep_raw=True))
    for secret in ("Zima2024!", "Lyato2025!"):
        if imported:
            list(kb.tickets.import_lines(ACME, [(1, _sent(secret))]))
        else:
            kb.tickets.resolve(ACME, _sent(secret))
        assert kb.redaction.raw(ACME, "T-1")["description"] == f"my password is {secret}"
        assert secret not in kb.tickets.get(ACME, "T-1").ticket.description
    revision = kb.revision(ACMES)
    kb.tickets.resolve(ACME, _sent("Lyato2025!"))
    assert kb.revision(ACMES) == revision, "the same again changes nothing"


def test_reading_an_original_text_is_noted_in_the_audit_log(kb):
    kb.redaction.set_policy(ACME, RedactionPolicy(keep_raw=True))
    resolve(kb, "T-1", "Printer offline", FIX)
    kb.redaction.raw(ACME, "T-1")
    assert actions(kb, ACME, "ticket.original-read") == [("T-1", None)]


def test_the_revision_of_a_ticket_is_the_one_that_writes_answer(kb):
    put(kb, "vpn", "VPN drops", "Renew the certificate", tenant=SHARED)
    written = resolve(kb, "T-1", "Printer offline", FIX)
    assert kb.tickets.get(ACME, "T-1").revision == written.revision == kb.revision(ACMES)
    assert suggested(kb)
