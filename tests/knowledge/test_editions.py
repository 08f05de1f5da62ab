"""A tenant's own edition of a shared article: the same id, and all that the tenant's tickets and agents gathered."""

import pytest

from kbsearch.model import SHARED, ArticleState, Feedback, FeedbackOutcome, SolutionRef, Ticket
from kbsearch.store import solutions
from knowledge.made import ACME, ACMES, GLOBEX, GLOBEXS, put, resolve, suggest

TITLE, TEXT = "Laptop does not wake up", "Hold the power button for thirty seconds"
OWN = "Hold the power button and call the desk"


@pytest.fixture
def shared(kb):
    """A shared article with tickets, a failure and a word of each of two tenants."""
    put(kb, "laptop", TITLE, TEXT, tenant=SHARED)
    for tenant, scope in ((ACME, ACMES), (GLOBEX, GLOBEXS)):
        for number in range(3):
            resolve(kb, f"T-{number}", TITLE, f"Did so {number}", solution_id="laptop", tenant=tenant)
        kb.tickets.reopen(tenant, "T-2")
        kb.give_feedback(tenant, Feedback(suggest(kb, TITLE, scope).id, "laptop", FeedbackOutcome.WRONG, "ani"))
    return kb


def history(kb, scope=ACMES, id="laptop"):
    """Whose solution of this id the tenant sees, and what it gathered."""
    with kb.store.read() as tx:
        ref = solutions.find(tx, scope, id)
        found = solutions.many(tx, scope, [ref])[ref].evidence
    return ref.tenant, ref.id, (found.solved, found.failed, found.agents_failed)


def links(kb, tenant=ACME):
    return {id: kb.tickets.get(tenant, id).solution for id in ("T-0", "T-1", "T-2")}


def first(kb, text, scope=ACMES):
    return kb.rank(scope, Ticket(text))[0].ref


def flags(kb):
    with kb.store.read() as tx:
        return [tuple(row) for row in tx.rows("SELECT tenant, solution_tenant FROM flags ORDER BY tenant")]


def test_an_edition_keeps_the_tenants_history_and_gives_it_back(shared):
    before, answered = links(shared), [(s.solution.ref, s.confidence) for s in suggest(shared, TITLE).solutions]
    assert history(shared) == (SHARED, "laptop", (2, 1, 1))
    put(shared, "laptop", TITLE, OWN)
    assert history(shared) == (ACME, "laptop", (2, 1, 1))
    assert history(shared, GLOBEXS) == (SHARED, "laptop", (2, 1, 1)), "nobody else's changes"
    assert set(links(shared).values()) == {SolutionRef(ACME, "laptop")}
    assert flags(shared) == [(ACME, ACME), (GLOBEX, SHARED)]
    [own] = suggest(shared, TITLE).solutions
    assert own.confidence == pytest.approx(answered[0][1], abs=0.2)
    shared.articles.delete(ACME, "laptop")
    assert history(shared) == (SHARED, "laptop", (2, 1, 1))
    assert links(shared) == before
    assert flags(shared) == [(ACME, SHARED), (GLOBEX, SHARED)]
    assert [(s.solution.ref, s.confidence) for s in suggest(shared, TITLE).solutions] == answered


def test_what_an_edition_gathered_is_the_shared_ones_when_it_is_deleted(shared):
    put(shared, "laptop", TITLE, OWN)
    resolve(shared, "T-9", TITLE, "Did so again", solution_id="laptop")
    shared.articles.delete(ACME, "laptop")
    assert history(shared) == (SHARED, "laptop", (3, 1, 1))
    assert history(shared, GLOBEXS) == (SHARED, "laptop", (2, 1, 1))


def test_an_edition_outlives_the_shared_article(shared):
    put(shared, "laptop", TITLE, OWN)
    shared.articles.delete(SHARED, "laptop")
    assert history(shared) == (ACME, "laptop", (2, 1, 1))
    assert set(links(shared, GLOBEX).values()) == {None}
    shared.articles.delete(ACME, "laptop")
    assert set(links(shared).values()) == {None}


@pytest.mark.parametrize("edition_first", [False, True])
def test_what_was_merged_into_the_shared_one_leads_to_the_edition(shared, edition_first):
    put(shared, "sleep", "Zyxwvut stays black", "Press the button for half a minute", tenant=SHARED)
    resolve(shared, "T-0", TITLE, "Did so 0", solution_id="sleep")
    for is_edition in (edition_first, not edition_first):
        if is_edition:
            put(shared, "laptop", TITLE, OWN)
        else:
            shared.articles.merge(SHARED, "sleep", "laptop", "lead")
    assert history(shared, id="sleep") == (ACME, "laptop", (2, 1, 1))
    assert first(shared, "Zyxwvut stays black") == SolutionRef(ACME, "laptop")
    shared.articles.unmerge(SHARED, "sleep")
    assert history(shared, id="sleep") == (SHARED, "sleep", (1, 0, 0))
    assert history(shared) == (ACME, "laptop", (1, 1, 1))


