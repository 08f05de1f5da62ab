"""Outbreaks: more alike tickets within hours than the weeks before let expect.

Each ticket is tested once, when it comes, in each of three windows that end with it. Let n be the earlier tickets in
the window that are like it, k those in the BASE before the window. If nothing has changed, each of the n + k alike
tickets lies in the window with probability W / (W + BASE), the share of time that the window has: the exact conditional
test of two Poisson rates (Przyborowski and Wilenski, Biometrika 31, 1940). The base of a young desk begins with its
first ticket. A Monday morning brings more tickets of
every kind; so the same test is made with the window's share of all tickets, and the larger of both p-values counts.
The ticket itself is left out of n, since it was chosen. Of N tickets in the day before, 3 N tests were made: it is an
outbreak where p · 3 N <= ALPHA (Bonferroni), so that a desk where nothing happens is alarmed on one day of a hundred at
most.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from kbsearch.desk.gaps import Start, clients_of, start
from kbsearch.desk.likeness import ALIKE, Key, Vectors, key, rows
from kbsearch.desk.period import Period
from kbsearch.model import TenantId
from kbsearch.store.desk import Case

WINDOWS = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))
BASE = timedelta(days=28)
_LEAST_BASE = timedelta(days=7)
"""A desk that is younger has no base to compare with."""
ALPHA = 0.01
LEAST_TICKETS = 3
MOST_TICKETS = 20_000
"""The latest tickets that are read; where the desk has more, the base is shorter."""
MOST_TESTED = 2_000
_TESTED_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Outbreak:
    """Alike tickets that came in a burst.

    Attributes:
        tickets: all of them, the first first.
        clients: how many each client has, the most affected first.
        started_at: when the first of them came.
        last_at: when the last of them came.
        expected: how many were to be expected in the time of the strongest test.
        p: its p-value, corrected for the number of tests.
        start: what the one parent article is begun with.
    """

    tickets: tuple[Case, ...]
    clients: Mapping[TenantId, int]
    started_at: datetime
    last_at: datetime
    expected: float
    p: float
    start: Start

    @property
    def samples(self) -> tuple[Case, ...]:
        """The first three."""
        return self.tickets[:3]


@dataclass(frozen=True, slots=True)
class _Alarm:
    """The tickets of one test that failed, as row numbers."""

    members: frozenset[int]
    p: float
    expected: float


def outbreaks(arrivals: Sequence[Case], vectors: Mapping[Key, bytes], period: Period) -> list[Outbreak]:
    """The bursts among the tickets that came in a period, the latest first.

    Args:
        arrivals: the tickets of the period and of the base before it, at most MOST_TICKETS.
        vectors: of each ticket's issue; tickets without one count in the totals only.
        period: the last MOST_TESTED tickets of it are tested.
    """
    ordered = sorted(arrivals, key=lambda case: (case.came_at, key(case)))
    every = [case.came_at.timestamp() for case in ordered]
    kept, table = rows(ordered, vectors)
    tested = [number for number, case in enumerate(kept) if case.came_at in period][-MOST_TESTED:]
    moments = np.array([case.came_at.timestamp() for case in kept])
    alarms = [
        one
        for number, alike in _alike_before(table, tested)
        if (one := _alarm(number, alike, moments, every)) is not None
    ]
    merged = _merged(alarms)
    return sorted((_outbreak(one, kept) for one in merged), key=lambda one: one.last_at, reverse=True)


def with_cases(one: Outbreak, cases: Sequence[Case]) -> Outbreak:
    """The outbreak with all that is known of its tickets, which came in the same order."""
    return replace(one, tickets=tuple(cases), start=start(cases))


def _alike_before(table: Vectors, tested: Sequence[int]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Each tested row with the earlier rows that are like it. Many rows at once, as one matrix product, are quick."""
    for first in range(0, len(tested), _TESTED_AT_ONCE):
        some = tested[first : first + _TESTED_AT_ONCE]
        near = table[some] @ table[: some[-1]].T >= ALIKE
        for row, number in enumerate(some):
            yield number, np.flatnonzero(near[row, :number])


def _alarm(number: int, alike: NDArray[np.intp], when: NDArray[np.float64], every: Sequence[float]) -> _Alarm | None:
    """What came of a ticket's tests, the strongest if several failed. ``alike`` are the earlier tickets like it."""
    now = float(when[number])
    alike = alike[when[alike] >= now - (BASE + WINDOWS[-1]).total_seconds()]
    if len(alike) + 1 < LEAST_TICKETS:
        return None
    moments = when[alike]
    day = _between(every, now - timedelta(days=1).total_seconds(), now) + 1
    strongest: _Alarm | None = None
    for window in WINDOWS:
        seconds = window.total_seconds()
        base = min(BASE.total_seconds(), now - seconds - every[0])
        if base < _LEAST_BASE.total_seconds():
            continue
        recent = alike[moments > now - seconds]
        n = len(recent)
        k = int(((moments <= now - seconds) & (moments > now - seconds - base)).sum())
        in_window, in_base = _between(every, now - seconds, now), _between(every, now - seconds - base, now - seconds)
        in_window = max(n, in_window)  # several may come at the same moment
        p = max(
            burst_p(n, k, seconds / (seconds + base)),
            burst_p(n, k, in_window / (in_window + in_base)) if in_base else 0.0,
        )
        corrected = p * len(WINDOWS) * day
        if n + 1 >= LEAST_TICKETS and corrected <= ALPHA and (strongest is None or corrected < strongest.p):
            strongest = _Alarm(frozenset([*recent.tolist(), number]), corrected, k * seconds / base)
    return strongest


def burst_p(n: int, k: int, share: float) -> float:
    """How likely n or more of n + k lie in a window that each lies in with probability ``share``, 0 < share < 1."""
    if n == 0:
        return 1.0
    count = n + k
    choices = math.lgamma(count + 1) - math.lgamma(n + 1) - math.lgamma(k + 1)
    term = total = math.exp(choices + n * math.log(share) + k * math.log1p(-share))
    for i in range(n, count):
        term *= (count - i) / (i + 1) * share / (1 - share)
        total += term
    return min(1.0, total)


def _between(moments: Sequence[float], after: float, until: float) -> int:
    """How many lie behind ``after`` and before ``until``."""
    return max(0, bisect_left(moments, until) - bisect_left(moments, np.nextafter(after, np.inf)))


def _merged(alarms: Sequence[_Alarm]) -> list[_Alarm]:
    """Alarms that share a ticket are one outbreak."""
    found: list[_Alarm] = []
    for alarm in alarms:
        near = [one for one in found if one.members & alarm.members]
        strongest = min([*near, alarm], key=lambda one: one.p)
        members = alarm.members.union(*(one.members for one in near))
        found = [one for one in found if one not in near] + [_Alarm(members, strongest.p, strongest.expected)]
    return found


def _outbreak(alarm: _Alarm, kept: Sequence[Case]) -> Outbreak:
    cases = [kept[one] for one in sorted(alarm.members)]
    return Outbreak(
        tuple(cases), clients_of(cases), cases[0].came_at, cases[-1].came_at, alarm.expected, alarm.p, start(cases)
    )
