"""Bodies of answers about tickets."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from kbsearch.api.fields import Out, Time
from kbsearch.model import ResolvedTicket, TicketStatus, WriteBack, WriteBackOutcome


class SimilarOut(Out):
    solution_id: str
    title: str
    confidence: float
    differs: Annotated[str, Field(description="In words, what differs between the two fixes.")]


class WriteBackOut(Out):
    ticket_id: str
    solution_id: str | None
    outcome: WriteBackOutcome
    similar: list[SimilarOut]
    redacted: dict[str, int]
    revision: int

    @classmethod
    def of(cls, written: WriteBack) -> Self:
        out = cls.model_validate(written)
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
    resolve_by: Time | None


class ResolvedTicketOut(Out):
    ticket: StoredTicketOut
    resolution: str
    cause: str | None
    resolved_by: str | None
    level: int | None
    resolved_at: Time | None
    minutes_spent: int | None
    solution_id: str | None
    suggestion_id: str | None
    status: TicketStatus
    outcome: WriteBackOutcome
    tenant: str
    revision: int
    updated_at: Time

    @classmethod
    def of(cls, stored: ResolvedTicket) -> Self:
        resolution = stored.resolution
        return cls(
            ticket=StoredTicketOut.model_validate(stored.ticket),
            resolution=resolution.text,
            cause=resolution.cause,
            resolved_by=resolution.resolved_by,
            level=resolution.level,
            resolved_at=resolution.resolved_at,
            minutes_spent=resolution.minutes_spent,
            solution_id=stored.solution and stored.solution.id,
            suggestion_id=resolution.suggestion_id,
            status=stored.status,
            outcome=stored.outcome,
            tenant=stored.tenant,
            revision=stored.revision,
            updated_at=stored.updated_at,
        )


class TakenOffOut(Out):
    """The solution that the ticket forms by itself now; null if its resolution is too thin for one."""

    id: str
    solution_id: str | None
    revision: int
