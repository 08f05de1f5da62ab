"""Tickets, articles and solutions, in the terms of KCS.

An *article* holds one or more *issue* statements, an *environment*, a *cause* and a *resolution*. A
*solution* is what can be suggested: an article, or the common fix of one or more resolved tickets
that no article describes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from kbsearch.model.tenant import TenantId


class ArticleState(StrEnum):
    """KCS article confidence, and ``archived`` for articles that are no longer shown."""

    WIP = "wip"
    NOT_VALIDATED = "not_validated"
    VALIDATED = "validated"
    ARCHIVED = "archived"


def is_for_leads(before: ArticleState | None, after: ArticleState | None) -> bool:
    """Whether only a lead may change an article's state so: what is validated becomes so, and stops being so, by one.

    None: there is no article, before it is added or after it was deleted.
    """
    return before != after and ArticleState.VALIDATED in (before, after)


class SolutionKind(StrEnum):
    ARTICLE = "article"
    TICKET = "ticket"


class TicketStatus(StrEnum):
    RESOLVED = "resolved"
    REOPENED = "reopened"


class WriteBackOutcome(StrEnum):
    CREATED = "created"
    LINKED = "linked"
    NEEDS_REVIEW = "needs_review"


class FeedbackOutcome(StrEnum):
    SOLVED = "solved"
    HELPFUL = "helpful"
    NOT_RELEVANT = "not_relevant"
    OUTDATED = "outdated"
    WRONG = "wrong"
    DID_NOT_WORK = "did_not_work"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket of the ticket system. Times are aware and in UTC."""

    subject: str
    description: str = ""
    id: str | None = None
    environment: tuple[str, ...] = ()
    language: str | None = None
    priority: str | None = None
    created_at: datetime | None = None
    respond_by: datetime | None = None
    resolve_by: datetime | None = None
    responded_at: datetime | None = None

    @property
    def text(self) -> str:
        """Subject and description, the subject left out where the description repeats it."""
        if self.description.lstrip().startswith(self.subject.strip()):
            return self.description
        return f"{self.subject}\n{self.description}" if self.description else self.subject


@dataclass(frozen=True, slots=True)
class Resolution:
    """What was done. ``level`` is the support line (1 to 3), ``minutes_spent`` the working time.

    ``reassignments`` is how often the ticket went from one group to another; None where nobody says.
    """

    text: str
    cause: str | None = None
    resolved_by: str | None = None
    level: int | None = None
    resolved_at: datetime | None = None
    minutes_spent: int | None = None
    solution_id: str | None = None
    suggestion_id: str | None = None
    reassignments: int | None = None


@dataclass(frozen=True, slots=True)
class SolutionRef:
    """A solution's identity: ids are unique within a tenant only."""

    tenant: TenantId
    id: str


@dataclass(frozen=True, slots=True)
class ResolvedTicket:
    """A ticket with its resolution, as stored."""

    tenant: TenantId
    ticket: Ticket
    resolution: Resolution
    status: TicketStatus
    outcome: WriteBackOutcome
    solution: SolutionRef | None
    revision: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Article:
    """A KB article. ``resolution`` and the ``issue`` statements are Markdown.

    ``metadata`` is what other tools note of it, as JSON values by name. It is kept, and nothing is found by it.
    """

    id: str
    title: str
    issue: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    cause: str | None = None
    resolution: str = ""
    tags: tuple[str, ...] = ()
    language: str | None = None
    audience: str | None = None
    state: ArticleState = ArticleState.NOT_VALIDATED
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article with what the store knows of it.

    ``version`` counts its changes from 1. ``merged_into`` is the article that answers in its place, if it was
    merged. ``wordings`` are how the caller's tickets of it put the issue.
    """

    tenant: TenantId
    article: Article
    version: int
    created_at: datetime
    updated_at: datetime
    merged_into: SolutionRef | None = None
    wordings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleVersion:
    """An article before a change. ``written_by`` is None if an earlier kbsearch or another tenant wrote it."""

    version: int
    article: Article
    written_by: str | None
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a solution worked, counted over the caller's own tenant only.

    ``tickets`` tried it: ``solved`` of them are resolved with it, ``failed`` were reopened after it. A ticket counts
    once; a failure stays with the solution that was tried when the ticket is resolved otherwise.

    What agents said is apart from that. Each agent counts once, with the latest word on whether the fix works:
    ``agents_solved`` said that it did, ``agents_helpful`` that it helped, ``agents_failed`` that it is wrong or
    outdated.
    """

    tickets: int = 0
    solved: int = 0
    failed: int = 0
    last_used_at: datetime | None = None
    examples: tuple[str, ...] = ()
    typical_minutes: int | None = None
    agents_solved: int = 0
    agents_helpful: int = 0
    agents_failed: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What ranking needs to know of a solution: its state, and how it fared (see Evidence).

    ``agents_unfit`` are agents whose latest word on it is that it did not fit their ticket, which says nothing about
    whether the fix works. ``recent`` is how many of the tenant's latest tickets were resolved with it, older ones
    less, ``latest`` the same of the very latest.
    """

    state: ArticleState
    solved: int = 0
    failed: int = 0
    agents_solved: int = 0
    agents_helpful: int = 0
    agents_failed: int = 0
    agents_unfit: int = 0
    recent: float = 0.0
    latest: float = 0.0


@dataclass(frozen=True, slots=True)
class Solution:
    """Something that can be suggested."""

    ref: SolutionRef
    kind: SolutionKind
    title: str
    resolution: str
    cause: str | None
    environment: tuple[str, ...]
    language: str | None
    state: ArticleState
    updated_at: datetime
    audience: str | None = None
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class Similar:
    """A known solution beside one written back. ``differs`` says in words what differs between the two fixes."""

    solution_id: str
    title: str
    confidence: float
    differs: str = ""


@dataclass(frozen=True, slots=True)
class WriteBack:
    """The answer to a write-back. ``redacted`` counts what was removed, by kind."""

    ticket_id: str
    solution_id: str | None
    outcome: WriteBackOutcome
    similar: tuple[Similar, ...]
    revision: int
    first_time: bool
    redacted: dict[str, int]


@dataclass(frozen=True, slots=True)
class WriteBackPreview:
    """What a write-back would store, and the solutions beside it. ``is_thin``: too little to help anyone else.

    ``ticket`` and ``resolution`` are as they would be stored; ``redacted`` counts what was removed, by kind.
    """

    ticket: Ticket
    resolution: Resolution
    redacted: dict[str, int]
    similar: tuple[Similar, ...]
    is_thin: bool


@dataclass(frozen=True, slots=True)
class Feedback:
    suggestion_id: str
    solution_id: str
    outcome: FeedbackOutcome
    agent: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """What somebody said against a solution. ``kind`` and ``title`` are None where the solution is gone.

    ``tenant`` is the solution's; the flag itself is seen by the tenant that opened it only.
    """

    id: str
    solution_id: str
    tenant: TenantId
    kind: SolutionKind | None
    title: str | None
    reason: str
    comment: str | None
    agent: str
    created_at: datetime
