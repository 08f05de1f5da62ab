import pytest

from kbsearch.errors import InvalidInput, NotFound
from kbsearch.model import SHARED, Feedback, FeedbackOutcome
from knowledge.made import ACME, GLOBEX, GLOBEXS, put, ranked, suggest

WORSE = (
    FeedbackOutcome.NOT_RELEVANT,
    FeedbackOutcome.OUTDATED,
    FeedbackOutcome.WRONG,
    FeedbackOutcome.DID_NOT_WORK,
)
BETTER = (FeedbackOutcome.SOLVED, FeedbackOutcome.HELPFUL)


@pytest.fixture
def filled(kb):
    """Two solutions that fit equally well."""
    for id in ("a", "b"):
        put(kb, id, "Printer offline", "Restart the spooler", tenant=SHARED)
    return kb


def _say(kb, outcome, solution="a", agent="ani", suggestion=None, tenant=ACME):
    id = suggestion or suggest(kb).id
    kb.give_feedback(tenant, Feedback(id, solution, outcome, agent))
    return id


def _order(kb):
    return [id for id, _ in ranked(kb, "Printer offline")]


def _flags(kb):
    with kb.store.read() as tx:
        return [(row["solution_id"], row["reason"]) for row in tx.rows("SELECT * FROM flags")]


def test_equal_solutions_are_ordered_by_id(filled):
    assert _order(filled) == ["a", "b"]


@pytest.mark.parametrize("outcome", WORSE)
def test_a_solution_that_did_not_fit_goes_down(filled, outcome):
    _say(filled, outcome, "a")
    assert _order(filled) == ["b", "a"]
    [evidence] = [one.solution.evidence for one in suggest(filled).solutions if one.solution.ref.id == "a"]
    unfit = outcome == FeedbackOutcome.NOT_RELEVANT
    assert (evidence.agents_solved, evidence.agents_failed) == (0, 0 if unfit else 1)
    assert (evidence.tickets, evidence.solved, evidence.failed) == (0, 0, 0)


@pytest.mark.parametrize("outcome", BETTER)
def test_a_solution_that_helped_goes_up(filled, outcome):
    _say(filled, outcome, "b")
    assert _order(filled) == ["b", "a"]


@pytest.mark.parametrize("before", FeedbackOutcome)
@pytest.mark.parametrize("after", FeedbackOutcome)
def test_an_agents_last_word_counts(filled, open_base, tmp_path, before, after):
    suggestion = _say(filled, before)
    _say(filled, after, suggestion=suggestion)
    scores, flags = ranked(filled, "Printer offline"), _flags(filled)
    other = open_base(tmp_path / "other")
    for id in ("a", "b"):
        put(other, id, "Printer offline", "Restart the spooler", tenant=SHARED)
    _say(other, after)
    assert ranked(other, "Printer offline") == scores
    assert _flags(other) == flags


def test_two_agents_count_twice(filled):
    suggestion = _say(filled, FeedbackOutcome.HELPFUL, agent="ani")
    once = dict(ranked(filled, "Printer offline"))
    _say(filled, FeedbackOutcome.HELPFUL, agent="boris", suggestion=suggestion)
    assert dict(ranked(filled, "Printer offline"))["a"] > once["a"]


@pytest.mark.parametrize("outcome", FeedbackOutcome)
def test_wrong_and_outdated_knowledge_is_flagged(filled, outcome):
    _say(filled, outcome)
    flagged = outcome in (FeedbackOutcome.WRONG, FeedbackOutcome.OUTDATED)
    assert _flags(filled) == ([("a", outcome)] if flagged else [])


def test_another_tenants_ranking_stays(filled):
    before = ranked(filled, "Printer offline", GLOBEXS)
    _say(filled, FeedbackOutcome.WRONG)
    assert ranked(filled, "Printer offline", GLOBEXS) == before


def test_only_what_was_shown_can_be_judged(filled):
    id = suggest(filled).id
    for tenant, suggestion in ((ACME, "unknown"), (GLOBEX, id)):
        with pytest.raises(NotFound):
            _say(filled, FeedbackOutcome.SOLVED, suggestion=suggestion, tenant=tenant)
    with pytest.raises(InvalidInput) as raised:
        _say(filled, FeedbackOutcome.SOLVED, solution="other", suggestion=id)
    assert raised.value.pointer == "/solution_id"


def test_the_newest_suggestion_can_be_judged_at_once(filled):
    for _ in range(10):
        _say(filled, FeedbackOutcome.HELPFUL, suggestion=suggest(filled).id)


def test_suggestions_are_kept_when_the_base_is_closed(filled, open_base):
    id = suggest(filled).id
    filled.close()
    _say(open_base(), FeedbackOutcome.SOLVED, suggestion=id)
