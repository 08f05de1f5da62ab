"""How well tickets are grouped: B-cubed precision, recall and F1 (Bagga and Baldwin 1998)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from statistics import mean


@dataclass(frozen=True, slots=True)
class BCubed:
    """Means over all items, 0 .. 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def b_cubed(found: Mapping[str, Hashable], right: Mapping[str, Hashable]) -> BCubed:
    """Compare two groupings of the same items.

    Of an item, precision is the share of its group found that belongs to its right group, recall the share of its
    right group that is in its group found; itself counts. An item that was put into no group is one by itself.

    Args:
        found: item → group.
        right: item → group. Items that stand in ``found`` only are left out.
    """
    if not right:
        return BCubed(0.0, 0.0)
    put = {item: ("found", found[item]) if item in found else ("alone", item) for item in right}
    both = Counter((put[item], right[item]) for item in right)
    sizes_found, sizes_right = Counter(put.values()), Counter(right.values())
    return BCubed(
        mean(both[put[item], right[item]] / sizes_found[put[item]] for item in right),
        mean(both[put[item], right[item]] / sizes_right[right[item]] for item in right),
    )
