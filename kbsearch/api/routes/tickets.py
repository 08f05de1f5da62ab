"""Write-back, and stored tickets."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from kbsearch.api.callers import CallerDep
from kbsearch.api.cursors import read_cursor, read_time, write_cursor, write_time
from kbsearch.api.fields import MOST_RESULTS, Id, NewId, Time
from kbsearch.api.freshness import FreshDep
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.idempotency import OnceDep
from kbsearch.api.requests.tickets import LinkIn, WriteBackIn
from kbsearch.api.responses.changes import ChangeOut, ErasedTicketOut
from kbsearch.api.responses.tickets import ListedTicketOut, ResolvedTicketOut, TicketsOut, UnlinkedOut, WriteBackOut
from kbsearch.api.service import KnowledgeDep
from kbsearch.errors import InvalidInput
from kbsearch.model import TicketStatus, WriteBackOutcome
from kbsearch.store.tickets import Filter

router = APIRouter(prefix="/v1/tickets", tags=["tickets"], route_class=GuardedRoute)


@router.get("", dependencies=[FreshDep])
def list_tickets(
    caller: CallerDep,
    knowledge: KnowledgeDep,
    status: Annotated[TicketStatus | None, Query()] = None,
    outcome: Annotated[WriteBackOutcome | None, Query(description="`needs_review`: what waits for a review.")] = None,
    solution_id: Annotated[Id | None, Query(description="Linked to this solution.")] = None,
    since: Annotated[Time | None, Query(alias="from", description="Resolved from this time on.")] = None,
    until: Annotated[Time | None, Query(alias="to", description="Resolved before this time.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS)] = 20,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> TicketsOut:
    """List the tenant's resolved tickets.

    The most recently resolved ticket comes first.
    """
    before = None
    if cursor is not None:
        resolved_at, id = read_cursor(cursor, str, str)
        before = (read_time(resolved_at), str(id))
    wanted = Filter(status, outcome, None, since, until)
    found = knowledge.tickets.page(caller.tenant, wanted, solution_id, before, limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    return TicketsOut(
        tickets=[ListedTicketOut.of(stored) for stored in shown],
        next_cursor=write_cursor(write_time(shown[-1].resolution.resolved_at), shown[-1].ticket.id or "")
        if more
        else None,
    )


@router.put("/{ticket_id:path}/resolution", responses={201: {"model": WriteBackOut, "description": "Stored."}})
def write_back(
    ticket_id: NewId, body: WriteBackIn, caller: CallerDep, knowledge: KnowledgeDep, response: Response
) -> WriteBackOut:
    """Write back how a ticket was resolved.

    When the answer arrives, the fix is durable and the very next question finds it. 201 the first time, 200 if the
    ticket was stored before.
    """
    if body.ticket.id not in (None, ticket_id):
        raise InvalidInput("/ticket/id", "differs from the id in the address")
    written = knowledge.tickets.resolve(caller.tenant, body.to_resolved(ticket_id))
    response.status_code = 201 if written.first_time else 200
    return WriteBackOut.of(written, body.ticket.warnings)


@router.post("/{ticket_id:path}/reopen", response_model=ChangeOut)
def reopen_ticket(ticket_id: Id, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Reopen a ticket.

    Its resolution did not hold: it counts as a failure of the solution and is no longer suggested.
    """
    return once.run(lambda: ChangeOut(id=ticket_id, revision=knowledge.tickets.reopen(caller.tenant, ticket_id)), 200)


@router.post("/{ticket_id:path}/unlink", response_model=UnlinkedOut)
def unlink_ticket(ticket_id: Id, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Unlink a ticket from its solution.

    The ticket gets a solution of its own. `link` reverts that.
    """

    def change() -> UnlinkedOut:
        own, revision = knowledge.tickets.unlink(caller.tenant, ticket_id, caller.agent)
        return UnlinkedOut(id=ticket_id, solution_id=own, revision=revision)

    return once.run(change, 200)


@router.post("/{ticket_id:path}/link", response_model=ChangeOut)
def link_ticket(ticket_id: Id, body: LinkIn, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Link a ticket to a solution.

    This settles a ticket that needs a review.
    """

    def change() -> ChangeOut:
        revision = knowledge.tickets.link(caller.tenant, ticket_id, body.solution_id, caller.agent)
        return ChangeOut(id=ticket_id, revision=revision)

    return once.run(change, 200)


@router.get("/{ticket_id:path}", dependencies=[FreshDep])
def get_ticket(ticket_id: Id, caller: CallerDep, knowledge: KnowledgeDep) -> ResolvedTicketOut:
    """Get a ticket as it is stored."""
    return ResolvedTicketOut.of(knowledge.tickets.get(caller.tenant, ticket_id))


@router.delete("/{ticket_id:path}")
def erase_ticket(ticket_id: Id, caller: CallerDep, knowledge: KnowledgeDep) -> ErasedTicketOut:
    """Erase a ticket everywhere.

    Feedback, flags and drafts that came from it are erased too, and its text in a solution.
    """
    erased, revision = knowledge.tickets.erase(caller.tenant, ticket_id)
    return ErasedTicketOut(
        id=ticket_id,
        revision=revision,
        drafts_erased=list(erased.drafts),
        articles_to_review=list(erased.articles_to_review),
    )
