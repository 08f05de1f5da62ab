"""Outbreaks: the test's probability, alarms where nothing happens, and a burst that is found."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from knowledge.made import Scope

from kbsearch.desk.desk import Desk
from kbsearch.desk.outbreaks import ALPHA, BASE, outbreaks
from kbsearch.desk.outbreaks import burst_p as p_of
from kbsearch.desk.period import Period
from kbsearch.model import TenantId, Ticket
from kbsearch.store.desk import Case

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
START = datetime(2026, 9, 7, 8, tzinfo=UTC)


@given(st.integers(0, 30), st.integers(0, 60), st.floats(0.001, 0.6))
def test_the_probability_is_the_sum_of_its_terms(n: int, k: int, share: float) -> None:
    terms = [math.comb(n + k, i) * share**i * (1 - share) ** (n + k - i) for i in range(n, n + k + 1)]
    assert p_of(n, k, share) == pytest.approx(min(1.0, sum(terms)), rel=1e-9)


@settings(max_examples=examples(40))
@given(st.integers(1, 20), st.integers(0, 40), st.floats(0.001, 0.6))
def test_more_at_once_is_less_likely_and_more_before_is_likelier(n: int, k: int, share: float) -> None:
    assert p_of(n + 1, k, share) <= p_of(n, k, share) + 1e-12
    assert p_of(n, k + 1, share) >= p_of(n, k, share) - 1e-12


TOPICS = np.eye(12, 24, dtype="<f2")


def case(number: int, at: datetime, tenant: TenantId = ACME) -> Case:
    return Case(tenant, f"T-{number}", created_at=at)


def quiet(seed: int, days: int, a_day: float) -> tuple[list[Case], dict[tuple[str, str], bytes], list[int]]:
    """Tickets of random topics at random times, more of them in office hours: nothing happens."""
    chance = np.random.default_rng(seed)
    hours = [
        hour for hour in range(24 * days) for _ in range(chance.poisson(a_day / 24 * (2.5 if hour % 24 < 9 else 0.1)))
    ]
    cases = [case(n, START + timedelta(hours=hour, minutes=int(chance.integers(60)))) for n, hour in enumerate(hours)]
    topics = chance.choice(12, len(cases), p=np.array([12 - n for n in range(12)]) / 78)
    return cases, {(ACME, one.id): TOPICS[topic].tobytes() for one, topic in zip(cases, topics, strict=True)}, topics


def test_where_nothing_happens_few_days_have_an_alarm() -> None:
    days, alarmed = 0, 0
    for seed in range(8):
        cases, vectors, _ = quiet(seed, 60, 30)
        period = Period(START + timedelta(days=29), START + timedelta(days=60))
        days += 31
        alarmed += len({one.last_at.date() for one in outbreaks(cases, vectors, period)})
    assert alarmed <= 3 * ALPHA * days  # 248 days: 2.5 expected at most


@pytest.mark.parametrize("seed", range(3))
def test_a_burst_is_found_with_its_start_and_clients(seed: int) -> None:
    cases, vectors, _ = quiet(seed, 40, 20)
    began = START + timedelta(days=38, hours=2)
    burst = [
        case(9_000 + n, began + timedelta(minutes=7 * n), ACME if n % 3 else GLOBEX) for n in range(9)
    ]  # of the rarest topic
    vectors |= {(one.tenant, one.id): TOPICS[11].tobytes() for one in burst}
    [found] = outbreaks([*cases, *burst], vectors, Period(START + timedelta(days=37), START + timedelta(days=40)))
    assert {one.id for one in burst} <= {one.id for one in found.tickets}
    assert found.started_at <= began
    assert began - found.started_at <= timedelta(days=1)
    assert found.last_at >= burst[-1].came_at
    assert found.clients[GLOBEX] == 3
    assert found.p <= ALPHA
    assert found.start.tenant == "shared"


def test_what_always_came_so_often_is_none() -> None:
    cases = [case(n, START + timedelta(hours=2 * n)) for n in range(12 * 40)]
    vectors = {(ACME, one.id): TOPICS[0].tobytes() for one in cases}
    assert outbreaks(cases, vectors, Period(START + timedelta(days=30), START + timedelta(days=40))) == []


def test_a_desk_without_a_past_has_none() -> None:
    cases = [case(n, START + timedelta(minutes=n)) for n in range(30)]
    vectors = {(ACME, one.id): TOPICS[0].tobytes() for one in cases}
    assert outbreaks(cases, vectors, Period(START, START + BASE)) == []


def test_open_tickets_make_one_outbreak_through_the_knowledge_base(kb, clock, desk: Desk) -> None:
    things = ("printer", "mailbox", "scanner", "badge", "monitor", "phone", "door", "window")
    for n in range(80):
        clock.advance(hours=8)
        kb.suggest(Scope(ACME), Ticket(f"{things[n % 8]} {n} broken {n * 7}", id=f"T-{n}", created_at=clock.now))
    for n in range(6):
        clock.advance(minutes=5)
        ticket = Ticket("Nobody can log into the payroll portal", id=f"P-{n}", created_at=clock.now)
        kb.suggest(Scope(ACME), ticket)
    kb._suggestions.flush()
    clock.advance(minutes=1)
    [found] = desk.outbreaks((ACME,), Period(clock.now - timedelta(days=2), clock.now))
    assert {one.id for one in found.tickets} == {f"P-{n}" for n in range(6)}
    assert found.clients == {ACME: 6}
    assert found.start.suggestion_id == found.tickets[0].suggestion_id is not None
    assert desk.outbreaks((GLOBEX,), Period(clock.now - timedelta(days=2), clock.now)) == []
    [gap, *_] = desk.gaps((ACME,), Period(clock.now - timedelta(days=2), clock.now))
    assert (len(gap.tickets), gap.start.ticket_id) == (6, None)
    assert gap.start.suggestion_id
