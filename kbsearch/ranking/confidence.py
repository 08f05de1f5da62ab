"""From signals to probabilities.

Logistic regressions whose weights were fitted by ``scripts/fit_confidence.py`` on the earlier 60 % of
``sumo_kb`` and on half of ``bg_tickets``; docs/benchmarks.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from kbsearch.ranking.fusion import Signals

_INTERCEPT = -6.0
_SIMILARITY = 6.0  # counts as far as the model can read the query
_LEXICAL = 6.0
_IDENTIFIERS = 1.5
_UNREADABLE = 1.5
_MOST = 0.98


def solution_confidence(signals: Signals, readable: float) -> float:
    """The probability, 0 .. 0.98, that a solution with these signals resolves the ticket."""
    logit = (
        _INTERCEPT
        + _SIMILARITY * readable * max(0.0, signals.similarity)
        + _LEXICAL * signals.lexical
        + _IDENTIFIERS * signals.identifiers
        + _UNREADABLE * (1 - readable)
    )
    return min(_MOST, 1 / (1 + math.exp(-logit)))


def list_confidence(confidences: Sequence[float]) -> float:
    """The probability, 0 .. 0.98, that one of the solutions shown resolves the ticket.

    Between the best one alone and all as if independent: lists mostly hold variants of one answer.
    """
    if not confidences:
        return 0.0
    none_fits = math.prod(1 - confidence for confidence in confidences)
    return min(_MOST, (max(confidences) + 1 - none_fits) / 2)
