"""Answers of the server as frozen values. Fields that a newer server adds are ignored; times are aware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``status`` is known, unsure or new; ``action`` is apply, verify or escalate; ``confidence`` is a probability."""

    status: str
    action: str
    confidence: float
    reason: str
    minutes_left: int | None = None
    typical_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Tickets on which a solution was tried, and what agents said of it."""

    tickets: int
    solved: int
    failed: int
    last_used_at: datetime | None = None
    examples: list[str] = field(default_factory=list[str])
    agents_solved: int = 0
    agents_failed: int = 0


@dataclass(frozen=True, slots=True)
class Solution:
    """A suggested solution. ``confidence`` is the probability that it resolves the ticket."""

    rank: int
    solution_id: str
    kind: str
    title: str
    resolution: str
    confidence: float
    state: str
    tenant: str
    evidence: Evidence
    cause: str | None = None
    language: str | None = None
    updated_at: datetime | None = None
    cautions: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What POST /v1/suggest answers."""

    suggestion_id: str
    verdict: Verdict
    solutions: list[Solution]
    revision: int
    warnings: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass(frozen=True, slots=True)
class Hit:
    """A solved ticket or an article that a search found."""

    kind: str
    id: str
    title: str
    snippet: str
    resolution: str
    tenant: str
    score: float
    solution_id: str | None = None
    language: str | None = None
    resolved_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Similar:
    """A solution that is like the one written back."""

    solution_id: str
    title: str
    confidence: float
    differs: str = ""


@dataclass(frozen=True, slots=True)
class WriteBack:
    """``outcome`` is created, linked or needs_review; ``redacted`` counts what was taken out."""

    ticket_id: str
    outcome: str
    revision: int
    solution_id: str | None = None
    similar: list[Similar] = field(default_factory=list[Similar])
    redacted: dict[str, int] = field(default_factory=dict[str, int])
    warnings: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass(frozen=True, slots=True)
class StoredTicket:
    """A resolved ticket as it is stored, redacted. ``ticket`` holds its own fields."""

    ticket: dict[str, Any]
    resolution: str
    status: str
    outcome: str
    tenant: str
    updated_at: datetime
    cause: str | None = None
    solution_id: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    minutes_spent: int | None = None
    level: int | None = None

    @property
    def id(self) -> str:
        """The ticket system's number."""
        return str(self.ticket["id"])


@dataclass(frozen=True, slots=True)
class Article:
    """An article. ``etag`` names this state of it for If-Match, None in lists."""

    id: str
    title: str
    tenant: str
    version: int
    state: str
    issue: list[str] = field(default_factory=list[str])
    environment: list[str] = field(default_factory=list[str])
    cause: str | None = None
    resolution: str = ""
    tags: list[str] = field(default_factory=list[str])
    language: str | None = None
    audience: str | None = None
    merged_into: str | None = None
    revision: int | None = None
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class LineError:
    """A line of an import that cannot be used, or a field of it that was left out."""

    line: int
    detail: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    accepted: int
    rejected: int
    revision: int
    errors: list[LineError] = field(default_factory=list[LineError])
    warnings: list[LineError] = field(default_factory=list[LineError])


@dataclass(frozen=True, slots=True)
class PanelSession:
    """A session of the side panel: ``url`` is shown in a frame."""

    token: str
    url: str
    expires_at: datetime
    ticket_id: str | None = None


def parsed(model: type[_T], value: Mapping[str, Any]) -> _T:
    """A JSON object as a value of this model.

    Raises:
        KeyError: a field is missing that the contract promises.
    """
    hints = _hints(model)
    given: dict[str, Any] = {}
    for one in fields(model):  # type: ignore[arg-type]
        if one.name in value:
            given[one.name] = _converted(hints[one.name], value[one.name])
        elif one.default is MISSING and one.default_factory is MISSING:
            raise KeyError(one.name)
    return model(**given)


@cache
def _hints(model: type[Any]) -> dict[str, Any]:
    return get_type_hints(model)


def _converted(wanted: Any, value: Any) -> Any:
    if isinstance(wanted, UnionType):
        wanted = next(one for one in get_args(wanted) if one is not NoneType)
    if value is None:
        return None
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if get_origin(wanted) is list:
        return [_converted(get_args(wanted)[0], one) for one in value]
    return parsed(wanted, value) if is_dataclass(wanted) and isinstance(wanted, type) else value
