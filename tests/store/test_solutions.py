from datetime import UTC, datetime

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbsearch.model import (
    SHARED,
    ArticleState,
    Evidence,
    FeedbackOutcome,
    Scope,
    SolutionKind,
    SolutionRef,
    WriteBackOutcome,
)
from kbsearch.store import articles, evidence, feedback, solutions, ticket_links, tickets
from store.made import ACME, ACMES, GLOBEX, GLOBEXS, digest, put_article, put_solution, put_ticket

FIX = SolutionRef(ACME, "fix-1")
ARTICLE = SolutionRef(SHARED, "printer")


def _evidence(tx, ref, scope=ACMES):
    return solutions.many(tx, scope, [ref])[ref].evidence


def _say(tx, outcome, ref=FIX, tenant=ACME, suggestion="s-1", agent="ani"):
    shown = feedback.Shown(tenant, suggestion, None, ((ref, 0.5),), "known", 0.5, "2026-01-01T00:00:00.000000Z")
    feedback.put(tx, shown, ref, agent, outcome, None)


def _with_same_fix(tx, text):
    [found] = solutions.with_same_fixes(tx, ACMES, [digest(text)]).values()
    return found


def test_evidence_counts_tickets_and_apart_from_them_what_agents_said(store):
    with store.write() as tx:
        put_solution(tx, FIX)
        assert _evidence(tx, FIX) == Evidence()
        for number in range(7):
            moment = datetime(2026, 1, 1 + number, tzinfo=UTC)
            put_ticket(tx, id=f"T-{number}", solution=FIX, resolved_at=moment, minutes_spent=10 + number)
        tickets.reopen(tx, ACME, "T-0")
        for agent, outcome in enumerate(FeedbackOutcome):
            _say(tx, outcome, agent=str(agent))
        assert _evidence(tx, FIX) == Evidence(
            tickets=7,
            solved=6,
            failed=1,
            last_used_at=datetime(2026, 1, 7, tzinfo=UTC),
            examples=("T-6", "T-5", "T-4", "T-3", "T-2"),
            typical_minutes=14,
            agents_solved=1,
            agents_helpful=1,
            agents_failed=3,
        )


def test_typical_minutes_are_unknown_where_nobody_noted_them(store):
    with store.write() as tx:
        put_solution(tx, FIX)
        put_ticket(tx, solution=FIX)
        assert _evidence(tx, FIX).typical_minutes is None
        put_ticket(tx, id="T-2", solution=FIX, minutes_spent=7)
        assert _evidence(tx, FIX).typical_minutes == 7


def test_a_shared_solutions_evidence_is_the_tenants_own(store):
    with store.write() as tx:
        put_article(tx, SHARED)
        put_ticket(tx, ACME, solution=ARTICLE)
        _say(tx, FeedbackOutcome.WRONG, ARTICLE)
        last_used_at = _evidence(tx, ARTICLE).last_used_at
        assert _evidence(tx, ARTICLE, ACMES) == Evidence(1, 1, 0, last_used_at, ("T-1",), agents_failed=1)
        assert _evidence(tx, ARTICLE, GLOBEXS) == Evidence()
        assert _evidence(tx, ARTICLE, Scope(SHARED)) == Evidence()


def test_nothing_of_another_tenant_or_archived_is_given(store):
    with store.write() as tx:
        put_solution(tx, FIX)
        put_article(tx, ACME, id="old", state=ArticleState.ARCHIVED)
        put_article(tx, SHARED)
        refs = [FIX, SolutionRef(ACME, "old"), ARTICLE, SolutionRef(ACME, "unknown")]
        assert list(solutions.many(tx, ACMES, refs)) == [FIX, ARTICLE]
        assert list(solutions.many(tx, GLOBEXS, refs)) == [ARTICLE]
        assert solutions.many(tx, ACMES, []) == {}


