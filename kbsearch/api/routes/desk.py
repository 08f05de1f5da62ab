"""The lead's figures: of all tenants that the caller acts for, or of the one that it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from kbsearch.api.callers import CallerDep
from kbsearch.api.cursors import read_cursor, write_cursor
from kbsearch.api.fields import MOST_RESULTS, Time
from kbsearch.api.freshness import FreshDep
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.responses.desk import (
    DeskOut,
    DeskTicketOut,
    DeskTicketsOut,
    EscalatedTicketOut,
    EscalationsOut,
    ShareOut,
    answer_of,
)
from kbsearch.api.responses.groups import GapOut, GapsOut, OutbreakOut, OutbreaksOut
from kbsearch.api.responses.review import ReviewedSolutionOut, ReviewedSolutionsOut, ReviewOut
from kbsearch.api.service import KnowledgeDep
from kbsearch.desk import export
from kbsearch.desk.desk import OUTBREAK_DAYS, Desk, Listed, Position
from kbsearch.desk.measures import MEASURES, FigureName, Measure
from kbsearch.desk.period import Period
from kbsearch.desk.review import ReviewQueues
from kbsearch.errors import InvalidInput
from kbsearch.store.review import Reason

router = APIRouter(prefix="/v1/desk", tags=["desk"], route_class=GuardedRoute, dependencies=[FreshDep])

_MOST_REVIEWED = 1_000_000
_CSV: dict[str, Any] = {
    "content": {"text/csv": {"schema": {"type": "string"}}},
    "description": "One row a ticket, with a header.",
}

Since = Annotated[Time | None, Query(alias="from", description="Begin of the period; 28 days before its end if unset.")]
Until = Annotated[Time | None, Query(alias="to", description="End of the period, excluded; now if unset.")]
Limit = Annotated[int, Query(ge=1, le=MOST_RESULTS)]
Cursor = Annotated[str | None, Query(max_length=1_000)]


async def _desk(knowledge: KnowledgeDep) -> Desk:
    return Desk(knowledge.store)


async def _queues(knowledge: KnowledgeDep) -> ReviewQueues:
    return ReviewQueues(knowledge.store)


async def _period(knowledge: KnowledgeDep, since: Since = None, until: Until = None) -> Period:
    return Period.of(since, until, knowledge.store.clock())


DeskDep = Annotated[Desk, Depends(_desk)]
QueuesDep = Annotated[ReviewQueues, Depends(_queues)]
PeriodDep = Annotated[Period, Depends(_period)]


@dataclass(frozen=True, slots=True)
class _Behind:
    """What the tickets behind a figure are chosen by: the figure, its parts that are wanted, and the period."""

    measure: Measure
    parts: tuple[str, ...]
    period: Period


async def _behind(
    figure: Annotated[FigureName, Query()],
    period: PeriodDep,
    part: Annotated[str | None, Query(max_length=50, description="A part of the figure; all if unset.")] = None,
) -> _Behind:
    measure = MEASURES[figure]
    if part is not None and part not in measure.parts:
        raise InvalidInput("/part", f"parts of this figure are {', '.join(measure.parts)}")
    return _Behind(measure, measure.parts if part is None else (part,), period)


BehindDep = Annotated[_Behind, Depends(_behind)]


@router.get("")
def get_desk(caller: CallerDep, desk: DeskDep, period: PeriodDep) -> DeskOut:
    """Get the desk's figures.

    Each with the period before and week by week. They are of all tenants that the caller acts for, or of the one that
    `KBSearch-Tenant` names. Nothing is counted by person.
    """
    return DeskOut.of(desk.board(caller.tenants, period))


@router.get("/tickets")
def list_desk_tickets(
    caller: CallerDep, desk: DeskDep, behind: BehindDep, limit: Limit = 20, cursor: Cursor = None
) -> DeskTicketsOut:
    """List the tickets behind a figure.

    The latest comes first; of `deadlines` the one that is due first.
    """
    found = desk.tickets(caller.tenants, behind.measure, behind.parts, behind.period, _position(cursor), limit + 1)
    return DeskTicketsOut(
        tickets=[DeskTicketOut.of(one) for one in found[:limit]], next_cursor=_next_cursor(found, limit)
    )


@router.get("/tickets/export", response_class=StreamingResponse, responses={200: _CSV})
def export_desk_tickets(caller: CallerDep, desk: DeskDep, behind: BehindDep) -> StreamingResponse:
    """Export the tickets behind a figure as CSV.

    The same tickets as in the list, in the same order.
    """
    lines = export.lines(desk.every_ticket(caller.tenants, behind.measure, behind.parts, behind.period))
    return StreamingResponse(
        lines,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{behind.measure.name}.csv"'},
    )


@router.get("/escalations")
def list_escalations(
    caller: CallerDep,
    desk: DeskDep,
    period: PeriodDep,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> EscalationsOut:
    """List escalated tickets that the knowledge base could have answered.

    `known_before`: it was resolved with a solution that existed before it came. `known_today`: today's knowledge
    answers it with a solution to apply.
    """
    measure = MEASURES[FigureName.ESCALATIONS]
    found = desk.tickets(caller.tenants, measure, measure.counted, period, _position(cursor), limit + 1)
    whole = desk.figure(caller.tenants, measure, period)
    shown = found[:limit]
    titles = desk.titles([ref for one in shown if (ref := answer_of(one)) is not None])
    return EscalationsOut(
        **ShareOut.of(whole.share).model_dump(),
        parts=dict(whole.parts),
        tickets=[EscalatedTicketOut.answered(one, titles) for one in shown],
        next_cursor=_next_cursor(found, limit),
    )


@router.get("/gaps")
def list_knowledge_gaps(caller: CallerDep, desk: DeskDep, period: PeriodDep, limit: Limit = 20) -> GapsOut:
    """List knowledge gaps: unanswered tickets that are about the same thing.

    The largest comes first. `start` is what `POST /v1/articles/draft` takes.
    """
    found = desk.gaps(caller.tenants, period)[:limit]
    subjects = desk.subjects([case for gap in found for case in gap.samples])
    return GapsOut(since=period.since, until=period.until, gaps=[GapOut.of(gap, subjects) for gap in found])


@router.get("/outbreaks")
def list_outbreaks(
    caller: CallerDep,
    desk: DeskDep,
    knowledge: KnowledgeDep,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
) -> OutbreaksOut:
    """List outbreaks: bursts of alike tickets.

    More came within hours than the weeks before let expect. The latest comes first; the last seven days if no `from`
    is given.
    """
    now = knowledge.store.clock()
    end = now if until is None else until
    period = Period.of(end - timedelta(days=OUTBREAK_DAYS) if since is None else since, end, now)
    found = desk.outbreaks(caller.tenants, period)[:limit]
    subjects = desk.subjects([case for one in found for case in one.samples])
    return OutbreaksOut(
        since=period.since, until=period.until, outbreaks=[OutbreakOut.of(one, subjects) for one in found]
    )


@router.get("/review")
def get_review(caller: CallerDep, queues: QueuesDep) -> ReviewOut:
    """Count what waits for a review.

    `needs_review`: GET /v1/tickets. `flags`: GET /v1/articles/flags. `proposals`: GET /v1/merge-proposals. The others:
    GET /v1/desk/review/{reason}.
    """
    return ReviewOut.of(queues.count(caller.scope))


@router.get("/review/{reason}")
def list_solutions_to_review(
    reason: Reason, caller: CallerDep, queues: QueuesDep, limit: Limit = 20, cursor: Cursor = None
) -> ReviewedSolutionsOut:
    """List solutions that need a review.

    `worked`: not validated, but tickets prove it. `failing`: tickets or agents say that it does not work. `stale`: an
    article neither used nor changed for 180 days.
    """
    start = 0 if cursor is None else int(read_cursor(cursor, int)[0])
    if start > _MOST_REVIEWED:
        raise InvalidInput("/cursor", "this is not a cursor of this list; take next_cursor from the page before")
    found = queues.page(caller.scope, reason, start, limit + 1)
    return ReviewedSolutionsOut(
        waiting=[ReviewedSolutionOut.of(one) for one in found[:limit]],
        next_cursor=write_cursor(start + limit) if len(found) > limit else None,
    )


def _position(cursor: str | None) -> Position | None:
    if cursor is None:
        return None
    at, tenant, id = map(str, read_cursor(cursor, str, str, str))
    return at, tenant, id


def _next_cursor(found: list[Listed], limit: int) -> str | None:
    return write_cursor(*found[limit - 1].position) if len(found) > limit else None
