"""Bodies of requests and answers."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from kbsearch.api.fields import (
    FilledText,
    Id,
    In,
    Label,
    Labels,
    Language,
    Limit,
    Out,
    Text,
    Time,
    Title,
)
from kbsearch.knowledge.writing import ResolvedTicketIn
from kbsearch.model import (
    Action,
    Article,
    ArticleState,
    DocumentKind,
    FeedbackOutcome,
    JobState,
    Resolution,
    ResolvedTicket,
    SearchHit,
    SolutionKind,
    Status,
    StoredArticle,
    Suggestion,
    Ticket,
    TicketStatus,
    WriteBack,
    WriteBackOutcome,
)
from kbsearch.model import Field as DocumentField

_TICKET = {
    "id": "RT-1042",
    "subject": "Outlook asks for the password again and again",
    "description": "Since this morning a window asks for my password, I type it and it comes back.",
    "environment": ["Windows 11", "Outlook 2021"],
    "language": "en",
    "priority": "high",
    "created_at": "2026-11-23T09:30:00Z",
    "respond_by": "2026-11-23T10:00:00Z",
    "resolve_by": "2026-11-23T13:30:00Z",
}

Statements = Annotated[list[FilledText], Field(max_length=50)]


def _example(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": list(examples)})


class TicketIn(In):
    """A request as the ticket system has it. Only ``subject`` is required."""

    id: Id | None = None
    subject: Title
    description: Text = ""
    environment: Labels = Field(default_factory=list)
    language: Language | None = None
    priority: Label | None = None
    created_at: Time | None = None
    respond_by: Time | None = None
    resolve_by: Time | None = None

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
            resolve_by=self.resolve_by,
        )


class SuggestIn(In):
    """Ask for solutions of a ticket."""

    model_config = _example({"ticket": _TICKET, "limit": 5}, {"ticket": {"subject": "Принтерът не печата"}})

    ticket: TicketIn
    limit: Limit = 5
    min_revision: Annotated[int, Field(ge=0, le=2**53, strict=True)] | None = None


class WriteBackIn(In):
    """What was done. ``solution_id`` names the solution that was used, if one was."""

    model_config = _example(
        {
            "ticket": {**_TICKET, "id": None},
            "resolution": "Removed the stored Office credential in Credential Manager and signed in again.",
            "cause": "The stored credential was older than the last password change.",
            "resolved_by": "m.petrova",
            "level": 2,
            "resolved_at": "2026-11-23T10:05:00Z",
            "minutes_spent": 35,
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
        )
        return ResolvedTicketIn(ticket_id, self.ticket.to_ticket(), resolution)


class WriteBackLine(WriteBackIn):
    """A line of an import: the write-back's body with ``ticket.id``."""

    @model_validator(mode="after")
    def _has_id(self) -> Self:
        if self.ticket.id is None:
            raise ValueError("ticket.id is missing")
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

    id: Id | None = None
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
            raise ValueError("resolution must not be empty unless the state is wip")
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
    """Only the fields that change."""

    model_config = _example({"state": "validated"})

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
    """What came of a suggested solution."""

    model_config = _example({"solution_id": "outlook-password-prompt.en", "outcome": "solved", "comment": None})

    solution_id: Id
    outcome: FeedbackOutcome
    comment: Annotated[str, Field(max_length=2_000)] | None = None


class FlagIn(In):
    """Why an article needs a look."""

    model_config = _example({"reason": "outdated", "comment": "The menu moved in the new Outlook."})

    reason: Label
    comment: Annotated[str, Field(max_length=2_000)] | None = None


class ReindexIn(In):
    """``model``: a name or folder, if the model is to change."""

    model_config = _example({})

    model: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class VerdictOut(Out):
    status: Status
    action: Action
    confidence: float
    reason: str
    minutes_left: int | None
    typical_minutes: int | None


class EvidenceOut(Out):
    tickets: int
    solved: int
    failed: int
    last_used_at: Time | None
    examples: list[str]


class MatchOut(Out):
    field: DocumentField
    text: str
    terms: list[str]


class SolutionOut(Out):
    rank: int
    solution_id: str
    kind: SolutionKind
    title: str
    resolution: str
    cause: str | None
    confidence: float
    score: float
    language: str | None
    state: ArticleState
    tenant: str
    updated_at: Time
    evidence: EvidenceOut
    matches: list[MatchOut]
    cautions: list[str]


