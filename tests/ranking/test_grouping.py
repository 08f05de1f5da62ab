from hypothesis import given
from hypothesis import strategies as st

from kbsearch.model import ArticleState, SolutionRef, Standing, TenantId
from kbsearch.ranking.fusion import Signals
from kbsearch.ranking.grouping import Candidate, group, success_rate
from ranking.made import ACME

NONE = Signals(0, 0, 0)
_CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.sampled_from([SolutionRef(ACME, id) for id in "abcd"]),
        st.integers(0, 1000),
        st.floats(0, 1),
        st.just(NONE),
    ),
    max_size=20,
    unique_by=lambda candidate: candidate.key,
)


def _standings(**record_of):
    return {SolutionRef(ACME, id): Standing(ArticleState.NOT_VALIDATED, **record_of.get(id, {})) for id in "abc"}


@given(_CANDIDATES)
def test_one_row_for_each_solution_and_no_candidate_lost(candidates):
    groups = group(candidates, _standings())
    refs = [one.ref for one in groups]
    assert len(set(refs)) == len(refs)
    assert "d" not in {ref.id for ref in refs}
    grouped = [candidate for one in groups for candidate in one.candidates]
    assert sorted(one.key for one in grouped) == sorted(one.key for one in candidates if one.solution.id != "d")
    for one in groups:
        assert all(candidate.solution == one.ref for candidate in one.candidates)
        assert one.best.relevance == max(candidate.relevance for candidate in one.candidates)


@given(_CANDIDATES.flatmap(lambda candidates: st.tuples(st.just(candidates), st.permutations(candidates))))
def test_the_order_of_the_candidates_does_not_matter(orders):
    def order(candidates):
        return [(one.ref, one.score) for one in group(candidates, _standings())]

    assert order(orders[0]) == order(orders[1])


@given(_CANDIDATES)
def test_the_best_score_comes_first_and_ties_go_by_id(candidates):
    groups = group(candidates, _standings())
    keys = [(-one.score, one.ref.id) for one in groups]
    assert keys == sorted(keys)


def test_among_equals_more_documents_a_better_record_and_validation_win():
    def first(candidates, standings):
        return group(candidates, standings)[0].ref.id

    a, b = (SolutionRef(ACME, id) for id in "ab")
    one_each = [Candidate(a, 1, 0.5, NONE), Candidate(b, 2, 0.5, NONE)]
    assert first(one_each, _standings()) == "a"
    assert first([*one_each, Candidate(b, 3, 0.4, NONE)], _standings()) == "b"
    assert first(one_each, _standings(b={"solved": 5})) == "b"
    assert first(one_each, _standings(a={"failed": 5})) == "b"
    assert first(one_each, _standings() | {b: Standing(ArticleState.VALIDATED)}) == "b"


def test_solutions_of_two_tenants_with_one_id_are_two():
    refs = [SolutionRef(TenantId(tenant), "a") for tenant in ("acme", "shared")]
    groups = group(
        [Candidate(ref, i, 0.5, NONE) for i, ref in enumerate(refs)],
        {ref: Standing(ArticleState.VALIDATED) for ref in refs},
    )
    assert len(groups) == 2


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_success_lies_between_never_and_always_and_follows_the_record(solved, failed):
    rate = success_rate(Standing(ArticleState.VALIDATED, solved=solved, failed=failed))
    assert 0 < rate < 1
    assert success_rate(Standing(ArticleState.VALIDATED, solved=solved + 1, failed=failed)) > rate
    assert success_rate(Standing(ArticleState.VALIDATED, solved=solved, failed=failed + 1)) < rate
