"""Bodies of answers about what waits for a lead."""

from __future__ import annotations

from typing import Self

from kbsearch.api.fields import Out, Time
from kbsearch.desk.review import Review
from kbsearch.model import ArticleState, SolutionKind
from kbsearch.store.review import ToReview


class ReviewOut(Out):
    """How many wait in each queue; `more` names queues that hold more than is counted."""

    queues: dict[str, int]
    more: list[str]

    @classmethod
    def of(cls, review: Review) -> Self:
        return cls(queues=dict(review.queues), more=sorted(review.more))


class ReviewedSolutionOut(Out):
    """`solved` tickets with it. `failed`: tickets reopened after it, and agents for whom it did not work."""

    tenant: str
    solution_id: str
    kind: SolutionKind
    title: str
    state: ArticleState
    solved: int
    failed: int
    used_at: Time | None
    updated_at: Time

    @classmethod
    def of(cls, one: ToReview) -> Self:
        return cls(
            tenant=one.ref.tenant,
            solution_id=one.ref.id,
            kind=one.kind,
            title=one.title,
            state=one.state,
            solved=one.solved,
            failed=one.failed,
            used_at=one.used_at,
            updated_at=one.updated_at,
        )


class ReviewedSolutionsOut(Out):
    waiting: list[ReviewedSolutionOut]
    next_cursor: str | None
