"""From documents to solutions: one row for each fix, the likeliest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kbsearch.model import SolutionRef, Standing
from kbsearch.ranking.confidence import KNOWN_FROM, confidences
from kbsearch.ranking.evidence import is_proven
from kbsearch.ranking.signals import Candidate, features
from kbsearch.ranking.weights import FAMILIAR, Familiarity, RankingWeights

_DISTURBS = 0.05
"""An unproven fix that is less likely than this takes nothing from others worth mentioning."""
_BEHIND = 0.000_001


@dataclass(frozen=True, slots=True)
class Group:
    """A solution with the documents that speak for it, its own and the most relevant first.

    ``score`` orders solutions, ``confidence`` is the probability that this one resolves the ticket, 0 .. 0.98.
    ``has_rival`` says that a fix was likelier, but stands behind this one because it is not proven.
    """

    ref: SolutionRef
    candidates: tuple[Candidate, ...]
    score: float
    confidence: float = 0.0
    has_rival: bool = False

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
    refs, scores, sure = _scored(candidates, standings, weights, familiarity)
    if not refs:
        return []
    unproven, rivalled = _unproven_fixes(refs, candidates, standings), None
    if any(sure[ref] >= _DISTURBS for ref in unproven):
        others = [one for one in candidates if one.solution not in unproven]
        rivalled = _put_behind(unproven, scores, sure, standings, _scored(others, standings, weights, familiarity))
    gathered: dict[SolutionRef, list[Candidate]] = {ref: [] for ref in refs}
    for candidate in candidates:
        if candidate.solution in gathered:
            gathered[candidate.solution].append(candidate)
    for members in gathered.values():
        members.sort(key=lambda candidate: (candidate.is_ticket, -candidate.relevance, candidate.key))
    groups = [Group(ref, tuple(gathered[ref]), scores[ref], sure[ref], ref == rivalled) for ref in refs]
    groups.sort(key=lambda group: (-group.score, group.ref.tenant, group.ref.id))
    return groups


Scored = tuple[list[SolutionRef], dict[SolutionRef, float], dict[SolutionRef, float]]
"""Solutions with the score and the confidence of each."""


def _scored(
    candidates: Sequence[Candidate],
    standings: Mapping[SolutionRef, Standing],
    weights: RankingWeights,
    familiarity: Familiarity,
) -> Scored:
    refs, table = features(candidates, standings)
    scores = np.round(table @ weights.ranking_vector(), 6)
    sure = confidences(table, scores, weights, familiarity)
    return refs, dict(zip(refs, scores.tolist(), strict=True)), dict(zip(refs, sure, strict=True))


def _unproven_fixes(
    refs: Collection[SolutionRef], candidates: Sequence[Candidate], standings: Mapping[SolutionRef, Standing]
) -> set[SolutionRef]:
    """The solutions that come from one or two tickets and are not validated."""
    described = {one.solution for one in candidates if not one.is_ticket}
    return {ref for ref in refs if ref not in described and not _is_proven(standings[ref])}


def _is_proven(standing: Standing) -> bool:
    return is_proven(standing.state, standing.solved, standing.failed)


def _put_behind(
    unproven: Collection[SolutionRef],
    scores: dict[SolutionRef, float],
    sure: dict[SolutionRef, float],
    standings: Mapping[SolutionRef, Standing],
    without: Scored,
) -> SolutionRef | None:
    """Put unproven fixes behind a proven solution that is likely by itself, which keeps its confidence.

    ``without`` is the list without them. Scores and confidences are changed in place. Returns the proven solution where
    one of the fixes was likelier than it.
    """
    others, their_scores, their_sure = without
    proven = [ref for ref in others if _is_proven(standings[ref])]
    best = max(proven, key=lambda ref: their_sure[ref], default=None)
    if best is None or their_sure[best] < KNOWN_FROM:
        return None
    rivalled = best if max(sure[ref] for ref in unproven) > their_sure[best] else None
    scores |= their_scores
    sure |= their_sure
    highest = round(their_scores[best] - _BEHIND, 6)
    for ref in unproven:
        scores[ref] = min(scores[ref], highest)
    for ref in unproven:
        lower = max((sure[one] for one in others if their_scores[one] <= scores[ref]), default=0.0)
        sure[ref] = max(min(sure[ref], sure[best]), lower)
    return rivalled
