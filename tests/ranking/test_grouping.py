from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.model import ArticleState, SolutionRef, Standing, TenantId
from kbsearch.ranking.fusion import Signals
from kbsearch.ranking.grouping import group
from kbsearch.ranking.signals import FEATURES, Candidate, features, success_rate
from kbsearch.ranking.weights import Familiarity, RankingWeights, as_stored, shipped
from ranking.made import ACME

NONE = Signals(0, 0, 0)
_SHARES = st.floats(0, 1)
_SIGNALS = st.builds(Signals, _SHARES, _SHARES, _SHARES, _SHARES, _SHARES, _SHARES, _SHARES)
_CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.sampled_from([SolutionRef(ACME, id) for id in "abcd"]),
        st.integers(0, 1000),
        _SHARES,
        _SIGNALS,
        st.booleans(),
    ),
    max_size=20,
    unique_by=lambda candidate: candidate.key,
)
A, B = (SolutionRef(ACME, id) for id in "ab")


def _standings(**record_of):
    return {SolutionRef(ACME, id): Standing(ArticleState.NOT_VALIDATED, **record_of.get(id, {})) for id in "abc"}


def _group(candidates, standings=None):
    return group(candidates, _standings() if standings is None else standings, shipped())


def _scores(candidates, standings):
    return {one.ref: one.score for one in _group(candidates, standings)}


@given(_CANDIDATES)
def test_one_row_for_each_solution_and_no_candidate_lost(candidates):
    groups = _group(candidates)
    refs = [one.ref for one in groups]
    assert len(set(refs)) == len(refs)
    assert "d" not in {ref.id for ref in refs}
    grouped = [candidate for one in groups for candidate in one.candidates]
    assert sorted(one.key for one in grouped) == sorted(one.key for one in candidates if one.solution.id != "d")
    for one in groups:
        assert all(candidate.solution == one.ref for candidate in one.candidates)
        assert one.best.is_ticket == all(candidate.is_ticket for candidate in one.candidates)


@given(_CANDIDATES.flatmap(lambda candidates: st.tuples(st.just(candidates), st.permutations(candidates))))
def test_the_order_of_the_candidates_does_not_matter(orders):
    def order(candidates):
        return [(one.ref, pytest.approx(one.score, abs=1e-5)) for one in _group(candidates)]

    assert [ref for ref, _ in order(orders[0])] == [one.ref for one in _group(orders[1])]
    assert [score for _, score in order(orders[0])] == [one.score for one in _group(orders[1])]


@given(_CANDIDATES)
def test_the_best_score_comes_first_ties_go_by_id_and_confidence_follows(candidates):
    groups = _group(candidates)
    keys = [(-one.score, one.ref.id) for one in groups]
    assert keys == sorted(keys)
    assert [one.confidence for one in groups] == sorted((one.confidence for one in groups), reverse=True)


@given(_CANDIDATES, st.integers(0, 50), _SHARES, _SHARES)
def test_a_ticket_solved_with_it_raises_a_solution(candidates, tickets, recent_share, latest_share):
    near = Signals(0.6, 0.4, 0, 0.6, 0.6, 0.6, 0.6)
    candidates = [*candidates, Candidate(A, 2000, 0.5, NONE), Candidate(A, 2001, 0.5, near, is_ticket=True)]
    recent = tickets * recent_share
    latest = recent * latest_share
    before = Standing(ArticleState.NOT_VALIDATED, tickets, recent=recent, latest=latest)
    after = replace(before, solved=tickets + 1, recent=recent + 1, latest=latest + 1)
    assert _scores(candidates, {A: after})[A] > _scores(candidates, {A: before})[A]


@given(st.integers(0, 1000), st.integers(0, 10_000), st.integers(1, 5))
def test_no_number_of_failures_buries_a_solution_for_good(solved, failed, later):
    candidates = [Candidate(A, 1, 0.9, Signals(0.9, 0.9, 0, 0.9, 0.9)), Candidate(B, 2, 0.1, NONE)]
    worst = Standing(ArticleState.NOT_VALIDATED, agents_solved=solved, agents_failed=failed)
    [first, _] = _group(candidates, _standings() | {A: worst})
    assert first.ref == A, "a solution that fits far better stays first"
    assert first.score >= _scores(candidates, _standings())[A] - 1.34
    better = replace(worst, agents_solved=solved + later)
    assert success_rate(better) > success_rate(worst)


