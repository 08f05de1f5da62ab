"""Write-back, and what is stored of a ticket."""

from __future__ import annotations

from fastapi import APIRouter, Response

from kbsearch.api.callers import CallerDep
from kbsearch.api.fields import Id
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.idempotency import OnceDep
from kbsearch.api.requests import LinkIn, WriteBackIn
from kbsearch.api.responses.changes import ChangeOut, ErasedTicketOut
from kbsearch.api.responses.tickets import ResolvedTicketOut, TakenOffOut, WriteBackOut
from kbsearch.api.service import KnowledgeDep
from kbsearch.errors import InvalidInput

router = APIRouter(prefix="/v1/tickets", tags=["tickets"], route_class=GuardedRoute)


@router.put("/{ticket_id:path}/resolution", responses={201: {"model": WriteBackOut, "description": "Stored."}})
def write_back(
    ticket_id: Id, body: WriteBackIn, caller: CallerDep, knowledge: KnowledgeDep, response: Response
) -> WriteBackOut:
    """Write a resolution back. When this is answered, it is durable and the next question finds it.

    201 the first time, 200 when it is repeated or changed.
    """
    if body.ticket.id not in (None, ticket_id):
        raise InvalidInput("/ticket/id", "it differs from the id in the address")
    written = knowledge.tickets.resolve(caller.tenant, body.to_resolved(ticket_id))
    response.status_code = 201 if written.first_time else 200
    return WriteBackOut.of(written)


@router.post("/{ticket_id:path}/reopen", response_model=ChangeOut)
def reopen(ticket_id: Id, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Withdraw a resolution that did not last: it counts as failed and is suggested no more."""
    return once.run(lambda: ChangeOut(id=ticket_id, revision=knowledge.tickets.reopen(caller.tenant, ticket_id)), 200)


@router.post("/{ticket_id:path}/unlink", response_model=TakenOffOut)
def unlink(ticket_id: Id, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Split a ticket off its solution: its fix is another one. `link` puts it back."""

    def change() -> TakenOffOut:
        own, revision = knowledge.tickets.take_off(caller.tenant, ticket_id, caller.agent)
        return TakenOffOut(id=ticket_id, solution_id=own, revision=revision)

    return once.run(change, 200)


@router.post("/{ticket_id:path}/link", response_model=ChangeOut)
def link(ticket_id: Id, body: LinkIn, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Link a stored ticket to a solution: the outcome of a review."""

    def change() -> ChangeOut:
        return ChangeOut(id=ticket_id, revision=knowledge.tickets.link(caller.tenant, ticket_id, body.solution_id))

    return once.run(change, 200)


@router.get("/{ticket_id:path}")
def ticket(ticket_id: Id, caller: CallerDep, knowledge: KnowledgeDep) -> ResolvedTicketOut:
    """A ticket as it is stored."""
    return ResolvedTicketOut.of(knowledge.tickets.get(caller.tenant, ticket_id))


@router.delete("/{ticket_id:path}")
def erase(ticket_id: Id, caller: CallerDep, knowledge: KnowledgeDep) -> ErasedTicketOut:
    """Erase a ticket everywhere, with all that was made of it: feedback, flags, drafts, its words in a solution."""
    erased, revision = knowledge.tickets.erase(caller.tenant, ticket_id)
    return ErasedTicketOut(
        id=ticket_id,
        revision=revision,
        drafts_erased=list(erased.drafts),
        articles_to_review=list(erased.articles_to_review),
    )
