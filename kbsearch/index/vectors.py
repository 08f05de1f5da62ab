"""What every vector index shares: vectors as the store keeps them, cosines, and where a collection has its centre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Halves = NDArray[np.float16]
Floats = NDArray[np.float32]
Numbers = NDArray[np.float64]

_FEW_PASSAGES = 200
"""So many passages at zero are added to a centre: the centre of a few passages would be those passages themselves."""


@dataclass(frozen=True, slots=True)
class Cosines:
    """Passages with their cosines, by document and passage; ``values`` has shape (passages, queries), 6 decimals."""

    passages: Ids
    documents: Ids
    values: Numbers


def vector_bytes(vectors: Floats) -> list[bytes]:
    """Each row as it is stored, little-endian float16: what that loses changes a cosine by less than 0.0003."""
    return [row.tobytes() for row in vectors.astype("<f2")]


def vector_array(blobs: Sequence[bytes], dimension: int) -> Halves:
    """Stored vectors as a float16 array of shape (n, dimension)."""
    return np.frombuffer(b"".join(blobs), "<f2").reshape(len(blobs), dimension)


def centre(total: Numbers, count: int) -> Numbers:
    """The mean vector of some passages, drawn towards zero where they are few.

    Passages that lie near it are near every question (Radovanović et al. 2010, hubs in high dimensions).

    Args:
        total: the sum of their vectors, shape (dimension,).
        count: how many passages there are.
    """
    # Rounded, since the last bits depend on the order in which rows were added up.
    found: Numbers = np.round(total / (count + _FEW_PASSAGES), 6)
    return found


def typicality(mean: Numbers, queries: Floats) -> float:
    """How far the best of the queries lies towards the mean of some passages, 0 .. 1.

    A passage does so by 1 on average; 1 as well where the mean is zero, as it is without passages.
    """
    length = float(mean @ mean)
    return float(np.round(min(1.0, max(0.0, float((queries @ mean).max()) / length)), 6)) if length > 0 else 1.0
