"""The time left of work that is measured by its size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.knowledge.indexing.pace import Pace


def test_nobody_knows_at_the_start():
    pace = Pace()
    assert pace.seconds_left(0, 0, 100) is None
    assert pace.seconds_left(0, 0, 100) is None
    assert pace.seconds_left(1, 0, 100) is None


@given(st.floats(0.1, 1e6), st.lists(st.floats(1, 1e4), min_size=2, max_size=60))
def test_at_a_steady_pace_it_is_exact(per_second, sizes):
    pace, now, done = Pace(), 0.0, 0.0
    total = sum(sizes)
    pace.seconds_left(now, done, total)
    for size in sizes:
        done += size
        now += size / per_second
        assert pace.seconds_left(now, done, total) == pytest.approx((total - done) / per_second, abs=1e-6, rel=1e-6)


def _left(known, fresh):
    """(truth, estimate) after each batch: first known ones, each in 0.02 s, then fresh ones, each in 2 s."""
    pace, now = Pace(), 0.0
    pace.seconds_left(now, 0, known + fresh)
    for n in range(known + fresh):
        now += 0.02 if n < known else 2.0
        truth = 2.0 * (known + fresh - max(n + 1, known)) + 0.02 * max(known - n - 1, 0)
        yield n, truth, pace.seconds_left(now, n + 1, known + fresh)


def test_a_part_that_was_known_is_soon_forgotten():
    for n, truth, left in _left(known=200, fresh=100):
        if n >= 200 + 8:
            assert left == pytest.approx(truth, rel=0.2)


def test_documents_of_unlike_size_do_not_mislead():
    """Long articles first, short tickets behind them: the work is in the bytes, not in the lines."""
    sizes = [4_000] * 100 + [800] * 900
    pace, now, done, total = Pace(), 0.0, 0, sum(sizes)
    pace.seconds_left(now, done, total)
    for start in range(0, len(sizes), 20):
        batch = sum(sizes[start : start + 20])
        now += batch / 10_000 * (1.1 if start // 20 % 2 else 0.9)  # a machine that is now quicker, now slower
        done += batch
        assert pace.seconds_left(now, done, total) == pytest.approx((total - done) / 10_000, rel=0.2)
