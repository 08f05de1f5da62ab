import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.ranking.confidence import confidences, list_confidence

_RELEVANCES = st.lists(st.floats(0, 1.5), max_size=12)
_CONFIDENCES = st.lists(st.floats(0, 0.98), max_size=5)


@given(_RELEVANCES)
def test_a_confidence_is_a_probability_short_of_certainty(relevances):
    found = confidences(relevances)
    assert len(found) == len(relevances)
    assert all(0 <= confidence < 1 for confidence in found)


@given(_RELEVANCES)
def test_the_more_relevant_is_never_less_likely(relevances):
    found = [confidence for _, confidence in sorted(zip(relevances, confidences(relevances), strict=True))]
    assert found == sorted(found)


@given(_RELEVANCES.flatmap(lambda relevances: st.tuples(st.just(relevances), st.permutations(relevances))))
def test_the_order_does_not_matter(orders):
    one, other = (dict(zip(relevances, confidences(relevances), strict=True)) for relevances in orders)
    assert one == other


@given(_CONFIDENCES)
def test_a_list_is_at_least_as_sure_as_its_best(found):
    assert max(found, default=0) - 1e-9 <= list_confidence(found) < 1


@given(_CONFIDENCES, st.floats(0, 0.98))
def test_one_more_solution_never_makes_less_sure(found, more):
    assert list_confidence([*found, more]) >= list_confidence(found) - 1e-9


def test_an_empty_list_solves_nothing():
    assert confidences([]) == []
    assert list_confidence([]) == pytest.approx(0)
