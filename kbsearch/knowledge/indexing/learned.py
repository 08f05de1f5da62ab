"""What was learned from each tenant's history, as answers use it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kbsearch.model import TenantId
from kbsearch.ranking.weights import RankingWeights, as_stored, shipped
from kbsearch.store import learned
from kbsearch.store.port import Read


@dataclass(frozen=True, slots=True)
class Learned:
    """The ranking's weights, and the map of questions, shape (dimension, dimension), None where there is none."""

    weights: RankingWeights
    matrix: NDArray[np.float32] | None = None


class LearnedModels:
    """Reads what was learned for one embedding model, once for each version. Follows other processes."""

    def __init__(self, model_id: str) -> None:
        self._model_id = model_id
        self._known: dict[TenantId, tuple[int, Learned]] = {}

    def of(self, tx: Read, tenant: TenantId) -> Learned:
        """What the tenant's answers are made with: the shipped weights where nothing was learned."""
        version = learned.version(tx, tenant)
        known = self._known.get(tenant)
        if known is None or known[0] != version:
            known = (version, self._read(tx, tenant))
            self._known[tenant] = known
        return known[1]

    def _read(self, tx: Read, tenant: TenantId) -> Learned:
        stored = learned.get(tx, tenant)
        if stored is None or stored.model_id != self._model_id:
            return Learned(shipped())
        return Learned(as_stored(stored.weights), unpacked(stored.matrix) if stored.matrix is not None else None)


def packed(matrix: NDArray[np.float32]) -> bytes:
    """A square map as it is stored."""
    return matrix.astype("<f2").tobytes()


def unpacked(stored: bytes) -> NDArray[np.float32]:
    """What packed() was given."""
    flat = np.frombuffer(stored, "<f2").astype(np.float32)
    side = round(len(flat) ** 0.5)
    return flat.reshape(side, side)