@pytest.mark.parametrize("state", list(ArticleState))
def test_an_own_edition_hides_the_shared_one(store, state):
    with store.write() as tx:
        put_article(tx, SHARED)
        put_article(tx, ACME, state=state)
        assert ARTICLE not in solutions.many(tx, ACMES, [ARTICLE])
        assert ARTICLE in solutions.many(tx, GLOBEXS, [ARTICLE])


def test_a_solution_is_found_by_id_own_before_shared(store):
    with store.write() as tx:
        put_article(tx, SHARED)
        assert solutions.find(tx, ACMES, "printer") == ARTICLE
        put_article(tx, ACME)
        assert solutions.find(tx, ACMES, "printer") == SolutionRef(ACME, "printer")
        assert solutions.find(tx, GLOBEXS, "printer") == ARTICLE
        assert solutions.find(tx, ACMES, "unknown") is None


def test_the_same_fix_is_found_in_scope(store):
    text = "Restart the spooler"
    with store.write() as tx:
        put_solution(tx, SolutionRef(GLOBEX, "fix-9"), text=text)
        assert _with_same_fix(tx, text) is None
        put_article(tx, SHARED, resolution=text)
        assert _with_same_fix(tx, text) == ARTICLE
        put_solution(tx, FIX, text=text)
        assert _with_same_fix(tx, text) == FIX
        assert _with_same_fix(tx, "something else") is None


def test_an_archived_or_empty_fix_is_no_same_fix(store):
    with store.write() as tx:
        put_article(tx, ACME, resolution="Restart", state=ArticleState.ARCHIVED)
        put_article(tx, ACME, id="empty", resolution="")
        assert _with_same_fix(tx, "Restart") is None
        assert _with_same_fix(tx, "") is None


def test_a_solution_formed_again_is_replaced(store):
    with store.write() as tx:
        put_solution(tx, FIX)
        put_solution(tx, FIX, title="Printer prints nothing")
        solution = solutions.many(tx, ACMES, [FIX])[FIX]
    assert (solution.title, solution.kind, solution.state) == (
        "Printer prints nothing",
        SolutionKind.TICKET,
        ArticleState.NOT_VALIDATED,
    )


def test_the_tickets_of_a_ticket_solution_in_the_order_they_were_resolved(store):
    with store.write() as tx:
        ref = articles.ref(put_article(tx))
        put_solution(tx, FIX)
        for number, tenant in enumerate((GLOBEX, ACME, ACME)):
            moment = datetime(2026, 1, 3 - number, tzinfo=UTC)
            put_ticket(tx, tenant, id=f"T-{number}", solution=FIX, resolved_at=moment)
        put_ticket(tx, id="T-9", solution=ref)
        assert solutions.linked_tickets(tx, FIX) == [(ACME, "T-2"), (ACME, "T-1"), (GLOBEX, "T-0")]
        assert solutions.linked_tickets(tx, ref) == []
        assert solutions.tickets_of(tx, [FIX, ref]) == {FIX: 3, ref: 0}


def test_only_a_ticket_solution_is_dropped(store):
    with store.write() as tx:
        ref = articles.ref(put_article(tx))
        put_solution(tx, FIX)
        for one in (FIX, ref):
            solutions.drop_formed(tx, one)
        assert set(solutions.many(tx, ACMES, [FIX, ref])) == {ref}


@given(
    st.lists(st.tuples(st.sampled_from(list(FeedbackOutcome)), st.sampled_from("abc"), st.integers(0, 3)), max_size=30)
)
@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_agent_counts_once_with_the_latest_word_however_often_it_speaks(store, words):
    with store.write() as tx:
        tx.execute("DELETE FROM feedback")
        put_solution(tx, FIX)
        said: dict[tuple[str, int], FeedbackOutcome] = {}
        for outcome, agent, number in words:
            _say(tx, outcome, agent=agent, suggestion=f"s-{number}")
            said.pop((agent, number), None)
            said[agent, number] = outcome
        latest = {agent: said_last for (agent, _), said_last in said.items() if said_last != "not_relevant"}
        unfit = {agent for (agent, _), outcome in said.items() if outcome == "not_relevant"}
        standing = evidence.standings(tx, ACMES, [FIX])[FIX]
        found = _evidence(tx, FIX)
    counts = [
        [*latest.values()].count(outcome) for outcome in ("solved", "helpful", "outdated", "wrong", "did_not_work")
    ]
    expected = (counts[0], counts[1], sum(counts[2:]))
    assert (standing.agents_solved, standing.agents_helpful, standing.agents_failed) == expected
    assert (found.agents_solved, found.agents_helpful, found.agents_failed) == expected
    assert standing.agents_unfit == len(unfit)
    assert (found.tickets, found.solved, found.failed, standing.solved, standing.failed) == (0, 0, 0, 0, 0)


