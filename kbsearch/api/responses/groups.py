"""Bodies of answers about groups of alike tickets: knowledge gaps and outbreaks."""

from __future__ import annotations

from typing import Any, Self

from kbsearch.api.fields import Out, Time
from kbsearch.desk.gaps import Gap, Start
from kbsearch.desk.likeness import Key
from kbsearch.desk.outbreaks import Outbreak
from kbsearch.store.desk import Case

_TICKETS_NAMED = 200


class SampleOut(Out):
    tenant: str
    ticket_id: str
    subject: str | None
    came_at: Time

    @classmethod
    def of(cls, case: Case, subjects: dict[Key, str]) -> Self:
        return cls(
            tenant=case.tenant, ticket_id=case.id, subject=subjects.get((case.tenant, case.id)), came_at=case.came_at
        )


class TicketNameOut(Out):
    tenant: str
    ticket_id: str


class StartOut(Out):
    """What `POST /v1/articles/draft` takes: for `tenant`, from a ticket or a suggestion of `source_tenant`.

    `tenant` is `shared` where several clients have the problem.
    """

    tenant: str
    source_tenant: str
    ticket_id: str | None
    suggestion_id: str | None

    @classmethod
    def of(cls, start: Start) -> Self:
        return cls(
            tenant=start.tenant,
            source_tenant=start.of,
            ticket_id=start.ticket_id,
            suggestion_id=start.suggestion_id,
        )


class TicketGroupOut(Out):
    """Alike tickets: how many, of which clients. `samples` are three of them, `tickets` all of them, 200 at most.

    `start` is what an article about them is drafted from.
    """

    count: int
    clients: dict[str, int]
    last_at: Time
    samples: list[SampleOut]
    tickets: list[TicketNameOut]
    start: StartOut


class GapOut(TicketGroupOut):
    """Unanswered tickets about the same thing, with the `minutes` spent on the `timed` ones among them.

    `samples` are the three most typical, `tickets` all of them, 200 at most.
    """

    minutes: int
    timed: int
    first_at: Time

    @classmethod
    def of(cls, gap: Gap, subjects: dict[Key, str]) -> Self:
        return cls(**_group(gap, subjects), minutes=gap.minutes, timed=gap.timed, first_at=gap.first_at)


class GapsOut(Out):
    since: Time
    until: Time
    gaps: list[GapOut]


class OutbreakOut(TicketGroupOut):
    """Alike tickets that came in a burst: `expected` is how many were to be expected in the time of the strongest test.

    `p` is its p-value, corrected for the number of tests. `samples` are the first three, `tickets` all of them, 200 at
    most.
    """

    started_at: Time
    expected: float
    p: float

    @classmethod
    def of(cls, one: Outbreak, subjects: dict[Key, str]) -> Self:
        return cls(
            **_group(one, subjects),
            started_at=one.started_at,
            expected=round(one.expected, 3),
            p=float(f"{one.p:.2g}"),
        )


class OutbreaksOut(Out):
    since: Time
    until: Time
    outbreaks: list[OutbreakOut]


def _group(found: Gap | Outbreak, subjects: dict[Key, str]) -> dict[str, Any]:
    return {
        "count": len(found.tickets),
        "clients": {str(tenant): n for tenant, n in found.clients.items()},
        "last_at": found.last_at,
        "samples": [SampleOut.of(case, subjects) for case in found.samples],
        "tickets": [TicketNameOut(tenant=case.tenant, ticket_id=case.id) for case in found.tickets[:_TICKETS_NAMED]],
        "start": StartOut.of(found.start),
    }
