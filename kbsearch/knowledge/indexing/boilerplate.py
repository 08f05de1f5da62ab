"""What is boilerplate at each tenant's desk: learned in the background, used by questions and by what is indexed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from kbsearch.model import ResolvedTicket, TenantId, TicketStatus
from kbsearch.store import boilerplate, tickets
from kbsearch.store.port import Read, Store
from kbsearch.text.intake import Boilerplate, boilerplate_of, plain_text, plain_ticket
from kbsearch.text.intake.learned import FEWEST_TICKETS, Reported, keys, learnt_lines

_MOST_TICKETS = 2_000
"""So many of a tenant's newest tickets are compared."""

_TENANTS_KEPT = 256


def of_tenant(tx: Read, tenant: TenantId) -> Boilerplate:
    """What is left out of the tenant's texts when they are read."""
    return _made(tenant, boilerplate.get(tx, tenant))


_made = lru_cache(_TENANTS_KEPT)(boilerplate_of)


def catch_up(store: Store, learn_more: Callable[[TenantId], object] = lambda _: None) -> None:
    """Learn again for each tenant whose tickets changed. Documents in the index follow at their next change.

    ``learn_more`` is called with each of these tenants before.
    """
    with store.read() as tx:
        due = boilerplate.due(tx, FEWEST_TICKETS)
    for tenant in due:
        learn_more(tenant)
        learn(store, tenant)


def learn(store: Store, tenant: TenantId) -> int:
    """Learn from the tenant's newest tickets. Returns how many lines are boilerplate."""
    with store.read() as tx:
        newest = tickets.page(tx, tenant, tickets.Filter(status=TicketStatus.RESOLVED), None, _MOST_TICKETS)
        count = boilerplate.resolved(tx, tenant)
    lines = learnt_lines([_reported(one) for one in newest])
    with store.write() as tx:
        boilerplate.put(tx, tenant, keys(tenant, lines), count)
    return len(lines)


def _reported(one: ResolvedTicket) -> Reported:
    ticket = plain_ticket(one.ticket)
    solution = one.solution.id if one.solution is not None else f"ticket {ticket.id}"
    return Reported(solution, ticket.subject, ticket.description, plain_text(one.resolution.text))
