"""Resolved tickets and the solution each is linked to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kbsearch.model import (
    DocumentKind,
    Resolution,
    ResolvedTicket,
    SolutionRef,
    Source,
    TenantId,
    Ticket,
    TicketStatus,
    WriteBackOutcome,
)
from kbsearch.store import asked, audit, changes, drafts, feedback, redaction, tenants
from kbsearch.store.columns import list_text, optional_ref, parse_list, parse_optional_time, parse_time, time_text
from kbsearch.store.port import Read, Row, SqlValue, Write
from kbsearch.store.statements import LISTED, upsert

_COLUMNS = (
    "tenant", "id", "subject", "description", "environment", "language", "priority", "created_at", "respond_by",
    "resolve_by", "resolution", "cause", "resolved_by", "level", "resolved_at", "minutes_spent", "suggestion_id",
    "status", "outcome", "solution_tenant", "solution_id", "digest", "revision", "updated_at", "named",
    "used_at", "responded_at", "reassignments", "written_at",
)  # fmt: skip
# A ticket that keeps its link keeps what a merge moved it from. What is sent again was written back the first time,
# unless it was reopened since.
_PUT = upsert(
    "tickets",
    _COLUMNS,
    ("tenant", "id"),
    "merged_from_tenant = CASE WHEN :keeps_link THEN tickets.merged_from_tenant END,"
    " merged_from_id = CASE WHEN :keeps_link THEN tickets.merged_from_id END,"
    " written_at = CASE tickets.status WHEN 'reopened' THEN excluded.written_at ELSE tickets.written_at END",
)


def get(tx: Read, tenant: TenantId, id: str) -> ResolvedTicket | None:
    row = tx.row("SELECT * FROM tickets WHERE tenant = ? AND id = ?", (tenant, id))
    return None if row is None else _resolved_ticket(row)


def many(tx: Read, tenant: TenantId, ids: Sequence[str]) -> dict[str, ResolvedTicket]:
    rows = tx.rows(f"SELECT * FROM tickets WHERE tenant = ? AND id IN {LISTED}", (tenant, list_text(ids)))
    return {row["id"]: _resolved_ticket(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which tickets are listed: of this status and outcome, linked to this solution, resolved from and until when
    (``until`` excluded). None: any.
    """

    status: TicketStatus | None = None
    outcome: WriteBackOutcome | None = None
    solution_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(
    tx: Read, tenant: TenantId, wanted: Filter, before: tuple[datetime, str] | None, limit: int
) -> list[ResolvedTicket]:
    """Tickets by (resolved_at, id), the last resolved first, those behind ``before`` only."""
    terms: list[tuple[str, SqlValue]] = [("tenant = ?", tenant)]
    for term, value in (
        ("@plain(status) = ?", wanted.status),  # an index by status is in another order
        ("resolved_at >= ?", time_text(wanted.since)),
        ("resolved_at < ?", time_text(wanted.until)),
        ("solution_id = ?", wanted.solution_id),
    ):
        if value is not None:
            terms.append((term, value))
    outcome = "" if wanted.outcome is None else f" AND outcome = '{wanted.outcome}'"  # in words: for the partial index
    behind = "" if before is None else " AND (resolved_at, id) < (?, ?)"
    rows = tx.rows(
        f"SELECT * FROM tickets WHERE {' AND '.join(term for term, _ in terms)}{outcome}{behind}"
        " ORDER BY resolved_at DESC, id DESC LIMIT ?",
        (*(value for _, value in terms), *((time_text(before[0]), before[1]) if before else ()), limit),
    )
    return [_resolved_ticket(row) for row in rows]


def digests(tx: Read, tenant: TenantId, ids: Sequence[str]) -> dict[str, bytes]:
    """The digest of each stored write-back, to recognise repetitions; without reopened tickets."""
    # By an index on the status all of the tenant's resolved tickets would be read.
    rows = tx.rows(
        f"SELECT id, digest FROM tickets WHERE tenant = ? AND id IN {LISTED} AND @plain(status) = 'resolved'",
        (tenant, list_text(ids)),
    )
    return {row["id"]: row["digest"] for row in rows}


def put(
    tx: Write,
    tenant: TenantId,
    ticket_id: str,
    ticket: Ticket,
    resolution: Resolution,
    solution: SolutionRef | None,
    outcome: WriteBackOutcome,
    digest: bytes,
    keeps_link: bool = False,
    imported: bool = False,
) -> None:
    """Add or replace a resolved ticket and note the change.

    It was resolved now where its resolution names no time. One that lies in the future counts as now.

    Args:
        tx: the transaction.
        tenant: whose it is.
        ticket_id: its id.
        ticket: as it is stored.
        resolution: as it is stored; its ``solution_id`` is what the caller named.
        solution: what it is linked to.
        outcome: of the write-back.
        digest: names what was written back.
        keeps_link: whether it was linked to this solution before.
        imported: whether it comes with others from the past: nobody wrote it back just now.
    """
    resolved_at = resolution.resolved_at or tx.now
    tx.execute(
        _PUT,
        {
            "tenant": tenant,
            "id": ticket_id,
            "subject": ticket.subject,
            "description": ticket.description,
            "environment": list_text(ticket.environment),
            "language": ticket.language,
            "priority": ticket.priority,
            "created_at": time_text(ticket.created_at),
            "respond_by": time_text(ticket.respond_by),
            "responded_at": time_text(ticket.responded_at),
            "resolve_by": time_text(ticket.resolve_by),
            "resolution": resolution.text,
            "cause": resolution.cause,
            "resolved_by": resolution.resolved_by,
            "level": resolution.level,
            "resolved_at": time_text(resolved_at),
            "used_at": time_text(min(resolved_at, tx.now)),
            "minutes_spent": resolution.minutes_spent,
            "suggestion_id": resolution.suggestion_id,
            "status": TicketStatus.RESOLVED,
            "outcome": outcome,
            "solution_tenant": solution and solution.tenant,
            "solution_id": solution and solution.id,
            "digest": digest,
            "revision": tenants.raise_revision(tx, tenant),
            "updated_at": time_text(tx.now),
            "named": resolution.solution_id,
            "reassignments": resolution.reassignments,
            "written_at": None if imported else time_text(tx.now),
            "keeps_link": keeps_link,
        },
    )
    changes.record(tx, Source(tenant, DocumentKind.TICKET, ticket_id))
    audit.note(tx, tenant, "ticket.resolved", ticket_id, outcome)


