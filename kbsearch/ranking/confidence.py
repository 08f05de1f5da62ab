"""From scores to probabilities.

Whether the answer is among the first five is judged by a logistic regression over facts of the list; which of them it
is by their shares, a softmax over the scores. docs/measurements.md has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kbsearch.ranking.signals import FEATURES, Features
from kbsearch.ranking.weights import FAMILIAR, LIST_FACTS, Familiarity, RankingWeights

READ = 5
"""As far as an agent reads."""

KNOWN_FROM = 0.60
NEW_BELOW = 0.25
"""A list less likely than this to hold the answer is not shown."""

GUESSED = 0.05
"""How likely the answer is among the first five where the question says nothing: five of a hundred solutions."""

_MOST = 0.98
# A list of one is not sure of it: so many solutions that have nothing to do with the question stand behind any list.
_OTHERS = 10
_UNRELATED = {"relevance": 0.12, "nearest": 0.25, "nearest_ticket": 0.1, "rank": 0.02}
# A base of a few solutions has one that stands out, whatever is asked: below the first of these nothing in it is near
# the question, from the second on something is. Weights fitted on judged collections know of no such base.
_FAR, _NEAR = 0.15, 0.35
# A question of another world than the knowledge base's: of tickets whose whole topic was taken away three in four lie
# below 0.4, of others nine in ten above 0.5 (docs/measurements.md).
_STRANGE, _AT_HOME = 0.1, 0.5
# However strange it is: what was solved once in nearly the same words is no longer new.
_LIKE, _THE_SAME = 0.6, 0.85
# Nor is what stands in an article word for word: with the words of a title or statement the answer is likely there,
# with all words of the question among others it is worth a look.
_STATED_FROM, _STATED_TO, _STATED_SURE = 0.6, 0.9, 0.75
_COVERED_FROM, _COVERED_TO, _COVERED_SURE = 0.6, 0.95, 0.4
FIXED_FACTS = {"on_topic": 1.5, "coverage": 0.0}
"""Weights that are set, not fitted: judged collections hardly know questions of another world (docs/benchmarks.md), and
which words were known in the past nobody remembers."""
_EVIDENCE = ("nearest", "nearest_ticket", "relevance")
_OF_THE_FIRST = ("relevance", "nearest", "mapped", "nearest_ticket", "lexical_ticket", "votes")
_KINDS = (*_OF_THE_FIRST, "lexical_votes")


def confidences(
    table: Features,
    scores: NDArray[np.float64],
    weights: RankingWeights,
    familiarity: Familiarity = FAMILIAR,
) -> list[float]:
    """The probability, 0 .. 0.98, that each solution resolves the ticket.

    Args:
        table: a row of FEATURES for each solution.
        scores: of the solutions.
        weights: shipped or fitted.
        familiarity: of the knowledge base with the question.
    """
    if not len(scores):
        return []
    facts = list_facts(table, scores, weights, familiarity)
    known = 1 / (1 + np.exp(-(weights.intercept + facts @ weights.confidence_vector())))
    nearest = _nearest(table)
    known = max(float(known) * _ramp(nearest, _FAR, _NEAR), _in_own_words(table))
    shares = list_shares(scores, weights, weights.sharpness)
    first = np.sort(shares)[::-1][:READ].sum()
    return np.minimum(_MOST, known * shares / max(first, 1e-12)).tolist()


def _in_own_words(table: Features) -> float:
    """The least probability, 0 .. 1, that the answer is among solutions in whose own words the question is put."""
    covered, stated = (float(np.sqrt(table[:, FEATURES.index(name)].max())) for name in ("covered", "stated"))
    return max(
        _STATED_SURE * _ramp(stated, _STATED_FROM, _STATED_TO),
        _COVERED_SURE * _ramp(covered, _COVERED_FROM, _COVERED_TO),
    )


def _nearest(table: Features) -> float:
    """The highest of all that tells how near any solution is."""
    return float(table[:, [FEATURES.index(name) for name in _EVIDENCE]].max())


def _on_topic(table: Features, familiarity: Familiarity) -> float:
    """How far a question is of the knowledge base's world, 0 .. 1, by where it lies and by the nearest solution."""
    return max(_ramp(familiarity.typical, _STRANGE, _AT_HOME), _ramp(_nearest(table), _LIKE, _THE_SAME))


def list_confidence(confidences: Sequence[float]) -> float:
    """The probability, 0 .. 0.98, that one of the solutions resolves the ticket."""
    return float(min(_MOST, sum(confidences)))


def list_facts(
    table: Features, scores: NDArray[np.float64], weights: RankingWeights, familiarity: Familiarity
) -> NDArray[np.float64]:
    """LIST_FACTS of a list that is not empty."""
    order = np.argsort(-scores, kind="stable")
    shares = list_shares(scores, weights, 1.0)[order]
    first = table[order[:3]]
    column = {name: number for number, name in enumerate(FEATURES)}
    facts = {name: float(first[:, column[name]].max()) for name in _OF_THE_FIRST}
    facts |= {
        "peak": float(np.log(shares[0] + 1e-9)),
        "lead": float(shares[0] - (shares[1] if len(shares) > 1 else 0.0)),
        "first_three": float(shares[:3].sum()),
        "spread": float(-(shares * np.log(shares + 1e-12)).sum()),
        "used": float(first[0, column["used"]]),
        "coverage": familiarity.coverage,
        "known_nearest": float(table[:, [column["nearest"], column["nearest_ticket"]]].max()),
        "known_mapped": float(table[:, column["mapped"]].max()),
        "votes_ahead": _ahead(table[:, column["votes"]]),
        "words_ahead": _ahead(table[:, column["lexical_votes"]]),
        "agreement": float(sum(_is_alone_in_front(table[:, column[name]], order[0]) for name in _KINDS)),
        "on_topic": _on_topic(table, familiarity),
        "experience": float(table[:, column["used"]].max()),
        "stated": float(table[:, column["stated"]].max()),
        "undocumented": float(first[0, column["fix"]]),
        "own_ranks": float(first[0, column["rank"]] + first[0, column["lexical_rank"]]),
    }
    return np.array([facts[name] for name in LIST_FACTS])


def list_shares(scores: NDArray[np.float64], weights: RankingWeights, sharpness: float) -> NDArray[np.float64]:
    """Each solution's share of what speaks for any, those that the list does not hold included."""
    unrelated = sum(weights.ranking.get(name, 0.0) * value for name, value in _UNRELATED.items())
    highest = max(float(scores.max()), unrelated)
    strength = np.exp((scores - highest) * sharpness)
    return strength / (strength.sum() + _OTHERS * np.exp((unrelated - highest) * sharpness))


def _ahead(values: NDArray[np.float64]) -> float:
    """How far the highest is before the second highest, which is 0 where there is none."""
    second, first = np.sort(np.append(values, 0.0) if len(values) == 1 else values)[-2:]
    return float(first - second)


def _is_alone_in_front(values: NDArray[np.float64], place: np.intp) -> bool:
    return bool(values[place] == values.max() and _ahead(values) > 0)


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
