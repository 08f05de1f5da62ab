"""Fits the weights of the ranking to questions whose answer is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kbsearch.ranking.confidence import FIXED_FACTS, READ, confidences, list_confidence, list_facts, list_shares
from kbsearch.ranking.signals import FEATURES, FIXED, Features
from kbsearch.ranking.weights import LIST_FACTS, Familiarity, RankingWeights

Numbers = NDArray[np.float64]

_RIDGE = 1e-3
_ROUNDS = 200
_STRETCH = (0.2, 5.0)
_AGE = "experience"
_DOUBT = 4.0
"""A few examples move a confidence little: as far as if about fifty more had come true as it says."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question as it was ranked.

    Attributes:
        table: a row of FEATURES for each candidate.
        gains: how right each candidate is, 0 for wrong ones.
        familiarity: of the knowledge base of that time.
        weight: how much the question counts.
        known: whether the knowledge base held an answer, found or not.
    """

    table: Features
    gains: Numbers
    familiarity: Familiarity
    weight: float = 1.0
    known: bool = True

    def scores(self, weights: RankingWeights) -> Numbers:
        """Of each candidate."""
        return np.round(self.table @ weights.ranking_vector(), 6)

    def confidence(self, weights: RankingWeights) -> float:
        """That the answer is among the first five, 0 .. 0.98."""
        scores = self.scores(weights)
        sure = np.array(confidences(self.table, scores, weights, self.familiarity))
        return list_confidence(sure[_first(scores, READ)].tolist())


def place_gain(example: Example, weights: RankingWeights) -> float:
    """1 / log2(1 + rank) of the first right candidate, 0 where it is not among the first ten."""
    right = np.flatnonzero(example.gains[_first(example.scores(weights), 10)] > 0)
    return float(1 / np.log2(2 + right[0])) if len(right) else 0.0


def answered(example: Example, weights: RankingWeights) -> bool:
    """Whether a right candidate is among the first five."""
    return _is_answered(example, example.scores(weights))


def surprise(right: Sequence[bool], confidence: Sequence[float]) -> float:
    """Mean cross entropy of probabilities with what came true."""
    sure = np.clip(np.array(confidence), 1e-3, 1 - 1e-3)
    return float(-np.where(np.array(right), np.log(sure), np.log(1 - sure)).mean())


def fit_ranking(
    examples: Sequence[Example], start: RankingWeights | None = None, pull: float = 0.0
) -> dict[str, float]:
    """The weights of a conditional logit (McFadden 1974) over each question's candidates.

    Evidence never counts against a solution, so no weight is negative. Weights of FIXED are kept.

    Args:
        examples: those without a right candidate teach nothing here. If all are, the weights to begin with stay.
        start: weights to begin with.
        pull: how strongly the result is drawn to them.
    """
    useful = [one for one in examples if one.gains.any()]
    if not useful:
        return dict(FIXED if start is None else start.ranking)
    rows = np.concatenate([one.table for one in useful])
    starts = np.cumsum([0, *(len(one.table) for one in useful)])[:-1]
    counts = np.diff(np.append(starts, len(rows)))
    targets = np.concatenate([one.gains / one.gains.sum() for one in useful])
    importance = np.array([one.weight for one in useful])
    importance /= importance.sum()
    spread = rows.std(axis=0)
    fixed = np.array([FIXED.get(name, 0.0) for name in FEATURES])
    free = np.flatnonzero(
        [name not in FIXED and deviation > 0 for name, deviation in zip(FEATURES, spread, strict=True)]
    )
    scaled, offset = rows[:, free] / spread[free], rows @ fixed
    begin = np.zeros(len(free)) if start is None else start.ranking_vector()[free] * spread[free]

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        scores = scaled @ weights + offset
        scores -= np.repeat(np.maximum.reduceat(scores, starts), counts)
        strength = np.exp(scores)
        shares = strength / np.repeat(np.add.reduceat(strength, starts), counts)
        each = np.repeat(importance, counts)
        value = -float((each * targets * np.log(shares + 1e-12)).sum())
        value += _RIDGE * float(weights @ weights) + pull * float(((weights - begin) ** 2).sum())
        gradient = scaled.T @ (each * (shares - targets)) + 2 * _RIDGE * weights + 2 * pull * (weights - begin)
        return value, gradient

    found = _minimum(loss, begin, [(0.0, None)] * len(free))
    fitted = {FEATURES[place]: float(value) for place, value in zip(free, found / spread[free], strict=True)}
    return {name: round(fitted.get(name, FIXED.get(name, 0.0)), 4) for name in FEATURES}


def fit_confidence(
    examples: Sequence[Example],
    weights: RankingWeights,
    start: RankingWeights | None = None,
    pull: float = 0.0,
    bereaved: Sequence[Example] = (),
) -> RankingWeights:
    """The weights with a confidence that holds on these examples, which must not be those of the ranking.

    Questions without candidates teach nothing; where all are, the confidence stays as it is. Weights of FIXED_FACTS are
    kept.

    Args:
        examples: as life brings them.
        weights: of the ranking.
        start: weights to begin with.
        pull: how strongly the result is drawn to them.
        bereaved: questions of which many had their answer taken away. They teach which facts tell that there is an
            answer; how often there is one is taken from ``examples`` alone (Platt 1999).
    """
    if not _ranked(examples, weights):
        return weights
    fitted = _fit_facts([*examples, *bereaved], weights, start, pull)
    if bereaved:
        fitted = _scaled(examples, fitted)
    return replace(fitted, sharpness=_sharpness(_ranked(examples, weights), fitted))


def between(start: RankingWeights, fitted: RankingWeights, share: float) -> RankingWeights:
    """The fitted weights with a confidence between that of ``start`` and the fitted one, by ``share`` of the latter.

    What few and recent questions teach of how sure to be holds less for later ones than for themselves.
    """
    facts = {
        name: round((1 - share) * start.confidence.get(name, 0.0) + share * fitted.confidence.get(name, 0.0), 4)
        for name in LIST_FACTS
    }
    intercept = round((1 - share) * start.intercept + share * fitted.intercept, 4)
    return replace(fitted, confidence=facts, intercept=intercept)


def _fit_facts(
    examples: Sequence[Example], weights: RankingWeights, start: RankingWeights | None, pull: float
) -> RankingWeights:
    all_facts, answered, importance = _told(examples, weights)
    fixed = np.array([FIXED_FACTS.get(name, 0.0) for name in LIST_FACTS])
    free = np.flatnonzero([name not in FIXED_FACTS for name in LIST_FACTS])
    facts, offset = all_facts[:, free], all_facts @ fixed
    centre, spread = facts.mean(axis=0), facts.std(axis=0) + 1e-9
    scaled = np.column_stack([(facts - centre) / spread, np.ones(len(facts))])
    begin = np.zeros(scaled.shape[1])
    if start is not None:
        begin[:-1] = start.confidence_vector()[free] * spread
        begin[-1] = start.intercept + float(start.confidence_vector()[free] @ centre)

    def loss(values: Numbers) -> tuple[float, Numbers]:
        logits = scaled @ values + offset
        value = float((importance * (np.logaddexp(0, logits) - answered * logits)).sum())
        value += _RIDGE * float(values[:-1] @ values[:-1]) + pull * float(((values - begin) ** 2).sum())
        gradient = scaled.T @ (importance * (1 / (1 + np.exp(-logits)) - answered)) + 2 * pull * (values - begin)
        gradient[:-1] += 2 * _RIDGE * values[:-1]
        return value, gradient

    found = _minimum(loss, begin, [(None, None)] * len(begin))
    by_fact = fixed.copy()
    by_fact[free] = found[:-1] / spread
    return replace(
        weights,
        confidence={name: round(float(value), 4) for name, value in zip(LIST_FACTS, by_fact, strict=True)},
        intercept=round(float(found[-1] - by_fact[free] @ centre), 4),
    )


def _scaled(examples: Sequence[Example], weights: RankingWeights) -> RankingWeights:
    """The same confidence stretched and shifted, by the desk's experience too, until it holds on these examples."""
    facts, answered, importance = _told(examples, weights)
    strength = weights.intercept + facts @ weights.confidence_vector()
    columns = np.column_stack([strength, np.ones(len(facts)), facts[:, LIST_FACTS.index(_AGE)]])
    as_given = np.array([1.0, 0.0, 0.0])
    pull = _DOUBT / len(facts)

    def loss(values: Numbers) -> tuple[float, Numbers]:
        logits, moved = columns @ values, values - as_given
        off = importance * (1 / (1 + np.exp(-logits)) - answered)
        value = float((importance * (np.logaddexp(0, logits) - answered * logits)).sum() + pull * moved @ moved)
        return value, off @ columns + 2 * pull * moved

    stretch, shift, aged = _minimum(loss, as_given, [_STRETCH, (None, None), (None, None)]).tolist()
    confidence = {name: round(value * stretch, 4) for name, value in weights.confidence.items()}
    return replace(
        weights,
        confidence=confidence | {_AGE: round(confidence[_AGE] + aged, 4)},
        intercept=round(weights.intercept * stretch + shift, 4),
    )


