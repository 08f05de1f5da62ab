"""Suggestions that were shown, what agents said of them, flags on knowledge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kbsearch.model import FeedbackOutcome, Flag, SolutionKind, SolutionRef, TenantId, Ticket
from kbsearch.store import audit, tenants
from kbsearch.store.columns import list_text, parse_time, time_text
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import LISTED, upsert

_PUT = upsert(
    "feedback",
    (
        "tenant",
        "suggestion_id",
        "solution_tenant",
        "solution_id",
        "agent",
        "outcome",
        "comment",
        "created_at",
        "revision",
        "ticket_id",
    ),
    ("tenant", "suggestion_id", "solution_tenant", "solution_id", "agent"),
)
_PUT_FLAG = upsert(
    "flags",
    (
        "tenant", "id", "solution_tenant", "solution_id", "reason", "comment", "agent", "created_at", "suggestion_id",
        "ticket_id",
    ),
    ("tenant", "id"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion as it was shown: whose, for which ticket, what with which confidence.

    ``question`` is the ticket that was sent, None for suggestions of an earlier version. It is stored redacted.
    """

    tenant: TenantId
    id: str
    ticket_id: str | None
    solutions: tuple[tuple[SolutionRef, float], ...]
    status: str
    confidence: float
    created_at: datetime
    question: Ticket | None = None


def put_shown(tx: Write, shown: list[Shown]) -> None:
    """Store suggestions but those for tickets that were erased since: these would bring the ticket's words back."""
    tx.executemany(
        "INSERT INTO suggestions (tenant, id, ticket_id, shown, status, confidence, created_at, question)"
        " SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM audit WHERE at > ? AND tenant = ?"
        " AND action = 'ticket.erased' AND subject = ?) ON CONFLICT DO NOTHING",
        [
            (
                one.tenant,
                one.id,
                one.ticket_id,
                json.dumps([[ref.tenant, ref.id, round(confidence, 4)] for ref, confidence in one.solutions]),
                one.status,
                one.confidence,
                time_text(one.created_at),
                _question_text(one.question),
                time_text(one.created_at),
                one.tenant,
                one.ticket_id,
            )
            for one in shown
        ],
    )


def get_shown(tx: Read, tenant: TenantId, id: str) -> Shown | None:
    row = tx.row("SELECT * FROM suggestions WHERE tenant = ? AND id = ?", (tenant, id))
    if row is None:
        return None
    solutions = tuple((SolutionRef(TenantId(t), i), float(c)) for t, i, c in json.loads(row["shown"]))
    return Shown(
        tenant, id, row["ticket_id"], solutions, row["status"], row["confidence"], parse_time(row["created_at"]),
        _question(row["question"]),
    )  # fmt: skip


def shown_for(tx: Read, tenant: TenantId, ticket_id: str) -> list[str]:
    """The ids of the suggestions that were made for a ticket, and of the one that its write-back named.

    The latter may have been removed by age, while feedback and flags that came of it are still there.
    """
    of_another = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} AS one WHERE one.tenant = tickets.tenant"
        f" AND one.{id} = tickets.suggestion_id AND one.ticket_id IS NOT NULL)"
        for table, id in (("suggestions", "id"), ("feedback", "suggestion_id"), ("flags", "suggestion_id"))
    )
    rows = tx.rows(
        "SELECT id FROM suggestions WHERE tenant = :tenant AND ticket_id = :ticket UNION"
        " SELECT suggestion_id FROM tickets WHERE tenant = :tenant AND id = :ticket AND suggestion_id IS NOT NULL"
        f" AND {of_another}",
        {"tenant": tenant, "ticket": ticket_id},
    )
    return [row[0] for row in rows]


def drop_replaced(tx: Write, tenant: TenantId, ids: Sequence[str]) -> list[str]:
    """Remove suggestions that later ones of the same typing replace. Returns the ids of those that were removed.

    What an agent judged stays, and what a ticket's write-back names or an article was begun with.
    """
    rows = tx.rows(
        f"SELECT id FROM suggestions WHERE tenant = :tenant AND id IN {LISTED.replace('?', ':ids')}"
        " AND NOT EXISTS (SELECT 1 FROM feedback WHERE feedback.tenant = :tenant AND suggestion_id = suggestions.id)"
        " AND NOT EXISTS (SELECT 1 FROM tickets WHERE tickets.tenant = :tenant"
        " AND tickets.suggestion_id = suggestions.id)"
        " AND NOT EXISTS (SELECT 1 FROM drafts WHERE drafts.tenant = :tenant AND source = suggestions.id)",
        {"tenant": tenant, "ids": list_text(ids)},
    )
    found = [row["id"] for row in rows]
    tx.execute(f"DELETE FROM suggestions WHERE tenant = ? AND id IN {LISTED}", (tenant, list_text(found)))
    return found