class SuggestionOut(Out):
    suggestion_id: str
    verdict: VerdictOut
    solutions: list[SolutionOut]
    revision: int
    model: str
    took_ms: float

    @classmethod
    def of(cls, suggestion: Suggestion, took_ms: float) -> Self:
        verdict = VerdictOut.model_validate(suggestion.verdict)
        verdict.confidence = round(verdict.confidence, 4)
        solutions = [
            SolutionOut(
                rank=one.rank,
                solution_id=one.solution.ref.id,
                kind=one.solution.kind,
                title=one.solution.title,
                resolution=one.solution.resolution,
                cause=one.solution.cause,
                confidence=round(one.confidence, 4),
                score=round(one.score, 4),
                language=one.solution.language,
                state=one.solution.state,
                tenant=one.solution.ref.tenant,
                updated_at=one.solution.updated_at,
                evidence=EvidenceOut.model_validate(one.solution.evidence),
                matches=[MatchOut.model_validate(match) for match in one.matches],
                cautions=list(one.cautions),
            )
            for one in suggestion.solutions
        ]
        return cls(
            suggestion_id=suggestion.id,
            verdict=verdict,
            solutions=solutions,
            revision=suggestion.revision,
            model=suggestion.model,
            took_ms=took_ms,
        )


class HitOut(Out):
    """``resolved_at`` is a ticket's, ``updated_at`` an article's."""

    kind: DocumentKind
    id: str
    title: str
    snippet: str
    resolution: str
    solution_id: str | None
    score: float
    language: str | None
    resolved_at: Time | None = None
    updated_at: Time | None = None
    tenant: str

    @classmethod
    def of(cls, hit: SearchHit) -> Self:
        when = {"resolved_at" if hit.kind == DocumentKind.TICKET else "updated_at": hit.when}
        return cls(
            kind=hit.kind,
            id=hit.id,
            title=hit.title,
            snippet=hit.snippet,
            resolution=hit.resolution,
            solution_id=hit.solution_id,
            score=round(hit.score, 4),
            language=hit.language,
            tenant=hit.tenant,
            **when,
        )


class SearchOut(Out):
    hits: list[HitOut]
    search_id: str
    next_cursor: str | None
    took_ms: float


class SimilarOut(Out):
    solution_id: str
    title: str
    confidence: float


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


class ArticleOut(Out):
    id: str
    title: str
    issue: list[str]
    environment: list[str]
    cause: str | None
    resolution: str
    tags: list[str]
    language: str | None
    audience: str | None
    state: ArticleState
    tenant: str
    version: int
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, stored: StoredArticle) -> Self:
        return cls.model_validate(_article_fields(stored))


class WrittenArticleOut(ArticleOut):
    revision: int

    @classmethod
    def written(cls, stored: StoredArticle, revision: int) -> Self:
        return cls.model_validate({**_article_fields(stored), "revision": revision})


class ArticlesOut(Out):
    articles: list[ArticleOut]
    next_cursor: str | None


class ChangeOut(Out):
    """What was changed or removed, and the revision since."""

    id: str
    revision: int


class LineErrorOut(Out):
    line: int
    detail: str


class ImportOut(Out):
    """``accepted`` lines are stored (or were before); ``errors`` names at most 1,000 of the rejected ones."""

    accepted: int
    rejected: int
    errors: list[LineErrorOut]
    revision: int


class JobStartedOut(Out):
    job_id: str


class JobOut(Out):
    """``done`` and ``total`` count documents."""

    id: str
    state: JobState
    done: int
    total: int
    eta_seconds: int | None
    error: str | None


class HealthOut(Out):
    status: str
    version: str


class ReadyOut(Out):
    status: str
    model: str


class ProblemOut(Out):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, str]] | None = None


def _article_fields(stored: StoredArticle) -> dict[str, Any]:
    article = stored.article
    return {
        "id": article.id,
        "title": article.title,
        "issue": list(article.issue),
        "environment": list(article.environment),
        "cause": article.cause,
        "resolution": article.resolution,
        "tags": list(article.tags),
        "language": article.language,
        "audience": article.audience,
        "state": article.state,
        "tenant": stored.tenant,
        "version": stored.version,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
    }
