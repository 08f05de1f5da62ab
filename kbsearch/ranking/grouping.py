"""From documents to solutions: one row for each fix, the likeliest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kbsearch.model import SolutionRef, Standing
from kbsearch.ranking.confidence import confidences
from kbsearch.ranking.signals import Candidate, features
from kbsearch.ranking.weights import FAMILIAR, Familiarity, RankingWeights


@dataclass(frozen=True, slots=True)
class Group:
    """A solution with the documents that speak for it, its own and the most relevant first.

    ``score`` orders solutions, ``confidence`` is the probability that this one resolves the ticket, 0 .. 0.98.
    """

    ref: SolutionRef
    candidates: tuple[Candidate, ...]
    score: float
    confidence: float = 0.0

    @property
    def best(self) -> Candidate:
        return self.candidates[0]


def group(
    candidates: Sequence[Candidate],
    standings: Mapping[SolutionRef, Standing],
    weights: RankingWeights,
    familiarity: Familiarity = FAMILIAR,
) -> list[Group]:
    """One group a solution, the best first; candidates of unknown solutions are dropped.

    Args:
        candidates: in any order.
        standings: of their solutions.
        weights: shipped or fitted.
        familiarity: of the knowledge base with the question.
    """
    refs, table = features(candidates, standings)
    if not refs:
        return []
    scores = np.round(table @ weights.ranking_vector(), 6)
    sure = dict(zip(refs, confidences(table, scores, weights, familiarity), strict=True))
    gathered: dict[SolutionRef, list[Candidate]] = {ref: [] for ref in refs}
    for candidate in candidates:
        if candidate.solution in gathered:
            gathered[candidate.solution].append(candidate)
    for members in gathered.values():
        members.sort(key=lambda candidate: (candidate.is_ticket, -candidate.relevance, candidate.key))
    groups = [
        Group(ref, tuple(gathered[ref]), score, sure[ref]) for ref, score in zip(refs, scores.tolist(), strict=True)
    ]
    groups.sort(key=lambda group: (-group.score, group.ref.tenant, group.ref.id))
    return groups
