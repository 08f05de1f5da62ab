import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.evaluation.grouping import b_cubed

GROUPINGS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3), min_size=1)


def test_the_example_of_the_literature():
    """Amigó et al. 2009: two categories in two clusters, one item astray."""
    right = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2}
    found = {"a": "x", "b": "x", "c": "y", "d": "y", "e": "y"}
    score = b_cubed(found, right)
    assert score.precision == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert score.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)


def test_what_is_in_no_group_is_alone():
    score = b_cubed({}, {"a": 1, "b": 1})
    assert (score.precision, score.recall) == (1.0, 0.5)


@given(GROUPINGS)
def test_the_right_grouping_is_right(right):
    assert b_cubed(right, right).f1 == 1.0


@given(GROUPINGS, GROUPINGS)
def test_precision_one_way_is_recall_the_other(one, other):
    items = one.keys() & other.keys()
    one, other = {i: one[i] for i in items}, {i: other[i] for i in items}
    assert b_cubed(one, other).precision == pytest.approx(b_cubed(other, one).recall)
