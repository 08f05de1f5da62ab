from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kbsearch.ranking.confidence import list_confidence, solution_confidence
from kbsearch.ranking.fusion import Signals

SHARES = st.floats(0, 1)
SIGNALS = st.builds(Signals, st.floats(-1, 1), SHARES, SHARES)
CONFIDENCES = st.lists(st.floats(0, 0.98), max_size=8)


@given(SIGNALS, SHARES, st.sampled_from(["similarity", "lexical", "identifiers"]), SHARES)
def test_more_of_a_signal_never_makes_less_confident(signals, readable, name, more):
    raised = replace(signals, **{name: max(getattr(signals, name), more)})
    assert solution_confidence(raised, readable) >= solution_confidence(signals, readable)


@given(SIGNALS, SHARES)
def test_a_confidence_is_a_probability_short_of_certainty(signals, readable):
    assert 0 <= solution_confidence(signals, readable) < 1


@given(CONFIDENCES)
def test_a_list_is_at_least_as_sure_as_its_best(confidences):
    assert max(confidences, default=0) - 1e-9 <= list_confidence(confidences) < 1


@given(CONFIDENCES, st.floats(0, 0.98))
def test_one_more_solution_never_makes_less_sure(confidences, more):
    assert list_confidence([*confidences, more]) >= list_confidence(confidences) - 1e-9


@given(CONFIDENCES.flatmap(st.permutations))
def test_the_order_does_not_matter(confidences):
    assert abs(list_confidence(confidences) - list_confidence(sorted(confidences))) < 1e-9


def test_an_empty_list_solves_nothing():
    assert list_confidence([]) == 0