def test_an_own_article_merged_into_the_shared_one_leads_to_the_edition(shared):
    put(shared, "ours", "Zyxwvut stays black", "Press the button for half a minute")
    resolve(shared, "T-9", "Zyxwvut stays black", "Did so", solution_id="ours")
    shared.articles.merge(ACME, "ours", "laptop", "lead")
    put(shared, "laptop", TITLE, OWN)
    assert first(shared, "Zyxwvut stays black") == SolutionRef(ACME, "laptop")
    assert history(shared, id="ours") == (ACME, "laptop", (3, 1, 1))
    shared.articles.unmerge(ACME, "ours")
    assert history(shared, id="ours") == (ACME, "ours", (1, 0, 0))
    assert history(shared) == (ACME, "laptop", (2, 1, 1))


def test_an_edition_that_is_merged_leads_on(shared):
    put(shared, "sleep", "Zyxwvut stays black", "Press the button for half a minute", tenant=SHARED)
    put(shared, "laptop", TITLE, OWN)
    put(shared, "ours", "Our laptops stay black", "Press it for a minute")
    shared.articles.merge(ACME, "laptop", "ours", "lead")
    shared.articles.merge(SHARED, "sleep", "laptop", "lead")
    assert first(shared, "Zyxwvut stays black") == SolutionRef(ACME, "ours")
    assert history(shared) == (ACME, "ours", (2, 1, 1))
    assert first(shared, "Zyxwvut stays black", GLOBEXS) == SolutionRef(SHARED, "laptop")


def test_an_edition_of_a_merged_shared_article_is_the_tenants_own(shared):
    put(shared, "sleep", "Zyxwvut stays black", "Press the button for half a minute", tenant=SHARED)
    shared.articles.merge(SHARED, "sleep", "laptop", "lead")
    put(shared, "sleep", "Zyxwvut stays black here", "Ask the desk")
    assert first(shared, "Zyxwvut stays black") == SolutionRef(ACME, "sleep")
    assert first(shared, "Zyxwvut stays black", GLOBEXS) == SolutionRef(SHARED, "laptop")


def test_a_word_on_what_was_shown_before_counts_for_the_edition(shared):
    suggestion = suggest(shared, TITLE).id
    put(shared, "laptop", TITLE, OWN)
    shared.give_feedback(ACME, Feedback(suggestion, "laptop", FeedbackOutcome.WRONG, "boris"))
    assert history(shared) == (ACME, "laptop", (2, 1, 2))


def test_no_fix_is_linked_to_a_shared_article_that_an_edition_hides(shared):
    put(shared, "laptop", TITLE, OWN)
    written = resolve(shared, "T-9", TITLE, TEXT)
    assert written.solution_id != "laptop"
    assert shared.tickets.get(ACME, "T-9").solution.tenant == ACME


def test_an_archived_edition_hides_the_shared_one_and_what_leads_there(shared):
    put(shared, "sleep", "Zyxwvut stays black", "Press the button for half a minute", tenant=SHARED)
    shared.articles.merge(SHARED, "sleep", "laptop", "lead")
    put(shared, "laptop", TITLE, OWN, state=ArticleState.ARCHIVED)
    assert shared.rank(ACMES, Ticket("Zyxwvut stays black")) == []
    assert first(shared, "Zyxwvut stays black", GLOBEXS) == SolutionRef(SHARED, "laptop")


def test_a_promoted_shared_fix_is_an_edition_too(kb):
    fix = resolve(kb, "S-1", TITLE, TEXT, tenant=SHARED).solution_id
    resolve(kb, "T-0", TITLE, TEXT)
    put(kb, fix, TITLE, OWN)
    assert history(kb, id=fix) == (ACME, fix, (1, 0, 0))
    kb.articles.delete(ACME, fix)
    assert history(kb, id=fix) == (SHARED, fix, (1, 0, 0))


def test_proposals_are_paged_past_an_article_and_its_own_edition(kb):
    for number in range(4):
        put(kb, f"a-{number}", TITLE, TEXT)
    put(kb, "a-1", TITLE, TEXT, tenant=SHARED)
    kb.proposals.catch_up()
    everything = kb.proposals.page(ACME, 0, 100)
    assert len(everything) == 6
    paged = [one for start in range(0, 6, 2) for one in kb.proposals.page(ACME, start, 2)]
    assert paged == everything