def erase_shown(tx: Write, tenant: TenantId, ids: Sequence[str]) -> None:
    """Remove suggestions with the feedback and the flags that came of them."""
    for table, column in (("feedback", "suggestion_id"), ("flags", "suggestion_id"), ("suggestions", "id")):
        tx.execute(f"DELETE FROM {table} WHERE tenant = ? AND {column} IN {LISTED}", (tenant, list_text(ids)))


def put(
    tx: Write, shown: Shown, solution: SolutionRef, agent: str, outcome: FeedbackOutcome, comment: str | None
) -> None:
    """Store an agent's word on a suggested solution; a second one replaces the first."""
    tx.execute(
        _PUT,
        {
            "tenant": shown.tenant,
            "suggestion_id": shown.id,
            "solution_tenant": solution.tenant,
            "solution_id": solution.id,
            "agent": agent,
            "outcome": outcome,
            "comment": comment,
            "created_at": time_text(tx.now),
            "revision": tenants.raise_revision(tx, shown.tenant),
            "ticket_id": shown.ticket_id,
        },
    )
    audit.note(tx, shown.tenant, "feedback.given", shown.id, outcome)


def put_flag(
    tx: Write,
    tenant: TenantId,
    id: str,
    solution: SolutionRef,
    reason: str,
    agent: str,
    comment: str | None,
    shown: Shown | None = None,
) -> None:
    """Open a flag, or replace the one of the same id. ``shown``: where feedback on a suggestion opens it."""
    tx.execute(
        _PUT_FLAG,
        {
            "tenant": tenant,
            "id": id,
            "solution_tenant": solution.tenant,
            "solution_id": solution.id,
            "reason": reason,
            "comment": comment,
            "agent": agent,
            "created_at": time_text(tx.now),
            "suggestion_id": shown and shown.id,
            "ticket_id": shown and shown.ticket_id,
        },
    )
    audit.note(tx, tenant, "flag.opened", id)


def drop_flag(tx: Write, tenant: TenantId, id: str) -> bool:
    """Close a flag. False if there is none of this id."""
    closed = bool(tx.execute("DELETE FROM flags WHERE tenant = ? AND id = ?", (tenant, id)))
    if closed:
        audit.note(tx, tenant, "flag.closed", id)
    return closed


def flags(tx: Read, tenant: TenantId, after: tuple[datetime, str] | None, limit: int) -> list[Flag]:
    """The tenant's open flags by (time, id), those behind ``after`` only."""
    rows = tx.rows(
        "SELECT flags.id, solution_id, solution_tenant, kind, title, reason, comment, agent, flags.created_at"
        " FROM flags LEFT JOIN solutions ON solutions.tenant = solution_tenant AND solutions.id = solution_id"
        " WHERE flags.tenant = ? AND (flags.created_at, flags.id) > (?, ?) ORDER BY flags.created_at, flags.id LIMIT ?",
        (tenant, *((time_text(after[0]), after[1]) if after else ("", "")), limit),
    )
    return [
        Flag(
            id=row["id"],
            solution_id=row["solution_id"],
            tenant=TenantId(row["solution_tenant"]),
            kind=None if row["kind"] is None else SolutionKind(row["kind"]),
            title=row["title"],
            reason=row["reason"],
            comment=row["comment"],
            agent=row["agent"],
            created_at=parse_time(row["created_at"]),
        )
        for row in rows
    ]


def drop_flags(tx: Write, tenant: TenantId, suggestion_id: str, solution: SolutionRef, agent: str) -> None:
    """Close the flags that an agent's feedback on a suggested solution opened, whatever it was merged into since."""
    rows = tx.rows(
        "DELETE FROM flags WHERE tenant = ? AND suggestion_id = ? AND solution_tenant = ? AND solution_id = ?"
        " AND agent = ? RETURNING id",
        (tenant, suggestion_id, solution.tenant, solution.id, agent),
    )
    for row in rows:
        audit.note(tx, tenant, "flag.closed", row["id"])


def _question_text(question: Ticket | None) -> str | None:
    if question is None:
        return None
    fields = {name: getattr(question, name) for name in ("subject", "description", "environment", "language")}
    return json.dumps(fields, ensure_ascii=False)


def _question(text: str | None) -> Ticket | None:
    if text is None:
        return None
    fields: dict[str, Any] = json.loads(text)
    fields["environment"] = tuple(fields["environment"])
    return Ticket(**fields)
