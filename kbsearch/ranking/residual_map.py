"""A linear map that a desk's history teaches: where the answer to a question lies.

mapped question = normalised(q + q W), W a square matrix learned from resolved tickets: a ticket to passages of the
article that solved it, a ticket to other tickets with the same solution. Only questions are mapped, so the index stays
as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]

_ROUNDS, _BATCH = 12, 128
_STEP = 5e-4
_DECAY = 1e-3
_TEMPERATURE = 0.06
_TICKETS_WEIGHT = 0.5
_MOMENTUM, _SCALE, _TINY = 0.9, 0.99, 1e-8
_MOST_NEGATIVES = 4_096


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a map is learned from.

    Attributes:
        tickets: unit vectors, shape (n, dimension).
        solutions: number of the solution of each ticket, shape (n,).
        passages: unit vectors of the articles' passages, shape (m, dimension).
        owners: number of the solution of each passage, shape (m,).
    """

    tickets: Floats
    solutions: Ids
    passages: Floats
    owners: Ids


def mapped(queries: Floats, matrix: Floats | None) -> Floats:
    """The mapped questions as unit vectors, the questions themselves where there is no map."""
    if matrix is None:
        return queries
    moved = queries + queries @ matrix
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), _TINY)


def learn(
    lessons: Lessons,
    start: Floats | None = None,
    rounds: int = _ROUNDS,
    seed: int = 0,
    breathe: Callable[[], None] = lambda: None,
) -> Floats:
    """Learn W by contrast (InfoNCE, van den Oord et al. 2018) with Adam; takes about a minute for 2,000 tickets.

    Each question is to be nearer to its solution's passages and tickets than to all others.

    Args:
        lessons: at least one ticket.
        start: a map to go on from.
        rounds: how often each ticket is looked at.
        seed: of the order of the tickets.
        breathe: called between batches; it may wait.
    """
    random = np.random.default_rng(seed)
    dimension = lessons.tickets.shape[1]
    matrix = np.zeros((dimension, dimension), np.float32) if start is None else start.copy()
    mean, square = np.zeros_like(matrix), np.zeros_like(matrix)
    step = 0
    count = len(lessons.tickets)
    for _ in range(rounds):
        for batch in np.array_split(random.permutation(count), max(1, count // _BATCH)):
            breathe()
            others = random.permutation(count)[:_MOST_NEGATIVES]
            gradient = _gradient(matrix, lessons, batch, others) + 2 * _DECAY * matrix
            step += 1
            mean = _MOMENTUM * mean + (1 - _MOMENTUM) * gradient
            square = _SCALE * square + (1 - _SCALE) * gradient**2
            matrix -= (_STEP * (mean / (1 - _MOMENTUM**step)) / (np.sqrt(square / (1 - _SCALE**step)) + _TINY)).astype(
                np.float32
            )
    return matrix


def _gradient(matrix: Floats, lessons: Lessons, batch: Ids, others: Ids) -> Floats:
    asked, answers = lessons.tickets[batch], lessons.solutions[batch]
    moved = asked + asked @ matrix
    length = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), _TINY)
    unit = moved / length
    pull = _contrast(unit, lessons.passages, answers[:, None] == lessons.owners)
    itself = batch[:, None] == others
    same = (answers[:, None] == lessons.solutions[others]) & ~itself
    pull += _TICKETS_WEIGHT * _contrast(unit, lessons.tickets[others], same, itself)
    pull = (pull - (pull * unit).sum(axis=1, keepdims=True) * unit) / length
    return (asked.T @ pull / len(batch)).astype(np.float32)


def _contrast(
    unit: Floats, vectors: Floats, right: NDArray[np.bool_], left_out: NDArray[np.bool_] | None = None
) -> Floats:
    """The gradient of -log(share of the right ones) by the question; 0 for a question that has none."""
    if not len(vectors):
        return np.zeros_like(unit)
    nearness = unit @ vectors.T / np.float32(_TEMPERATURE)
    if left_out is not None:
        nearness[left_out] = -np.inf
    strength = np.exp(nearness - nearness.max(axis=1, keepdims=True))
    wrong = strength / strength.sum(axis=1, keepdims=True)
    strength *= right
    total = strength.sum(axis=1, keepdims=True)
    pull = np.where(total > 0, wrong - strength / np.maximum(total, np.float32(1e-30)), np.float32(0))
    return (pull @ vectors / np.float32(_TEMPERATURE)).astype(np.float32)
