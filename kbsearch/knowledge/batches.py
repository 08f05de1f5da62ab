"""Imports in batches: each batch is one model call and one transaction."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")

BATCH = 32


@dataclass(frozen=True, slots=True)
class ImportReport:
    """``unchanged`` of the ``accepted`` were stored already. ``errors`` are (line, detail)."""

    accepted: int
    unchanged: int
    errors: tuple[tuple[int, str], ...]
    revision: int


def batched(items: Iterable[_T], size: int = BATCH) -> Iterator[list[_T]]:
    """The items in lists of ``size``, the last one shorter."""
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch
