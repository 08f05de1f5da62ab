"""Calibration of confidences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same confidence: how many, mean confidence, share that was right."""

    count: int
    confidence: float
    right: float


def reliability(confidence: Sequence[float], right: Sequence[bool], bins: int = _BINS) -> list[Bin]:
    """The reliability curve over bins of equal width; empty bins are left out."""
    sure, came = np.array(confidence), np.array(right, np.float64)
    place = np.minimum((sure * bins).astype(int), bins - 1)
    return [
        Bin(int(inside.sum()), float(sure[inside].mean()), float(came[inside].mean()))
        for number in range(bins)
        if (inside := place == number).any()
    ]


def calibration_error(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error over ten bins (Naeini et al. 2015); 0 for no answers."""
    curve = reliability(confidence, right)
    total = sum(one.count for one in curve)
    return sum(one.count * abs(one.confidence - one.right) for one in curve) / total if total else 0.0


def auroc(confidence: Sequence[float], right: Sequence[bool]) -> float | None:
    """Probability that a right answer has more confidence than a wrong one; ties count half. None for one kind only."""
    sure, came = np.array(confidence), np.array(right, np.bool_)
    if came.all() or not came.any():
        return None
    ordered = np.sort(sure[~came])
    below = np.searchsorted(ordered, sure[came], "left") + np.searchsorted(ordered, sure[came], "right")
    return float(below.mean() / 2 / len(ordered))


def coverage_at(confidence: Sequence[float], right: Sequence[bool], precision: float) -> float:
    """The largest share of answers, by confidence, of which at least ``precision`` are right."""
    sure, came = np.array(confidence), np.array(right, np.float64)
    if not len(sure):
        return 0.0
    order = np.argsort(-sure, kind="stable")
    ordered, reached = sure[order], np.cumsum(came[order]) / np.arange(1, len(order) + 1)
    ends = np.append(ordered[1:] != ordered[:-1], True)  # a threshold takes all of the same confidence
    good = np.flatnonzero((reached >= precision) & ends)
    return float(good[-1] + 1) / len(order) if len(good) else 0.0
