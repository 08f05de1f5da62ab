"""Bodies of answers to questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field

from kbsearch.api.fields import Out, Time, WarningOut, Warnings
from kbsearch.model import Action, ArticleState, DocumentKind, SearchHit, SolutionKind, Status, Suggestion
from kbsearch.model import Field as DocumentField

StagesMs = Annotated[dict[str, float] | None, Field(description="Milliseconds by stage, if the request had `stages`.")]


class VerdictOut(Out):
    status: Status
    action: Action
    confidence: Annotated[
        float,
        Field(
            description="The probability that one of the first five solutions resolves the ticket, however many are"
            " asked for. `known` from 0.60 on, `new` below 0.25."
        ),
    ]
    reason: str
    minutes_left: int | None
    typical_minutes: int | None


class EvidenceOut(Out):
    """How the solution worked for the tenant's tickets. Feedback is counted apart, each agent once."""

    tickets: Annotated[int, Field(description="Tickets on which it was tried.")]
    solved: Annotated[int, Field(description="Tickets that were resolved with it.")]
    failed: Annotated[int, Field(description="Tickets that were reopened after it.")]
    last_used_at: Time | None
    examples: list[str]
    agents_solved: Annotated[int, Field(description="Agents who said that it solved their ticket.")]
    agents_helpful: Annotated[int, Field(description="Agents who said that it helped.")]
    agents_failed: Annotated[int, Field(description="Agents who said that it is wrong, outdated or did not work.")]


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
    warnings: Warnings = Field(default_factory=list[WarningOut])

    @classmethod
    def of(
        cls,
        suggestion: Suggestion,
        took_ms: float,
        stages_ms: dict[str, float] | None = None,
        warnings: Sequence[WarningOut] = (),
    ) -> Self:
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
            warnings=list(warnings),
        )


class HitOut(Out):
    """Tickets have ``resolved_at``, articles ``updated_at``."""

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
