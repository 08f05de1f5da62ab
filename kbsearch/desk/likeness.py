"""Which tickets are about the same thing, by the vectors of what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kbsearch.store.desk import Case

ALIKE = 0.62
"""Cosine from which two tickets are alike. docs/metrics.md says how many duplicates reach it."""

Vectors = NDArray[np.float32]
Key = tuple[str, str]
"""Tenant and ticket id."""


def key(case: Case) -> Key:
    return case.tenant, case.id


def rows(cases: Sequence[Case], vectors: Mapping[Key, bytes]) -> tuple[list[Case], Vectors]:
    """The tickets that have a vector, and their vectors as unit rows, shape (tickets, dimension)."""
    kept = [case for case in cases if key(case) in vectors]
    if not kept:
        return [], np.zeros((0, 0), np.float32)
    table = np.stack([np.frombuffer(vectors[key(case)], "<f2") for case in kept]).astype(np.float32)
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    return kept, table / np.maximum(lengths, 1e-6)


@dataclass(frozen=True, slots=True)
class Group:
    """Row numbers of alike tickets, the most typical first."""

    members: tuple[int, ...]


def groups(table: Vectors, least: int) -> list[Group]:
    """Groups of at least ``least`` rows that are alike one of them: the largest first, each row in one group.

    Costs the square of the number of rows. Equal sizes keep the order of the rows.
    """
    count = len(table)
    if count < least:
        return []
    near = table @ table.T
    alike = near >= ALIKE
    np.fill_diagonal(alike, val=True)
    neighbours = alike.sum(axis=1)
    left = np.ones(count, np.bool_)
    found: list[Group] = []
    while True:
        centre = int(np.argmax(np.where(left, neighbours, 0)))
        members = np.flatnonzero(alike[centre] & left)
        if not left[centre] or len(members) < least:
            return found
        found.append(Group(tuple(sorted(members.tolist(), key=lambda one: (-float(near[centre, one]), one)))))
        left[members] = False
        neighbours = neighbours - alike[:, members].sum(axis=1)
