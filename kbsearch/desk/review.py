"""What waits for a lead's decision, queue by queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kbsearch.model import Scope
from kbsearch.store import proposals, review
from kbsearch.store.port import Store
from kbsearch.store.review import Reason, ToReview

_MOST_COUNTED = 200


@dataclass(frozen=True, slots=True)
class Review:
    """How many wait in each queue; ``more`` names those that hold more than is counted."""

    queues: Mapping[str, int]
    more: frozenset[str]


class ReviewQueues:
    """Reads the queues of one tenant.

    Args:
        store: the truth.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def count(self, scope: Scope) -> Review:
        """All queues: tickets and flags exactly, the others up to 200 each."""
        with self._store.read() as tx:
            counts = review.waiting(tx, scope.tenant)
            counts["proposals"] = len(proposals.page(tx, scope.tenant, 0, _MOST_COUNTED + 1))
            for reason in Reason:
                counts[reason] = len(review.page(tx, scope, reason, self._store.clock(), 0, _MOST_COUNTED + 1))
        more = frozenset(
            name for name, n in counts.items() if n > _MOST_COUNTED and name not in ("needs_review", "flags")
        )
        return Review({name: _MOST_COUNTED if name in more else n for name, n in counts.items()}, more)

    def page(self, scope: Scope, reason: Reason, start: int, most: int) -> list[ToReview]:
        """Solutions of a queue, ``start`` of them left out; those that weigh most come first."""
        with self._store.read() as tx:
            return review.page(tx, scope, reason, self._store.clock(), start, most)
