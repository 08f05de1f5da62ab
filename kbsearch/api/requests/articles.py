"""Bodies of requests about articles."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from kbsearch.api.fields import (
    MOST_STATEMENTS,
    FilledText,
    Id,
    In,
    Label,
    Labels,
    Language,
    NewArticleId,
    Text,
    Title,
)
from kbsearch.api.metadata import Metadata
from kbsearch.api.requests.examples import TICKET, example
from kbsearch.api.requests.tickets import TicketIn
from kbsearch.knowledge.writing.drafts import DraftFrom
from kbsearch.model import (
    Article,
    ArticleState,
)

Statements = Annotated[list[FilledText], Field(max_length=MOST_STATEMENTS)]


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)
    schema["examples"] = [{"state": "validated"}]


class ArticleIn(In):
    """An article. It needs a ``resolution`` unless its state is ``wip``."""

    model_config = example(
        {
            "id": "vpn-error-809",
            "title": "VPN does not connect: error 809",
            "issue": ["VPN says the network connection could not be established, error 809"],
            "environment": ["Windows 11"],
            "cause": "The router at home drops IPsec packets.",
            "resolution": "1. Switch the VPN profile to *SSTP*.\n2. Connect again.",
            "tags": ["vpn", "809"],
            "language": "en",
            "audience": "internal",
            "state": "not_validated",
            "metadata": {"author": "network team", "ms.date": "2026-03-02"},
        }
    )

    id: NewArticleId | None = None
    title: Title
    issue: Statements = Field(default_factory=list)
    environment: Labels = Field(default_factory=list)
    cause: Text | None = None
    resolution: Text = ""
    tags: Labels = Field(default_factory=list)
    language: Language | None = None
    audience: Label | None = None
    state: ArticleState = ArticleState.NOT_VALIDATED
    metadata: Metadata = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_resolution(self) -> Self:
        if self.state != ArticleState.WIP and not self.resolution.strip():
            raise ValueError("resolution must not be empty unless state is wip")
        return self

    def to_article(self, id: str) -> Article:
        return Article(
            id=id,
            title=self.title,
            issue=tuple(self.issue),
            environment=tuple(self.environment),
            cause=self.cause or None,
            resolution=self.resolution,
            tags=tuple(self.tags),
            language=self.language,
            audience=self.audience,
            state=self.state,
            metadata=self.metadata,
        )


class ArticlePatch(In):
    """The fields to change; all others stay as they are.

    The schema has no defaults, so that a generated client sends only what was set.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra=_without_defaults)

    title: Title = ""
    issue: Statements = Field(default_factory=list)
    environment: Labels = Field(default_factory=list)
    cause: Text | None = None
    resolution: Text = ""
    tags: Labels = Field(default_factory=list)
    language: Language | None = None
    audience: Label | None = None
    state: ArticleState = ArticleState.NOT_VALIDATED
    metadata: Metadata = Field(default_factory=dict)


class FlagIn(In):
    """Why an article needs a review."""

    model_config = example({"reason": "outdated", "comment": "The menu moved in the new Outlook."})

    reason: Label
    comment: Annotated[str, Field(max_length=2_000)] | None = None


class MergeIn(In):
    """``into`` is the id of the article that remains: one of the tenant, or a shared one."""

    model_config = example({"into": "outlook-password-prompt.bg"})

    into: Id


class DraftIn(In):
    """Where a draft starts from: at least one of ``suggestion_id``, ``ticket_id`` and ``ticket``.

    Title, issue and environment come from ``ticket``, otherwise from the stored ticket, otherwise from the question of
    the suggestion. Cause and resolution come from ``solution_id``, otherwise from the ticket that ``ticket_id`` names.
    A draft from a suggestion alone has neither.
    """

    model_config = example(
        {"ticket_id": "RT-1042"}, {"ticket": {**TICKET, "id": None}, "solution_id": "outlook-password-prompt.en"}
    )

    id: NewArticleId | None = None
    suggestion_id: Id | None = None
    ticket_id: Id | None = None
    ticket: TicketIn | None = None
    solution_id: Id | None = None

    def to_seed(self) -> DraftFrom:
        ticket = None if self.ticket is None else self.ticket.to_ticket()
        return DraftFrom(self.suggestion_id, self.ticket_id, ticket, self.solution_id)
