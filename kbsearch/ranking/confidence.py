"""From relevance to probabilities.

A logistic regression over a few facts that hold across collections: how relevant a solution is, how far it
lies behind the best one, how far the best one leads, how much of what was asked it has words for. Its weights were
fitted by ``scripts/fit_confidence.py``; docs/benchmarks.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_INTERCEPT = -3.8
_WEIGHTS = (5.1, -18.9, 24.6, 0.0, 0.0)
_LONGEST_LEAD = 0.15
_MOST = 0.98
_INDEPENDENT = 0.4

Facts = tuple[float, float, float, float, float]


def confidences(relevances: Sequence[float], coverages: Sequence[float], readable: float) -> list[float]:
    """The probability, 0 .. 0.98, that each solution resolves the ticket.

    Args:
        relevances: of a list's solutions, in any order.
        coverages: how much of the query's rare words each has.
        readable: how well the model reads the ticket, 0 .. 1.
    """
    found: list[float] = []
    for facts in confidence_facts(relevances, coverages, readable):
        logit = _INTERCEPT + sum(weight * fact for weight, fact in zip(_WEIGHTS, facts, strict=True))
        found.append(min(_MOST, 1 / (1 + math.exp(-logit))))
    return found


def confidence_facts(relevances: Sequence[float], coverages: Sequence[float], readable: float) -> list[Facts]:
    """What the regression sees of each solution.

    Relevance, distance to the best, lead if it is the best, relevance as far as the model cannot
    read the ticket, coverage.
    """
    ordered = sorted(relevances, reverse=True)
    lead = min(_LONGEST_LEAD, ordered[0] - ordered[1]) if len(ordered) > 1 else 0.0
    return [
        (
            relevance,
            ordered[0] - relevance,
            lead if relevance == ordered[0] else 0.0,
            relevance * (1 - readable),
            coverage,
        )
        for relevance, coverage in zip(relevances, coverages, strict=True)
    ]


def list_confidence(confidences: Sequence[float]) -> float:
    """The probability, 0 .. 0.98, that one of the solutions shown resolves the ticket.

    Between the best one alone and all as if independent: lists mostly hold variants of one answer.
    """
    if not confidences:
        return 0.0
    best = max(confidences)
    any_fits = 1 - math.prod(1 - confidence for confidence in confidences)
    return min(_MOST, best + _INDEPENDENT * (any_fits - best))
