"""What is answered: suggestions with a verdict, and search hits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kbsearch.model.documents import DocumentKind, Field
from kbsearch.model.knowledge import Solution
from kbsearch.model.tenant import TenantId


class Status(StrEnum):
    KNOWN = "known"
    UNSURE = "unsure"
    NEW = "new"


class Action(StrEnum):
    APPLY = "apply"
    VERIFY = "verify"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Match:
    """A passage that matched, and the words of the query found in it."""

    field: Field
    text: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RankedSolution:
    """A solution as suggested. ``confidence`` is a probability, ``score`` only orders the list."""

    rank: int
    solution: Solution
    confidence: float
    score: float
    matches: tuple[Match, ...]
    cautions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the answer is here, and what the first line should do.

    ``confidence`` is the probability that one of the first five solutions resolves the ticket, however many are shown.
    It agrees with ``status``: ``known`` from 0.60 on, ``new`` below 0.25.
    """

    status: Status
    action: Action
    confidence: float
    reason: str
    minutes_left: int | None = None
    typical_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer. ``vector`` is the question's, of ``model``, as little-endian float16."""

    id: str
    verdict: Verdict
    solutions: tuple[RankedSolution, ...]
    revision: int
    model: str
    vector: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One ticket or article found. ``when`` is resolved_at of a ticket, updated_at of an article."""

    kind: DocumentKind
    id: str
    tenant: TenantId
    title: str
    snippet: str
    resolution: str
    solution_id: str | None
    score: float
    language: str | None
    when: datetime | None
