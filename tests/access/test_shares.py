"""Shares and lock-outs, against a clock that is set by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.access.shares import Lockout, Rates
from kbsearch.errors import TooManyRequests


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def taken(rates: Rates, caller: str, times: int) -> int:
    count = 0
    for _ in range(times):
        try:
            rates.take(caller)
        except TooManyRequests:
            continue
        count += 1
    return count


def test_a_tenth_of_a_minute_s_share_goes_at_once(seconds: Seconds) -> None:
    rates = Rates(600, seconds)
    assert taken(rates, "a", 100) == 60
    assert taken(rates, "b", 1) == 1
    seconds.now += 1
    assert taken(rates, "a", 100) == 10
    seconds.now += 3_600
    assert taken(rates, "a", 100) == 60


def test_it_says_when_to_come_again(seconds: Seconds) -> None:
    rates = Rates(6, seconds)
    rates.take("a")
    with pytest.raises(TooManyRequests) as refused:
        rates.take("a")
    assert refused.value.retry_after_s == 10
    seconds.now += 10
    rates.take("a")


@given(per_minute=st.integers(1, 600), gaps=st.lists(st.floats(0, 20), max_size=60))
def test_nobody_gets_more_than_burst_and_rate(per_minute: int, gaps: list[float]) -> None:
    seconds = Seconds()
    rates = Rates(per_minute, seconds)
    count = 0
    for gap in gaps:
        seconds.now += gap
        count += taken(rates, "a", 3)
    assert count <= max(1.0, per_minute / 10) + sum(gaps) * per_minute / 60 + 1e-6


def test_callers_are_not_remembered_without_end(seconds: Seconds) -> None:
    rates = Rates(10, seconds, most_remembered=50)
    for n in range(1_000):
        rates.take(str(n))
    assert len(rates._buckets) == 50


def test_guessing_shuts_an_address_out_for_a_while(seconds: Seconds) -> None:
    lockout = Lockout(seconds, most=3, within_s=60, lock_s=120)
    assert [lockout.wrong("192.0.2.1") for _ in range(3)] == [False, False, True]
    with pytest.raises(TooManyRequests) as refused:
        lockout.check("192.0.2.1")
    assert refused.value.retry_after_s == 120
    lockout.check("192.0.2.2")
    seconds.now += 119
    with pytest.raises(TooManyRequests):
        lockout.check("192.0.2.1")
    seconds.now += 1
    lockout.check("192.0.2.1")


def test_a_mistake_now_and_then_shuts_nobody_out(seconds: Seconds) -> None:
    lockout = Lockout(seconds, most=3, within_s=60, lock_s=120)
    for _ in range(20):
        assert not lockout.wrong("192.0.2.1")
        seconds.now += 31
    lockout.check("192.0.2.1")


def test_one_holder_s_ipv6_addresses_count_together(seconds: Seconds) -> None:
    lockout = Lockout(seconds, most=3)
    for n in range(3):
        lockout.wrong(f"2001:db8:1:2::{n}")
    with pytest.raises(TooManyRequests):
        lockout.check("2001:db8:1:2:ffff::1")
    lockout.check("2001:db8:1:3::1")
    for _ in range(3):
        lockout.wrong("::ffff:192.0.2.7")
    with pytest.raises(TooManyRequests):
        lockout.check("192.0.2.7")


def test_guessers_are_not_remembered_without_end(seconds: Seconds) -> None:
    lockout = Lockout(seconds, most_remembered=100)
    for n in range(5_000):
        lockout.wrong(f"10.0.{n // 250}.{n % 250}")
    assert len(lockout) == 100
