"""Links of tickets to solutions, and the decisions of people about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kbsearch.model import (
    SolutionRef,
    TenantId,
    TicketStatus,
    WriteBackOutcome,
)
from kbsearch.store import audit, tenants
from kbsearch.store.columns import list_text, optional_ref, time_text
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import LISTED, upsert

_DECIDE = upsert(
    "link_decisions",
    ("tenant", "ticket_id", "solution_tenant", "solution_id", "agent", "withdrawn", "created_at"),
    ("tenant", "ticket_id"),
    "merged_from_tenant = NULL, merged_from_id = NULL",
)


@dataclass(frozen=True, slots=True)
class Linked:
    """How a stored ticket is linked.

    ``named`` is the solution that it was sent with last. ``decided`` is what a lead linked it to, if one did; it is
    ``withdrawn`` once the ticket was reopened after that.
    """

    solution: SolutionRef | None
    outcome: WriteBackOutcome
    status: TicketStatus
    resolution: str
    named: str | None = None
    decided: SolutionRef | None = None
    withdrawn: bool = False


def links(tx: Read, tenant: TenantId, ids: Sequence[str]) -> dict[str, Linked]:
    """How stored tickets are linked; those that are not stored are left out."""
    rows = tx.rows(
        "SELECT tickets.id, tickets.solution_tenant, tickets.solution_id, outcome, status, resolution, named,"
        " decided.solution_tenant AS decided_tenant, decided.solution_id AS decided_id, withdrawn FROM tickets"
        " LEFT JOIN link_decisions AS decided ON decided.tenant = tickets.tenant AND ticket_id = tickets.id"
        f" WHERE tickets.tenant = ? AND tickets.id IN {LISTED}",
        (tenant, list_text(ids)),
    )
    return {
        row["id"]: Linked(
            optional_ref(row["solution_tenant"], row["solution_id"]),
            WriteBackOutcome(row["outcome"]),
            TicketStatus(row["status"]),
            row["resolution"],
            row["named"],
            optional_ref(row["decided_tenant"], row["decided_id"]),
            bool(row["withdrawn"]),
        )
        for row in rows
    }


def link(tx: Write, tenant: TenantId, id: str, solution: SolutionRef | None, outcome: WriteBackOutcome) -> None:
    """Link a stored ticket to another solution, or to none."""
    tx.execute(
        "UPDATE tickets SET solution_tenant = ?, solution_id = ?, outcome = ?, updated_at = ?,"
        " merged_from_tenant = NULL, merged_from_id = NULL WHERE tenant = ? AND id = ?",
        (solution and solution.tenant, solution and solution.id, outcome, time_text(tx.now), tenant, id),
    )
    tenants.raise_revision(tx, tenant)
    audit.note(tx, tenant, "ticket.linked", id, outcome)


def decide(tx: Write, tenant: TenantId, id: str, solution: SolutionRef, agent: str) -> None:
    """Note that a lead linked the ticket to the solution; sending the ticket again does not change that."""
    tx.execute(
        _DECIDE,
        {
            "tenant": tenant,
            "ticket_id": id,
            "solution_tenant": solution.tenant,
            "solution_id": solution.id,
            "agent": agent,
            "withdrawn": 0,
            "created_at": time_text(tx.now),
        },
    )


def renew_decision(tx: Write, tenant: TenantId, id: str) -> None:
    """Apply a lead's decision to the ticket's new resolution."""
    tx.execute("UPDATE link_decisions SET withdrawn = 0 WHERE tenant = ? AND ticket_id = ?", (tenant, id))


def forget_decision(tx: Write, tenant: TenantId, id: str) -> None:
    """Delete a lead's decision about the ticket."""
    tx.execute("DELETE FROM link_decisions WHERE tenant = ? AND ticket_id = ?", (tenant, id))


def move_failure(tx: Write, tenant: TenantId, id: str, before: SolutionRef, solution: SolutionRef | None) -> None:
    """Move a noted failure of the ticket from one solution to another; delete it if there is no other."""
    if solution is not None:
        tx.execute(
            "UPDATE @free failures SET solution_tenant = ?, solution_id = ?, merged_from_tenant = NULL,"
            " merged_from_id = NULL WHERE tenant = ? AND ticket_id = ? AND solution_tenant = ? AND solution_id = ?",
            (solution.tenant, solution.id, tenant, id, before.tenant, before.id),
        )
    tx.execute(
        "DELETE FROM failures WHERE tenant = ? AND ticket_id = ? AND solution_tenant = ? AND solution_id = ?",
        (tenant, id, before.tenant, before.id),
    )


def note_unlinked(tx: Write, tenant: TenantId, id: str, solution: SolutionRef, agent: str) -> None:
    """Note that a person unlinked the ticket from the solution."""
    tx.execute(
        "INSERT INTO apart (tenant, ticket_id, solution_tenant, solution_id, agent, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (tenant, id, solution.tenant, solution.id, agent, time_text(tx.now)),
    )


def forget_unlinked(tx: Write, tenant: TenantId, id: str, solution: SolutionRef) -> None:
    """Delete the note that the ticket was unlinked from the solution."""
    tx.execute(
        "DELETE FROM apart WHERE tenant = ? AND ticket_id = ? AND solution_tenant = ? AND solution_id = ?",
        (tenant, id, solution.tenant, solution.id),
    )


def unlinked_from(tx: Read, tenant: TenantId, ids: Sequence[str]) -> dict[str, set[SolutionRef]]:
    """The solutions from which a person unlinked each ticket."""
    rows = tx.rows(
        f"SELECT ticket_id, solution_tenant, solution_id FROM apart WHERE tenant = ? AND ticket_id IN {LISTED}",
        (tenant, list_text(ids)),
    )
    found: dict[str, set[SolutionRef]] = {id: set() for id in ids}
    for row in rows:
        found[row["ticket_id"]].add(SolutionRef(TenantId(row["solution_tenant"]), row["solution_id"]))
    return found
