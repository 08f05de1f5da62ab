import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.ranking.confidence import READ, confidences, list_confidence, list_facts
from kbsearch.ranking.signals import FEATURES
from kbsearch.ranking.weights import FAMILIAR, LIST_FACTS, shipped

_CONFIDENCES = st.lists(st.floats(0, 0.98), max_size=5)
_TABLES = st.lists(st.lists(st.floats(0, 1), min_size=len(FEATURES), max_size=len(FEATURES)), max_size=12)


def _confidences(rows):
    table = np.array(rows).reshape(len(rows), len(FEATURES))
    scores = table @ shipped().ranking_vector()
    return scores.tolist(), confidences(table, scores, shipped())


@given(_TABLES)
def test_a_confidence_is_a_probability_short_of_certainty(rows):
    _, found = _confidences(rows)
    assert len(found) == len(rows)
    assert all(0 <= confidence < 1 for confidence in found)
    assert sum(sorted(found, reverse=True)[:READ]) < 1


@given(_TABLES)
def test_the_higher_score_is_never_less_likely(rows):
    scores, found = _confidences(rows)
    by_score = [found[place] for place in np.argsort(scores, kind="stable")]
    assert by_score == pytest.approx(sorted(by_score))


@given(_CONFIDENCES)
def test_a_list_is_at_least_as_sure_as_its_best(found):
    assert max(found, default=0) - 1e-9 <= list_confidence(found) < 1


@given(_CONFIDENCES, st.floats(0, 0.98))
def test_one_more_solution_never_makes_less_sure(found, more):
    assert list_confidence([*found, more]) >= list_confidence(found) - 1e-9


def test_an_empty_list_solves_nothing():
    assert _confidences([])[1] == []
    assert list_confidence([]) == 0


def _facts(**columns):
    table = np.zeros((3, len(FEATURES)))
    for name, values in columns.items():
        table[:, FEATURES.index(name)] = values
    scores = table @ shipped().ranking_vector()
    return dict(zip(LIST_FACTS, list_facts(table, scores, shipped(), FAMILIAR), strict=True))


def test_facts_of_the_list_tell_by_how_much_one_solution_is_in_front_and_how_many_say_so():
    facts = _facts(
        relevance=[0.9, 0.2, 0.1], votes=[2.0, 0.5, 0.0], lexical_votes=[1.0, 1.0, 0.0], nearest=[0.1, 0.4, 0]
    )
    assert facts["votes_ahead"] == pytest.approx(1.5)
    assert facts["words_ahead"] == 0  # two share the first place
    assert facts["agreement"] == 2  # relevance and votes; another one is nearest
    assert _facts(mapped=[-0.1, 0.2, 0.05])["known_mapped"] == pytest.approx(0.2)


def test_a_single_solution_is_in_front_by_all_that_speaks_for_it():
    table = np.zeros((1, len(FEATURES)))
    table[0, FEATURES.index("votes")] = 3.0
    facts = dict(zip(LIST_FACTS, list_facts(table, np.ones(1), shipped(), FAMILIAR), strict=True))
    assert (facts["votes_ahead"], facts["agreement"]) == (3.0, 1)