@given(st.integers(1, 1000))
def test_nobody_alone_pushes_a_solution_up(words):
    """However often: the store counts an agent once (tests/store/test_solutions.py), which is worth so little."""
    candidates = [Candidate(A, 1, 0.5, NONE), Candidate(B, 2, 0.5, NONE)]
    plain, praised = _scores(candidates, _standings()), _scores(candidates, _standings(b={"agents_solved": 1}))
    assert plain[B] < praised[B] <= plain[B] + 0.2


def test_among_equals_more_documents_a_better_record_and_validation_win():
    def first(candidates, standings):
        return _group(candidates, standings)[0].ref.id

    one_each = [Candidate(A, 1, 0.5, NONE), Candidate(B, 2, 0.5, NONE)]
    vote = Candidate(B, 3, 0.4, Signals(0.4, 0.4, 0, 0.4, 0.4, 0.4, 0.4), is_ticket=True)
    assert first(one_each, _standings()) == "a"
    assert first([*one_each, vote], _standings()) == "b"
    asked_before = [*one_each, Candidate(A, 4, 0.4, NONE, True), replace(vote, signals=replace(NONE, issue=0.6))]
    assert first(asked_before, _standings(b={"solved": 5, "recent": 5, "latest": 5})) == "b"
    assert first(one_each, _standings(b={"agents_solved": 5})) == "b"
    assert first(one_each, _standings(b={"agents_helpful": 5})) == "b"
    assert first(one_each, _standings(a={"failed": 5})) == "b"
    assert first(one_each, _standings() | {B: Standing(ArticleState.VALIDATED)}) == "b"


def test_solutions_of_two_tenants_with_one_id_are_two():
    refs = [SolutionRef(TenantId(tenant), "a") for tenant in ("acme", "shared")]
    groups = _group(
        [Candidate(ref, i, 0.5, NONE) for i, ref in enumerate(refs)],
        {ref: Standing(ArticleState.VALIDATED) for ref in refs},
    )
    assert len(groups) == 2


@given(_CANDIDATES)
def test_each_feature_is_a_number(candidates):
    refs, table = features(candidates, _standings())
    assert table.shape == (len(refs), len(FEATURES))
    assert (abs(table) < 100).all()


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_success_lies_between_never_and_always_and_follows_the_record(solved, failed):
    rate = success_rate(Standing(ArticleState.VALIDATED, solved=solved, failed=failed))
    assert 0 < rate < 1
    assert success_rate(Standing(ArticleState.VALIDATED, solved=solved + 1, failed=failed)) > rate
    assert success_rate(Standing(ArticleState.VALIDATED, solved=solved, failed=failed + 1)) < rate


def test_shipped_weights_count_no_evidence_against_a_solution_and_survive_json():
    weights = shipped()
    assert set(weights.ranking) == set(FEATURES)
    assert all(weight >= 0 for weight in weights.ranking.values())
    assert RankingWeights.from_json(weights.to_json()) == weights


def test_a_stored_confidence_over_other_facts_is_replaced_by_the_shipped_one():
    weights = replace(shipped(), ranking={"nearest": 3.0}, sharpness=1.2, intercept=-9.0)
    assert as_stored(weights.to_json()) == weights
    older = replace(weights, confidence={"peak": 1.0})
    assert as_stored(older.to_json()) == replace(shipped(), ranking={"nearest": 3.0})
    assert as_stored(None) == shipped()


def test_a_question_of_another_world_is_new_but_what_was_solved_in_the_same_words_is_not():
    def sure(nearest, typical):
        article = Candidate(A, 1, nearest, Signals(nearest, nearest, 0, nearest, nearest))
        [one] = group([article], _standings(), shipped(), Familiarity(typical=typical))
        return one.confidence

    assert sure(0.4, 0.05) < sure(0.4, 0.8) - 0.15
    assert sure(0.95, 0.05) == sure(0.95, 0.8) > 0.9
