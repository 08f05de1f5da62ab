"""From the cosines of passages to how near each document is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Numbers = NDArray[np.float64]

_SECOND = 0.2
_CENTRED = 0.5


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near documents are, ascending by document; all of shape (documents,).

    Attributes:
        documents: those that have passages.
        passages: the best passage of each.
        similarity: of its passages to the question, see nearness().
        nearest: the highest cosine.
        mapped: the highest cosine with the mapped question.
    """

    documents: Ids
    passages: Ids
    similarity: Numbers
    nearest: Numbers
    mapped: Numbers


def nearness(documents: Ids, passages: Ids, cosines: Numbers, mapped: Numbers, hubness: Numbers) -> Nearness:
    """Documents by their passages.

    One good passage may be chance, two are not: (best + 0.2 second) / 1.2 finds more than the best alone. Half of
    what a passage has in common with all others is taken off its cosine, for what is near every question is no
    answer to this one (Mu & Viswanath 2018 take all of it off). Both were measured: docs/measurements.md.

    Args:
        documents: of each passage, ascending.
        passages: ids.
        cosines: with the question.
        mapped: with the mapped question.
        hubness: with the centre of all passages.
    """
    centred = np.round(cosines - _CENTRED * hubness, 6)
    order = np.lexsort((passages, -centred, documents))
    passages, centred = passages[order], centred[order]
    best = np.flatnonzero(np.diff(documents, prepend=-1))
    ends = np.append(best[1:], len(documents))
    second = np.where(best + 1 < ends, best + 1, best)
    return Nearness(
        documents[best],
        passages[best],
        (centred[best] + _SECOND * centred[second]) / (1 + _SECOND),
        highest(cosines, best),
        highest(mapped, best),
    )


def highest(values: Numbers, starts: Ids) -> Numbers:
    """The highest value of each run; runs begin at ``starts``."""
    return np.maximum.reduceat(values, starts) if len(starts) else np.empty(0)
