"""Solutions to rank."""

from __future__ import annotations

from datetime import UTC, datetime

from kbsearch.model import ArticleState, Evidence, RankedSolution, Solution, SolutionKind, SolutionRef, TenantId

ACME = TenantId("acme")
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def make_solution(
    id="printer", title="Printer offline", state=ArticleState.VALIDATED, environment=(), updated_at=NOW, **evidence
):
    return Solution(
        ref=SolutionRef(ACME, id),
        kind=SolutionKind.ARTICLE,
        title=title,
        resolution="Restart the spooler",
        cause=None,
        environment=environment,
        language="en",
        state=state,
        updated_at=updated_at,
        evidence=Evidence(**evidence),
    )


def make_ranked(solution, confidence=0.9, rank=1):
    return RankedSolution(rank, solution, confidence, confidence, (), ())
