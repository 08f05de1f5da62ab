import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.ranking.confidence import READ, confidences, list_confidence
from kbsearch.ranking.signals import FEATURES
from kbsearch.ranking.weights import shipped

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