def latest_of(
    tx: Read, tenant: TenantId, solutions: Sequence[SolutionRef], limit: int
) -> dict[SolutionRef, list[tuple[str, str]]]:
    """(subject, description) of the tenant's ``limit`` resolved tickets of each solution, the last resolved first."""
    rows = tx.rows(
        "SELECT solution_tenant, solution_id, subject, description FROM tickets WHERE @row IN"
        " (SELECT newest.@row FROM @elements(?, solution), tickets AS newest WHERE newest.@row IN"
        "  (SELECT @row FROM tickets WHERE tenant = ? AND solution_tenant = @text(solution, 0)"
        "   AND solution_id = @text(solution, 1) AND status = 'resolved'"
        "  ORDER BY used_at DESC, revision DESC LIMIT ?)) ORDER BY used_at DESC, revision DESC",
        (json.dumps([[ref.tenant, ref.id] for ref in solutions]), tenant, limit),
    )
    found: dict[SolutionRef, list[tuple[str, str]]] = {ref: [] for ref in solutions}
    for solution_tenant, solution_id, subject, description in rows:
        found[SolutionRef(TenantId(solution_tenant), solution_id)].append((subject, description))
    return found


def reopen(tx: Write, tenant: TenantId, id: str) -> bool:
    """Withdraw a ticket's resolution, which did not work. False if there is none to withdraw."""
    changed = tx.execute(
        "UPDATE tickets SET status = 'reopened', updated_at = :now, reopened_at = :now"
        " WHERE tenant = :tenant AND id = :id AND status = 'resolved'",
        {"now": time_text(tx.now), "tenant": tenant, "id": id},
    )
    if changed:
        tx.execute(
            "INSERT INTO failures (tenant, ticket_id, solution_tenant, solution_id, created_at, merged_from_tenant,"
            " merged_from_id) SELECT tenant, id, solution_tenant, solution_id, updated_at, merged_from_tenant,"
            " merged_from_id FROM tickets WHERE tenant = ? AND id = ? AND solution_id IS NOT NULL"
            " ON CONFLICT DO NOTHING",
            (tenant, id),
        )
        tx.execute("UPDATE link_decisions SET withdrawn = 1 WHERE tenant = ? AND ticket_id = ?", (tenant, id))
        _note_change(tx, tenant, id)
        audit.note(tx, tenant, "ticket.reopened", id)
    return bool(changed)


def erase(tx: Write, tenant: TenantId, id: str) -> bool:
    """Remove a ticket with the suggestions for it, the feedback and the flags that came of these.

    A ticket that was only asked about has suggestions and what agents said of them. Drafts that were begun with its
    text may be all that is left. False if there is nothing of it.
    """
    shown = feedback.shown_for(tx, tenant, id)
    gone = tx.execute("DELETE FROM tickets WHERE tenant = ? AND id = ?", (tenant, id))
    gone += asked.erase(tx, tenant, id)
    for table in ("feedback", "flags", "suggestions", "apart", "failures", "link_decisions", "second_looks"):
        gone += tx.execute(f"DELETE FROM {table} WHERE tenant = ? AND ticket_id = ?", (tenant, id))
    gone += drafts.forget_sources(tx, tenant, [id, *shown])
    feedback.erase_shown(tx, tenant, shown)
    if gone:
        redaction.erase_raw(tx, tenant, id)
        _note_change(tx, tenant, id)
        audit.note(tx, tenant, "ticket.erased", id)
    return bool(gone)


def _note_change(tx: Write, tenant: TenantId, id: str) -> None:
    changes.record(tx, Source(tenant, DocumentKind.TICKET, id))
    tenants.raise_revision(tx, tenant)


def _resolved_ticket(row: Row) -> ResolvedTicket:
    return ResolvedTicket(
        tenant=TenantId(row["tenant"]),
        ticket=Ticket(
            id=row["id"],
            subject=row["subject"],
            description=row["description"],
            environment=parse_list(row["environment"]),
            language=row["language"],
            priority=row["priority"],
            created_at=parse_optional_time(row["created_at"]),
            respond_by=parse_optional_time(row["respond_by"]),
            responded_at=parse_optional_time(row["responded_at"]),
            resolve_by=parse_optional_time(row["resolve_by"]),
        ),
        resolution=Resolution(
            text=row["resolution"],
            cause=row["cause"],
            resolved_by=row["resolved_by"],
            level=row["level"],
            resolved_at=parse_optional_time(row["resolved_at"]),
            minutes_spent=row["minutes_spent"],
            solution_id=row["solution_id"],
            suggestion_id=row["suggestion_id"],
            reassignments=row["reassignments"],
        ),
        status=TicketStatus(row["status"]),
        outcome=WriteBackOutcome(row["outcome"]),
        solution=optional_ref(row["solution_tenant"], row["solution_id"]),
        revision=row["revision"],
        updated_at=parse_time(row["updated_at"]),
    )
