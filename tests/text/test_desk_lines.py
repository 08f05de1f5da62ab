"""How many lines of each kind are read right."""

from __future__ import annotations

import pytest
from desk_lines import RIGHT, lines

_LEAST_SHARE = 0.87
_LEAST_OF_ALL = 0.97
_FEWEST = 10


def _wrong(kind: str) -> tuple[list[str], int]:
    found = [line for one, line in lines() if one == kind]
    return [line for line in found if not RIGHT[kind](line)], len(found)


@pytest.mark.parametrize("kind", RIGHT)
def test_lines_of_each_kind_are_read_right(kind: str) -> None:
    wrong, many = _wrong(kind)
    assert many >= _FEWEST
    assert len(wrong) <= (1 - _LEAST_SHARE) * many, wrong


def test_nearly_all_lines_are_read_right() -> None:
    counted = [_wrong(kind) for kind in RIGHT]
    assert sum(len(wrong) for wrong, _ in counted) <= (1 - _LEAST_OF_ALL) * sum(many for _, many in counted)
