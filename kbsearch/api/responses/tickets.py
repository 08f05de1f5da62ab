"""Bodies of answers about tickets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import Field

from kbsearch.api.fields import Out, Time, WarningOut, Warnings
from kbsearch.model import ResolvedTicket, TicketStatus, WriteBack, WriteBackOutcome


class SimilarOut(Out):
    solution_id: str
    title: str
    confidence: float
    differs: Annotated[str, Field(description="What differs between the two fixes, in words.")]


class WriteBackOut(Out):
    ticket_id: str
    solution_id: str | None
    outcome: WriteBackOutcome
    similar: list[SimilarOut]
    redacted: dict[str, int]
    revision: int
    warnings: Warnings = Field(default_factory=list[WarningOut])

    @classmethod
    def of(cls, written: WriteBack, warnings: Sequence[WarningOut] = ()) -> Self:
        out = cls.model_validate(written)
        out.warnings = list(warnings)
        for one in out.similar:
            one.confidence = round(one.confidence, 4)
        return out


class StoredTicketOut(Out):
    id: str
    subject: str
    description: str
    environment: list[str]
    language: str | None
    priority: str | None
    created_at: Time | None
    respond_by: Time | None
    responded_at: Time | None
    resolve_by: Time | None


class ListedTicketOut(Out):
    """A resolved ticket as it is stored, redacted."""

    ticket: StoredTicketOut
    resolution: str
    cause: str | None
    resolved_by: str | None
    level: int | None
    resolved_at: Time | None
    minutes_spent: int | None
    reassignments: int | None = None
    solution_id: str | None
    suggestion_id: str | None
    status: TicketStatus
    outcome: WriteBackOutcome
    tenant: str
    updated_at: Time

    @classmethod
    def of(cls, stored: ResolvedTicket) -> Self:
        return cls.model_validate(_ticket_fields(stored))


class ResolvedTicketOut(ListedTicketOut):
    """`revision` is the state of the tenant's knowledge at which the ticket was read."""

    revision: int

    @classmethod
    def of(cls, stored: ResolvedTicket) -> Self:
        return cls.model_validate({**_ticket_fields(stored), "revision": stored.revision})


class TicketsOut(Out):
    tickets: list[ListedTicketOut]
    next_cursor: str | None


class UnlinkedOut(Out):
    """``solution_id`` is the ticket's own solution now; null if its resolution is too thin for one."""

    id: str
    solution_id: str | None
    revision: int


def _ticket_fields(stored: ResolvedTicket) -> dict[str, Any]:
    resolution = stored.resolution
    return {
        "ticket": stored.ticket,
        "resolution": resolution.text,
        "cause": resolution.cause,
        "resolved_by": resolution.resolved_by,
        "level": resolution.level,
        "resolved_at": resolution.resolved_at,
        "minutes_spent": resolution.minutes_spent,
        "reassignments": resolution.reassignments,
        "solution_id": stored.solution and stored.solution.id,
        "suggestion_id": resolution.suggestion_id,
        "status": stored.status,
        "outcome": stored.outcome,
        "tenant": stored.tenant,
        "updated_at": stored.updated_at,
    }
