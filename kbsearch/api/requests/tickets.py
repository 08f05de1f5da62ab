"""Bodies of requests about tickets."""

from __future__ import annotations

from typing import Annotated, Any, Self, cast

from pydantic import Field, ModelWrapValidatorHandler, PrivateAttr, model_validator

from kbsearch.api.fields import (
    NO_LANGUAGE,
    SUBJECT_CHARACTERS,
    TEXT_CHARACTERS,
    FilledText,
    Id,
    In,
    Label,
    Labels,
    Language,
    Text,
    Time,
    Title,
    WarningOut,
    reachable,
)
from kbsearch.api.requests.examples import TICKET, example
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import (
    Resolution,
    Ticket,
)
from kbsearch.text.language_tags import language_tag


def _with_subject_cut(ticket: dict[str, Any], subject: str) -> dict[str, Any]:
    """The subject cut between words, its rest in front of the description."""
    subject = subject.strip()
    kept = subject[: SUBJECT_CHARACTERS + 1]
    end = kept.rfind(" ") if " " in kept[1:] else SUBJECT_CHARACTERS
    description = ticket.get("description")
    if description is not None and not isinstance(description, str):
        return ticket
    rest = subject[end:].strip()
    if len(description or "") <= TEXT_CHARACTERS:
        description = f"{rest}\n\n{description or ''}".strip()[:TEXT_CHARACTERS]
    return {**ticket, "subject": kept[:end].strip(), "description": description}


class TicketIn(In):
    """A ticket. Only ``subject`` is required.

    No ticket is refused for its ``language`` or the length of its ``subject``: an invalid language is left out, and a
    long subject is cut between words, with the rest in front of the description. Each adds a warning.
    """

    id: Id | None = None
    subject: Title
    description: Text = ""
    environment: Labels = Field(default_factory=list)
    language: Language | None = None
    priority: Label | None = None
    created_at: Time | None = None
    respond_by: Annotated[Time | None, Field(description="When a first reply is due.")] = None
    responded_at: Annotated[
        Time | None, Field(description="When a first reply was sent; then `respond_by` no longer counts.")
    ] = None
    resolve_by: Annotated[
        Time | None, Field(description="When the fix is due. The verdict is `escalate` if it would come too late.")
    ] = None

    _warnings: list[WarningOut] = PrivateAttr(default_factory=list[WarningOut])

    @property
    def warnings(self) -> list[WarningOut]:
        """What was left out or cut; pointers start at a body that has the ticket in ``ticket``."""
        return self._warnings

    @model_validator(mode="wrap")
    @classmethod
    def _as_it_can_be_taken(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(value, dict):
            return handler(value)
        taken = cast("dict[str, Any]", value)
        warnings: list[WarningOut] = []
        language, subject = taken.get("language"), taken.get("subject")
        if isinstance(language, str) and language_tag(language) is None:
            taken = {**taken, "language": None}
            warnings.append(WarningOut(pointer="/ticket/language", detail=f"left out: {NO_LANGUAGE}"))
        if isinstance(subject, str) and len(subject) > SUBJECT_CHARACTERS:
            taken = _with_subject_cut(taken, subject)
            detail = f"cut to at most {SUBJECT_CHARACTERS} characters; the rest is read as description"
            warnings.append(WarningOut(pointer="/ticket/subject", detail=detail))
        ticket = handler(taken)
        ticket._warnings.extend(warnings)
        return ticket

    def to_ticket(self) -> Ticket:
        return Ticket(
            id=self.id,
            subject=self.subject,
            description=self.description,
            environment=tuple(self.environment),
            language=self.language,
            priority=self.priority,
            created_at=self.created_at,
            respond_by=self.respond_by,
            responded_at=self.responded_at,
            resolve_by=self.resolve_by,
        )


class WriteBackIn(In):
    """A resolved ticket. ``solution_id`` names the solution that was used, if any."""

    model_config = example(
        {
            "ticket": {**TICKET, "id": None},
            "resolution": "Removed the stored Office credential in Credential Manager and signed in again.",
            "cause": "The stored credential was older than the last password change.",
            "resolved_by": "m.petrova",
            "level": 2,
            "resolved_at": "2026-11-23T10:05:00Z",
            "minutes_spent": 35,
            "reassignments": 1,
            "solution_id": None,
            "suggestion_id": None,
        }
    )

    ticket: TicketIn
    resolution: FilledText
    cause: Text | None = None
    resolved_by: Label | None = None
    level: Annotated[int, Field(ge=1, le=3, strict=True)] | None = None
    resolved_at: Time | None = None
    minutes_spent: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] | None = None
    reassignments: Annotated[
        int | None, Field(ge=0, le=1_000, strict=True, description="How often it went from one group to another.")
    ] = None
    solution_id: Id | None = None
    suggestion_id: Id | None = None

    def to_resolved(self, ticket_id: str) -> ResolvedTicketIn:
        resolution = Resolution(
            text=self.resolution,
            cause=self.cause or None,
            resolved_by=self.resolved_by,
            level=self.level,
            resolved_at=self.resolved_at,
            minutes_spent=self.minutes_spent,
            solution_id=self.solution_id,
            suggestion_id=self.suggestion_id,
            reassignments=self.reassignments,
        )
        return ResolvedTicketIn(ticket_id, self.ticket.to_ticket(), resolution)


class WriteBackLine(WriteBackIn):
    """A line of an import: the write-back's body with ``ticket.id``."""

    @model_validator(mode="after")
    def _has_id(self) -> Self:
        if self.ticket.id is None:
            raise ValueError("ticket.id is missing")
        reachable(self.ticket.id)
        return self


class LinkIn(In):
    """The solution to which the ticket belongs."""

    model_config = example({"solution_id": "outlook-password-prompt.en"})

    solution_id: Id
