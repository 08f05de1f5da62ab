import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.ranking.fusion import readability, relevance

SHARES = st.floats(0, 1)
SIGNALS = st.tuples(st.floats(-1, 1), SHARES, SHARES)


@given(SIGNALS, SHARES, st.integers(0, 2), SHARES)
def test_more_of_a_signal_never_lowers_the_relevance(signals, readable, place, more):
    raised = (*signals[:place], max(signals[place], more), *signals[place + 1 :])
    assert relevance(*raised, readable) >= relevance(*signals, readable)


@given(SIGNALS, SHARES)
def test_relevance_is_small_and_not_negative(signals, readable):
    assert 0 <= relevance(*signals, readable) < 2


def test_a_model_that_cannot_read_the_query_counts_less():
    near, worded = (0.9, 0.1, 0), (0.1, 0.9, 0)
    assert relevance(*near, 1) > relevance(*near, 0)
    assert relevance(*worded, 0) > relevance(*near, 0)


@pytest.mark.parametrize(("tokens", "characters", "readable"), [(25, 100, 1), (90, 100, 0), (0, 0, 1), (5, 0, 0)])
def test_readability_of_well_and_badly_read_texts(tokens, characters, readable):
    assert readability(tokens, characters) == readable


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 1000))
def test_more_tokens_are_never_more_readable(tokens, more, characters):
    assert 0 <= readability(tokens + more, characters) <= readability(tokens, characters) <= 1
