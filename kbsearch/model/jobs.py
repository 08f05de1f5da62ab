"""Batch jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """A batch job. ``done`` and ``total`` count documents."""

    id: str
    state: JobState
    done: int
    total: int
    eta_seconds: int | None
    error: str | None


class GenerationState(StrEnum):
    BUILDING = "building"
    CURRENT = "current"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Generation:
    """One build of the index: everything in it was made by one model, splitter and analyzer.

    ``model`` is how the model was asked for, ``model_id`` adds its fingerprint. ``recipe`` names the
    splitter and analyzer. ``covered`` is the last change that the build has seen.
    """

    id: int
    model: str
    model_id: str
    dimension: int
    recipe: str
    state: GenerationState
    covered: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """The state of the index over all tenants: its size, and how many stored changes it does not have yet.

    ``erasures_pending``: the number of erasures that have not left all files yet.
    ``learnt`` says how many tenants' last learning of their ranking was kept, brought nothing better, or was undone.
    """

    documents: int
    passages: int
    changes_behind: int
    erasures_pending: int = 0
    learnt: Mapping[str, int] = field(default_factory=dict[str, int])
