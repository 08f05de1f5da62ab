"""Bodies of answers."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field

from kbsearch.api.fields import Out, Time
from kbsearch.knowledge.proposals import Proposed
from kbsearch.model import (
    Action,
    ArticleState,
    DocumentKind,
    JobState,
    ResolvedTicket,
    SearchHit,
    SolutionKind,
    Status,
    StoredArticle,
    Suggestion,
    TicketStatus,
    WriteBack,
    WriteBackOutcome,
)
from kbsearch.model import Field as DocumentField

StagesMs = Annotated[
    dict[str, float] | None, Field(description="Milliseconds by stage, where they were asked for with `stages`.")
]


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
    stages_ms: StagesMs = None

    @classmethod
    def of(cls, suggestion: Suggestion, took_ms: float, stages_ms: dict[str, float] | None = None) -> Self:
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
            stages_ms=stages_ms,
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
    stages_ms: StagesMs = None


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


class ArticleOut(Out):
    """``issue`` ends with how the tenant's own tickets of it put the issue, as far as they say something new.

    A merged article's ``state`` is ``archived``; ``merged_into`` names the one that answers in its place.
    """

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
    merged_into: str | None = None

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


class ProposalArticleOut(Out):
    id: str
    title: str
    tenant: str


class ProposalOut(Out):
    """Two articles that may be one.

    ``likeness`` is the share of common words, ``shared`` sentences that both have, ``only_article`` and
    ``only_other`` words that only one of them has; a few of each.
    """

    article: ProposalArticleOut
    other: ProposalArticleOut
    likeness: float
    shared: list[str]
    only_article: list[str]
    only_other: list[str]

    @classmethod
    def of(cls, found: Proposed) -> Self:
        one, other = (
            ProposalArticleOut(id=stored.article.id, title=stored.article.title, tenant=stored.tenant)
            for stored in (found.article, found.other)
        )
        return cls(
            article=one,
            other=other,
            likeness=round(found.likeness, 4),
            shared=list(found.comparison.shared),
            only_article=list(found.comparison.only_one),
            only_other=list(found.comparison.only_other),
        )


class ProposalsOut(Out):
    """``complete`` is false while articles that changed just now are still to be compared."""

    proposals: list[ProposalOut]
    complete: bool
    next_cursor: str | None


class TakenOffOut(Out):
    """The solution that the ticket forms by itself now; null if its resolution is too thin for one."""

    id: str
    solution_id: str | None
    revision: int


class ChangeOut(Out):
    """What was changed or removed, and the revision since."""

    id: str
    revision: int


class LineErrorOut(Out):
    line: int
    detail: str


class ImportOut(Out):
    """``accepted`` lines are stored (or were before); ``errors`` names at most 1,000 of the rejected ones.

    ``redacted`` counts what was taken out, by kind.
    """

    accepted: int
    rejected: int
    errors: list[LineErrorOut]
    redacted: dict[str, int]
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


class AuditEntryOut(Out):
    """``tenant`` is null for what concerns the whole service; ``subject`` is the id of what was changed."""

    at: Time
    actor: str
    request_id: str | None
    tenant: str | None
    action: str
    subject: str
    detail: str | None


class AuditOut(Out):
    entries: list[AuditEntryOut]
    next_cursor: str | None


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
        "issue": [*article.issue, *stored.wordings],
        "environment": list(article.environment),
        "cause": article.cause,
        "resolution": article.resolution,
        "tags": list(article.tags),
        "language": article.language,
        "audience": article.audience,
        "state": article.state if stored.merged_into is None else ArticleState.ARCHIVED,
        "merged_into": stored.merged_into and stored.merged_into.id,
        "tenant": stored.tenant,
        "version": stored.version,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
    }