def _told(examples: Sequence[Example], weights: RankingWeights) -> tuple[Numbers, Numbers, Numbers]:
    """Of each example that has candidates: the facts of its list, 1 if it was answered, how much it counts."""
    ranked = _ranked(examples, weights)
    facts = np.array([list_facts(one.table, scores, weights, one.familiarity) for one, scores in ranked])
    answered = np.array([_is_answered(one, scores) for one, scores in ranked], np.float64)
    importance = np.array([one.weight for one, _ in ranked])
    return facts, answered, importance / importance.sum()


def _ranked(examples: Sequence[Example], weights: RankingWeights) -> list[tuple[Example, Numbers]]:
    return [(one, one.table @ weights.ranking_vector()) for one in examples if len(one.table)]


def _sharpness(ranked: Sequence[tuple[Example, Numbers]], weights: RankingWeights) -> float:
    """The sharpness that makes the right ones among the first five likeliest."""
    seen = [(one, scores) for one, scores in ranked if _is_answered(one, scores)]
    if not seen:
        return weights.sharpness

    def unlikelihood(sharpness: float) -> float:
        total = 0.0
        for one, scores in seen:
            shares = list_shares(scores, weights, sharpness)
            first = _first(scores, READ)
            right = shares[first] @ (one.gains[first] > 0)
            total -= one.weight * float(np.log(right / shares[first].sum() + 1e-12))
        return total

    return float(min(np.round(np.arange(0.4, 1.6, 0.05), 2), key=unlikelihood))


def _is_answered(one: Example, scores: Numbers) -> bool:
    return bool((one.gains[_first(scores, READ)] > 0).any())


def _first(scores: Numbers, count: int) -> NDArray[np.intp]:
    return np.argsort(-scores, kind="stable")[:count]


def _minimum(
    loss: Callable[[Numbers], tuple[float, Numbers]], begin: Numbers, bounds: list[tuple[float | None, float | None]]
) -> Numbers:
    from scipy.optimize import minimize  # 25 MB that a server which learns no weights never needs

    found: Numbers = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _ROUNDS}).x
    return found
