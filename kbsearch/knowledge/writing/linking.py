"""Linking stored tickets to solutions, and the solutions that tickets form."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from kbsearch.errors import NothingToUndo
from kbsearch.knowledge.writing.links import Links, own_name
from kbsearch.model import (
    Resolution,
    ResolvedTicket,
    SolutionRef,
    TenantId,
    Ticket,
    WriteBackOutcome,
)
from kbsearch.store import solutions, ticket_links, tickets
from kbsearch.store.port import Read, Write
from kbsearch.text.fixes import Fingerprint, fingerprint, is_thin
from kbsearch.text.language import guess_language


def unlink(tx: Write, tenant: TenantId, stored: ResolvedTicket, agent: str) -> SolutionRef | None:
    """Unlink a ticket from its solution. It forms its own solution unless its resolution is too thin.

    Raises:
        NothingToUndo: it is linked to none, or is the only ticket of one that tickets formed. Where it was taken off
            before, that is the answer once more instead.
    """
    ticket_id, old = stored.ticket.id or "", stored.solution
    links = Links(tx, tenant, [])
    if old is None or links.is_of_one_ticket(old):
        if ticket_links.unlinked_from(tx, tenant, [ticket_id])[ticket_id]:
            return old
        raise NothingToUndo("this ticket shares its solution with no other")
    ticket_links.forget_decision(tx, tenant, ticket_id)
    ticket_links.note_unlinked(tx, tenant, ticket_id, old, agent)
    text = stored.resolution.text
    own, outcome = None, WriteBackOutcome.NEEDS_REVIEW
    if not is_thin(text):
        fix = fingerprint(text)
        own = own_solution(links, ticket_id, fix, None, ticket_links.unlinked_from(tx, tenant, [ticket_id])[ticket_id])
        outcome = WriteBackOutcome.CREATED
        form(tx, own, stored.ticket, stored.resolution, fix)
    ticket_links.link(tx, tenant, ticket_id, own, outcome)
    ticket_links.move_failure(tx, tenant, ticket_id, old, own)
    rebuild_solution(tx, old)
    return own


def relink(tx: Write, tenant: TenantId, stored: ResolvedTicket, solution: SolutionRef, agent: str) -> None:
    """Link a stored ticket to a solution, as a lead decided. A solution that it alone formed is removed."""
    ticket_id, old = stored.ticket.id or "", stored.solution
    ticket_links.forget_unlinked(tx, tenant, ticket_id, solution)
    ticket_links.decide(tx, tenant, ticket_id, solution, agent)
    if solution == old:
        return
    ticket_links.link(tx, tenant, ticket_id, solution, WriteBackOutcome.LINKED)
    for ref in (old, solution):
        if ref is not None:
            rebuild_solution(tx, ref)


def rebuild_solution(tx: Write, ref: SolutionRef) -> None:
    """After tickets left or joined: a ticket solution has the text of its first ticket that tells a fix.

    Nothing of a ticket that left stays in it. The text comes from tickets of the solution's own tenant only. Where none
    of these tells a fix, the solution ends, and each tenant whose tickets used it gets one of its own.
    """
    linked = solutions.linked_tickets(tx, ref)
    source = _forming(tx, ref, linked)
    if source is not None:
        form(tx, ref, source.ticket, source.resolution, fingerprint(source.resolution.text))
        return
    solutions.drop_formed(tx, ref)
    for tenant in dict.fromkeys(tenant for tenant, _ in linked):
        _form_own(tx, tenant, [id for one, id in linked if one == tenant])


def forming_ticket(tx: Read, ref: SolutionRef) -> ResolvedTicket | None:
    """The ticket whose text a ticket solution has. None for an article."""
    return _forming(tx, ref, solutions.linked_tickets(tx, ref))


def _forming(tx: Read, ref: SolutionRef, linked: Sequence[tuple[TenantId, str]]) -> ResolvedTicket | None:
    return _first_with_fix(tx, ref.tenant, [id for tenant, id in linked if tenant == ref.tenant])


def _first_with_fix(tx: Read, tenant: TenantId, ids: Sequence[str]) -> ResolvedTicket | None:
    """The first of a tenant's tickets whose resolution is not too thin for a solution."""
    for id in ids:
        found = tickets.get(tx, tenant, id)
        if found is not None and not is_thin(found.resolution.text):
            return found
    return None


def _form_own(tx: Write, tenant: TenantId, ids: Sequence[str]) -> None:
    """Link tickets whose solution ended to one that the first of them forms; to none if none tells a fix."""
    source = _first_with_fix(tx, tenant, ids)
    own = None
    if source is not None:
        ticket_id, fix = source.ticket.id or "", fingerprint(source.resolution.text)
        apart = ticket_links.unlinked_from(tx, tenant, [ticket_id])[ticket_id]
        own = own_solution(Links(tx, tenant, []), ticket_id, fix, None, apart)
        form(tx, own, source.ticket, source.resolution, fix)
    outcome = WriteBackOutcome.NEEDS_REVIEW if own is None else WriteBackOutcome.LINKED
    for id in ids:
        ticket_links.link(tx, tenant, id, own, outcome)


def form(tx: Write, ref: SolutionRef, ticket: Ticket, resolution: Resolution, fix: Fingerprint) -> None:
    language = guess_language(resolution.text)
    solutions.put_from_ticket(tx, ref, ticket, resolution, fix.whole, language, fix.statements)


def own_solution(
    links: Links, ticket_id: str, fix: Fingerprint, old: SolutionRef | None, apart: set[SolutionRef]
) -> SolutionRef:
    """The solution that this ticket formed before if it is its alone, else a new one named by ticket and fix.

    Never one that has become an article, has other tickets, is another tenant's, or that the ticket was taken off.
    """
    if old is not None and old.tenant == links.tenant and links.is_of_one_ticket(old):
        return old
    for again in count():
        ref = SolutionRef(links.tenant, own_name(links.tenant, ticket_id, fix, again))
        if ref not in apart and not links.exists(ref.id):
            return ref
    raise AssertionError("unreachable")
