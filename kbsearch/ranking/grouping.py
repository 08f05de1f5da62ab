"""From documents to solutions: one row for each fix."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from kbsearch.model import ArticleState, SolutionRef, Standing
from kbsearch.ranking.fusion import Signals

_VOTE = 0.02  # for each doubling of the number of further documents that speak for a solution
_SUCCESS = 0.10  # between a solution that always failed and one that always worked
_PRIOR_SOLVED, _PRIOR_FAILED = 2.0, 1.0
_VALIDATED = 0.005


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that speaks for a solution. ``key`` is the caller's handle on it."""

    solution: SolutionRef
    key: int
    relevance: float
    signals: Signals


@dataclass(frozen=True, slots=True)
class Group:
    """A solution with the documents that speak for it, the most relevant first."""

    ref: SolutionRef
    candidates: tuple[Candidate, ...]
    score: float

    @property
    def best(self) -> Candidate:
        return self.candidates[0]


def success_rate(standing: Standing) -> float:
    """How likely the solution works, 0 .. 1: the mean of a Beta distribution with a prior of two in three.

    The prior keeps a few votes from burying or crowning a solution.
    """
    solved, failed = standing.solved + _PRIOR_SOLVED, standing.failed + _PRIOR_FAILED
    return solved / (solved + failed)


def group(candidates: Iterable[Candidate], standings: dict[SolutionRef, Standing]) -> list[Group]:
    """One group a solution, the best first; candidates of unknown solutions are dropped."""
    gathered: dict[SolutionRef, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.solution in standings:
            gathered.setdefault(candidate.solution, []).append(candidate)
    groups: list[Group] = []
    for ref, members in gathered.items():
        standing = standings[ref]
        members.sort(key=lambda candidate: -candidate.relevance)
        prior = _PRIOR_SOLVED / (_PRIOR_SOLVED + _PRIOR_FAILED)
        score = (
            members[0].relevance
            + _VOTE * math.log2(len(members))
            + _SUCCESS * (success_rate(standing) - prior)
            + (_VALIDATED if standing.state == ArticleState.VALIDATED else 0.0)
        )
        groups.append(Group(ref, tuple(members), score))
    groups.sort(key=lambda group: (-group.score, group.ref.tenant, group.ref.id))
    return groups
