"""Bodies of requests."""

from __future__ import annotations

from typing import Annotated, Any, Self, cast

from pydantic import ConfigDict, Field, ModelWrapValidatorHandler, PrivateAttr, model_validator

from kbsearch.api.fields import (
    MOST_STATEMENTS,
    NO_LANGUAGE,
    SUBJECT_CHARACTERS,
    TEXT_CHARACTERS,
    FilledText,
    Id,
    In,
    Label,
    Labels,
    Language,
    Limit,
    NewArticleId,
    Text,
    Time,
    Title,
    WarningOut,
    reachable,
)
from kbsearch.knowledge.writing.drafts import DraftFrom
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import (
    Article,
    ArticleState,
    FeedbackOutcome,
    RedactionPolicy,
    Resolution,
    Role,
    Ticket,
)
from kbsearch.text.language_tags import language_tag

_TICKET = {
    "id": "RT-1042",
    "subject": "Outlook asks for the password again and again",
    "description": "Since this morning a window asks for my password, I type it and it comes back.",
    "environment": ["Windows 11", "Outlook 2021"],
    "language": "en",
    "priority": "high",
}

WordList = Annotated[list[Label], Field(max_length=1_000)]
Statements = Annotated[list[FilledText], Field(max_length=MOST_STATEMENTS)]


def _example(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": list(examples)})


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)
    schema["examples"] = [{"state": "validated"}]


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


class SuggestIn(In):
    """A question: suggest solutions for a ticket."""

    model_config = _example({"ticket": _TICKET, "limit": 5}, {"ticket": {"subject": "Принтерът не печата"}})

    ticket: TicketIn
    limit: Limit = 5
    min_revision: Annotated[int, Field(ge=0, le=2**53, strict=True)] | None = None
    stages: Annotated[bool, Field(strict=True, description="Return the duration of each stage.")] = False


class WriteBackIn(In):
    """A resolved ticket. ``solution_id`` names the solution that was used, if any."""

    model_config = _example(
        {
            "ticket": {**_TICKET, "id": None},
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


class ArticleIn(In):
    """An article. It needs a ``resolution`` unless its state is ``wip``."""

    model_config = _example(
        {
            "id": "vpn-error-809",
            "title": "VPN does not connect: error 809",
            "issue": ["VPN says the network connection could not be established, error 809"],
            "environment": ["Windows 11"],
            "cause": "The router at home drops IPsec packets.",
            "resolution": "1. Switch the VPN profile to *SSTP*.\n2. Connect again.",
            "tags": ["vpn", "809"],
            "language": "en",
            "audience": "internal",
            "state": "not_validated",
        }
    )

    id: NewArticleId | None = None
    title: Title
    issue: Statements = Field(default_factory=list)
    environment: Labels = Field(default_factory=list)
    cause: Text | None = None
    resolution: Text = ""
    tags: Labels = Field(default_factory=list)
    language: Language | None = None
    audience: Label | None = None
    state: ArticleState = ArticleState.NOT_VALIDATED

    @model_validator(mode="after")
    def _has_resolution(self) -> Self:
        if self.state != ArticleState.WIP and not self.resolution.strip():
            raise ValueError("resolution must not be empty unless state is wip")
        return self

    def to_article(self, id: str) -> Article:
        return Article(
            id=id,
            title=self.title,
            issue=tuple(self.issue),
            environment=tuple(self.environment),
            cause=self.cause or None,
            resolution=self.resolution,
            tags=tuple(self.tags),
            language=self.language,
            audience=self.audience,
            state=self.state,
        )


class ArticlePatch(In):
    """The fields to change; all others stay as they are.

    The schema has no defaults, so that a generated client sends only what was set.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra=_without_defaults)

    title: Title = ""
    issue: Statements = Field(default_factory=list)
    environment: Labels = Field(default_factory=list)
    cause: Text | None = None
    resolution: Text = ""
    tags: Labels = Field(default_factory=list)
    language: Language | None = None
    audience: Label | None = None
    state: ArticleState = ArticleState.NOT_VALIDATED


class FeedbackIn(In):
    """Feedback on a suggested solution."""

    model_config = _example({"solution_id": "outlook-password-prompt.en", "outcome": "solved", "comment": None})

    solution_id: Id
    outcome: FeedbackOutcome
    comment: Annotated[str, Field(max_length=2_000)] | None = None
    agent: (
        Annotated[Label, Field(description="With a key of the role `system`: the agent who gives the feedback.")] | None
    ) = None


class PanelSessionIn(In):
    """For whom the side panel is opened."""

    model_config = _example({"ticket_id": "RT-1042", "minutes": 60})

    ticket_id: Annotated[Id, Field(description="The ticket beside which the panel is shown.")] | None = None
    role: Annotated[
        Role, Field(description="What the panel may do; not more than the caller. A key of the role `system`: `agent`.")
    ] = Role.AGENT
    agent: (
        Annotated[Label, Field(description="With a key of the role `system`: the agent who sees the panel.")] | None
    ) = None
    minutes: Annotated[int, Field(ge=1, le=720, description="How long the panel can be used.")] = 60


class FlagIn(In):
    """Why an article needs a review."""

    model_config = _example({"reason": "outdated", "comment": "The menu moved in the new Outlook."})

    reason: Label
    comment: Annotated[str, Field(max_length=2_000)] | None = None


class MergeIn(In):
    """``into`` is the id of the article that remains: one of the tenant, or a shared one."""

    model_config = _example({"into": "outlook-password-prompt.bg"})

    into: Id


class LinkIn(In):
    """The solution to which the ticket belongs."""

    model_config = _example({"solution_id": "outlook-password-prompt.en"})

    solution_id: Id


class DraftIn(In):
    """Where a draft starts from: at least one of ``suggestion_id``, ``ticket_id`` and ``ticket``.

    Title, issue and environment come from ``ticket``, otherwise from the stored ticket, otherwise from the question of
    the suggestion. Cause and resolution come from ``solution_id``, otherwise from the ticket that ``ticket_id`` names.
    A draft from a suggestion alone has neither.
    """

    model_config = _example(
        {"ticket_id": "RT-1042"}, {"ticket": {**_TICKET, "id": None}, "solution_id": "outlook-password-prompt.en"}
    )

    id: NewArticleId | None = None
    suggestion_id: Id | None = None
    ticket_id: Id | None = None
    ticket: TicketIn | None = None
    solution_id: Id | None = None

    def to_seed(self) -> DraftFrom:
        ticket = None if self.ticket is None else self.ticket.to_ticket()
        return DraftFrom(self.suggestion_id, self.ticket_id, ticket, self.solution_id)


class ReindexIn(In):
    """``model`` changes the model, to one that the server offers (`KBSEARCH_MODELS`)."""

    model_config = _example({})

    model: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class RedactionPolicyIn(In):
    """A complete policy. Fields that are not in the body get the strictest value."""

    model_config = _example({"off": ["host"], "words": ["Project Heron"], "kept": ["servicedesk@example.org"]})

    off: Annotated[Labels, Field(description="Kinds that stay in the texts.")] = Field(default_factory=list)
    words: Annotated[WordList, Field(description="The company's own words to remove.")] = Field(default_factory=list)
    kept: Annotated[WordList, Field(description="Texts that stay although they look like personal data.")] = Field(
        default_factory=list
    )
    keep_raw: Annotated[bool, Field(strict=True, description="Also keep the original texts of tickets.")] = False

    def to_policy(self) -> RedactionPolicy:
        return RedactionPolicy(
            frozenset(self.off), tuple(dict.fromkeys(self.words)), tuple(dict.fromkeys(self.kept)), self.keep_raw
        )
