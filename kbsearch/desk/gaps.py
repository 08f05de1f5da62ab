"""Knowledge gaps: unanswered tickets that are about the same thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kbsearch.desk.likeness import Key, groups, key, rows
from kbsearch.model import SHARED, TenantId, WriteBackOutcome
from kbsearch.store.desk import Case

LEAST_TICKETS = 2
MOST_TICKETS = 2_000
"""The latest unanswered tickets that are grouped."""
_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Start:
    """What an article is begun with: the tenant to write it for, and one of the tickets or its last suggestion.

    ``tenant`` is ``shared`` where several clients have the problem. ``of`` is the tenant that the ticket belongs to.
    """

    tenant: TenantId
    of: TenantId
    ticket_id: str | None
    suggestion_id: str | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Unanswered tickets that are about the same thing.

    Attributes:
        tickets: all of them, the most typical first.
        clients: how many each client has, the most affected first.
        minutes: of working time spent on those of which it is known.
        timed: how many these are.
        first_at: when the first of them came.
        last_at: when the last of them came.
        samples: the three most typical.
        start: what an article is begun with.
    """

    tickets: tuple[Case, ...]
    clients: Mapping[TenantId, int]
    minutes: int
    timed: int
    first_at: datetime
    last_at: datetime
    samples: tuple[Case, ...]
    start: Start


def gaps(unanswered: Sequence[Case], vectors: Mapping[Key, bytes]) -> list[Gap]:
    """Groups of alike unanswered tickets, the largest first; at equal sizes those that cost more minutes.

    Args:
        unanswered: the tickets, at most MOST_TICKETS.
        vectors: of each ticket's issue; tickets without one are left out.
    """
    kept, table = rows(sorted(unanswered, key=lambda case: (case.came_at, key(case))), vectors)
    found = [_gap([kept[one] for one in group.members]) for group in groups(table, LEAST_TICKETS)]
    return sorted(found, key=lambda gap: (-len(gap.tickets), -gap.minutes, gap.first_at, key(gap.tickets[0])))


def clients_of(cases: Sequence[Case]) -> dict[TenantId, int]:
    """How many tickets each client has, the most affected first."""
    counted: dict[TenantId, int] = {}
    for case in cases:
        counted[case.tenant] = counted.get(case.tenant, 0) + 1
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _gap(cases: Sequence[Case]) -> Gap:
    spent = [case.minutes_spent for case in cases if case.minutes_spent is not None]
    came = [case.came_at for case in cases]
    return Gap(
        tuple(cases),
        clients_of(cases),
        sum(spent),
        len(spent),
        min(came),
        max(came),
        tuple(cases[:_SAMPLES]),
        start(cases),
    )


def start(cases: Sequence[Case]) -> Start:
    """From the most typical ticket that has a fix, else from the most typical one."""
    best = next((case for case in cases if case.outcome == WriteBackOutcome.CREATED and not case.is_open), cases[0])
    whose = best.tenant if len({case.tenant for case in cases}) == 1 else SHARED
    if best.outcome is not None:
        return Start(whose, best.tenant, best.id, None)
    return Start(whose, best.tenant, None, best.suggestion_id)
