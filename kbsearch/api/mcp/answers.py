"""What the tools answer: the parts of the API's answers that an assistant needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from pydantic import BaseModel

from kbsearch.model import (
    Action,
    ArticleState,
    DocumentKind,
    Evidence,
    FeedbackOutcome,
    SearchHit,
    Solution,
    SolutionKind,
    Status,
    Suggestion,
)


class SolutionText(BaseModel):
    """One solution. ``worked`` and ``did_not_work`` count tickets."""

    solution_id: str
    kind: SolutionKind
    title: str
    resolution: str
    cause: str | None
    environment: list[str]
    language: str | None
    state: ArticleState
    client: str
    worked: int
    did_not_work: int
    updated_at: str

    @classmethod
    def of(cls, solution: Solution) -> Self:
        return cls(**_fields(solution))


class SuggestedSolution(SolutionText):
    """A suggested solution. ``likely`` is the probability that it is the right one."""

    likely: float
    cautions: list[str]


class Verdict(BaseModel):
    """Whether the problem is known, and what to do."""

    status: Status
    action: Action
    reason: str


class Suggested(BaseModel):
    """The likeliest solutions, the best first."""

    suggestion_id: str
    verdict: Verdict
    solutions: list[SuggestedSolution]

    @classmethod
    def of(cls, suggestion: Suggestion) -> Self:
        verdict = suggestion.verdict
        return cls(
            suggestion_id=suggestion.id,
            verdict=Verdict(status=verdict.status, action=verdict.action, reason=verdict.reason),
            solutions=[
                SuggestedSolution(**_fields(one.solution), likely=round(one.confidence, 4), cautions=list(one.cautions))
                for one in suggestion.solutions
            ],
        )


class Hit(BaseModel):
    """A solved ticket or an article. ``solution_id`` is what get_solution reads."""

    id: str
    kind: DocumentKind
    title: str
    snippet: str
    solution_id: str | None
    client: str


class FoundHits(BaseModel):
    """Hits, the best first."""

    hits: list[Hit]

    @classmethod
    def of(cls, hits: Sequence[SearchHit]) -> Self:
        return cls(
            hits=[
                Hit(
                    id=hit.id,
                    kind=hit.kind,
                    title=hit.title,
                    snippet=hit.snippet,
                    solution_id=hit.solution_id or (hit.id if hit.kind == DocumentKind.ARTICLE else None),
                    client=hit.tenant,
                )
                for hit in hits
            ]
        )


class Proposed(BaseModel):
    """The article that was stored."""

    article_id: str
    state: ArticleState


class Outcome(BaseModel):
    """What was noted."""

    recorded: FeedbackOutcome


def _fields(solution: Solution) -> dict[str, Any]:
    evidence: Evidence = solution.evidence
    return {
        "solution_id": solution.ref.id,
        "kind": solution.kind,
        "title": solution.title,
        "resolution": solution.resolution,
        "cause": solution.cause,
        "environment": list(solution.environment),
        "language": solution.language,
        "state": solution.state,
        "client": solution.ref.tenant,
        "worked": evidence.solved,
        "did_not_work": evidence.failed,
        "updated_at": solution.updated_at.isoformat(),
    }
