"""From relevance to probabilities.

A logistic regression over three facts that hold across collections: how relevant a solution is, how far it lies
behind the best one, how far the best one leads. Its weights were fitted by ``scripts/fit_confidence.py``;
docs/benchmarks.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_INTERCEPT = -3.25
_RELEVANCE, _BEHIND, _LEAD = 2.67, -8.44, 35.83
_LONGEST_LEAD, _FARTHEST = 0.15, 0.25
_BACKGROUND = 0.25  # what an unrelated solution scores: to lead by less than that means nothing
_MOST = 0.98
_READ = 5


def confidences(relevances: Sequence[float]) -> list[float]:
    """The probability, 0 .. 0.98, that each solution of a list resolves the ticket; relevances in any order."""
    weights = (_RELEVANCE, _BEHIND, _LEAD)
    logits = [
        _INTERCEPT + sum(weight * fact for weight, fact in zip(weights, facts, strict=True))
        for facts in confidence_facts(relevances)
    ]
    return [min(_MOST, 1 / (1 + math.exp(-logit))) for logit in logits]


def confidence_facts(relevances: Sequence[float]) -> list[tuple[float, float, float]]:
    """What the regression sees of each solution: relevance, distance to the best, lead if it is the best."""
    ordered = [*sorted(relevances, reverse=True), 0.0, 0.0]
    lead = min(_LONGEST_LEAD, max(0.0, ordered[0] - max(ordered[1], _BACKGROUND)))
    return [
        (relevance, min(_FARTHEST, ordered[0] - relevance), lead if relevance == ordered[0] else 0.0)
        for relevance in relevances
    ]


def list_confidence(confidences: Sequence[float]) -> float:
    """The probability, 0 .. 0.98, that one of a list's solutions resolves the ticket, each by itself.

    Only the first five count: what the regression was fitted on, and as far as an agent reads.
    """
    return min(_MOST, 1 - math.prod(1 - confidence for confidence in confidences[:_READ]))