def test_a_failure_stays_with_the_solution_that_was_tried(store):
    other = SolutionRef(ACME, "fix-2")

    def counted(tx):
        return [
            (one.tickets, one.solved, one.failed, standing.solved, standing.failed)
            for ref in (FIX, other)
            for one, standing in [(_evidence(tx, ref), evidence.standings(tx, ACMES, [ref])[ref])]
        ]

    with store.write() as tx:
        put_solution(tx, FIX)
        put_solution(tx, other)
        put_ticket(tx, solution=FIX)
        tickets.reopen(tx, ACME, "T-1")
        assert counted(tx) == [(1, 0, 1, 0, 1), (0, 0, 0, 0, 0)]
        ticket_links.link(tx, ACME, "T-1", other, WriteBackOutcome.LINKED)
        assert counted(tx) == [(1, 0, 1, 0, 1), (0, 0, 0, 0, 0)], "nobody has tried the other one"
        put_ticket(tx, solution=other)
        assert counted(tx) == [(1, 0, 1, 0, 1), (1, 1, 0, 1, 0)]
        tickets.reopen(tx, ACME, "T-1")
        assert counted(tx) == [(1, 0, 1, 0, 1), (1, 0, 1, 0, 1)]
        put_ticket(tx, solution=FIX)
        assert counted(tx) == [(1, 1, 0, 1, 0), (1, 0, 1, 0, 1)], "it worked in the end"
        tickets.erase(tx, ACME, "T-1")
        assert counted(tx) == [(0, 0, 0, 0, 0)] * 2


def test_among_tickets_resolved_at_the_same_time_the_later_change_is_the_later_ticket(store):
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    first, second = SolutionRef(ACME, "z"), SolutionRef(ACME, "a")
    for refs in ((first, second), (second, first)):
        with store.write() as tx:
            for number, ref in enumerate(refs):
                put_solution(tx, ref)
                put_ticket(tx, id=f"T-{number}", solution=ref, resolved_at=moment)
            found = evidence.standings(tx, ACMES, refs)
            assert found[refs[1]].latest > found[refs[0]].latest
            put_ticket(tx, id="T-9", solution=refs[0], resolved_at=moment)
            assert _evidence(tx, refs[0]).examples[0] == "T-9"
            tickets.erase(tx, ACME, "T-9")


def test_what_solved_the_latest_tickets_is_recent_and_reopened_ones_are_not(store):
    with store.write() as tx:
        put_solution(tx, FIX)
        put_article(tx, SHARED)
        for number in range(6):
            moment = datetime(2026, 1, 1 + number, tzinfo=UTC)
            put_ticket(tx, id=f"T-{number}", solution=FIX if number < 3 else ARTICLE, resolved_at=moment)
        tickets.reopen(tx, ACME, "T-5")
        old, new = (evidence.standings(tx, ACMES, [FIX, ARTICLE])[ref] for ref in (FIX, ARTICLE))
        assert (old.solved, new.solved) == (3, 2)
        assert new.recent == pytest.approx(sum(evidence.recency([place])[0] for place in (0, 1)))
        assert 0 < old.latest < old.recent < 3
        assert evidence.standings(tx, GLOBEXS, [ARTICLE])[ARTICLE].recent == 0
