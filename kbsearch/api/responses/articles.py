"""Bodies of answers about articles."""

from __future__ import annotations

import hashlib
from typing import Any, Self
from urllib.parse import quote

from kbsearch.api.fields import MOST_STATEMENTS, Out, Time, rfc3339
from kbsearch.knowledge.writing.proposals import Proposed
from kbsearch.model import Article, ArticleState, ArticleVersion, SolutionKind, StoredArticle


class ArticleTextOut(Out):
    """What an article and its former versions have in common."""

    title: str
    issue: list[str]
    environment: list[str]
    cause: str | None
    resolution: str
    tags: list[str]
    language: str | None
    audience: str | None
    state: ArticleState
    metadata: dict[str, Any]


class ArticleOut(ArticleTextOut):
    """``issue`` ends with wordings from the tenant's tickets, as far as they say something new.

    A merged article has the ``state`` ``archived``; ``merged_into`` is the article in its place.
    """

    id: str
    tenant: str
    version: int
    created_at: Time
    updated_at: Time
    merged_into: str | None = None

    @classmethod
    def of(cls, stored: StoredArticle) -> Self:
        return cls.model_validate(_article_fields(stored))

    @property
    def etag(self) -> str:
        """Identifies the answer: the version, which If-Match compares, then the wordings of tickets."""
        return f'"{self.version}.{_digest(self.tenant, rfc3339(self.created_at))}.{_digest(*self.issue)}"'

    @property
    def location(self) -> str:
        return f"/v1/articles/{quote(self.id, safe='')}"


class WrittenArticleOut(ArticleOut):
    revision: int

    @classmethod
    def written(cls, stored: StoredArticle, revision: int) -> Self:
        return cls.model_validate({**_article_fields(stored), "revision": revision})


class ArticlesOut(Out):
    articles: list[ArticleOut]
    next_cursor: str | None


class FlagOut(Out):
    """`tenant`, `kind` and `title` belong to the flagged solution; `title` is null if it was erased."""

    id: str
    solution_id: str
    tenant: str
    kind: SolutionKind | None
    title: str | None
    reason: str
    comment: str | None
    agent: str
    created_at: Time


class FlagsOut(Out):
    flags: list[FlagOut]
    next_cursor: str | None


class ArticleVersionOut(ArticleTextOut):
    """A former version. ``written_by`` names the credential; null if it is another tenant's or was not recorded."""

    version: int
    written_by: str | None
    written_at: Time

    @classmethod
    def of(cls, one: ArticleVersion) -> Self:
        own = {"version": one.version, "written_by": one.written_by, "written_at": one.written_at}
        return cls.model_validate({**_text_fields(one.article), **own})


class ArticleVersionsOut(Out):
    versions: list[ArticleVersionOut]
    next_cursor: str | None


class ProposalArticleOut(Out):
    id: str
    title: str
    tenant: str


class ProposalOut(Out):
    """Two articles that may be duplicates.

    ``likeness`` is the share of common words, ``shared`` sentences that both have, ``only_article`` and
    ``only_other`` words that only one of them has; a few of each.
    """

    article: ProposalArticleOut
    other: ProposalArticleOut
    likeness: float
    shared: list[str]
    only_article: list[str]
    only_other: list[str]

    @classmethod
    def of(cls, found: Proposed) -> Self:
        one, other = (
            ProposalArticleOut(id=stored.article.id, title=stored.article.title, tenant=stored.tenant)
            for stored in (found.article, found.other)
        )
        return cls(
            article=one,
            other=other,
            likeness=round(found.likeness, 4),
            shared=list(found.comparison.shared),
            only_article=list(found.comparison.only_one),
            only_other=list(found.comparison.only_other),
        )


class ProposalsOut(Out):
    """``complete`` is false while articles that changed recently have yet to be compared."""

    proposals: list[ProposalOut]
    complete: bool
    next_cursor: str | None


def same_version(one: str, other: str) -> bool:
    """Whether two ETags identify the same version of the same article, whatever the wordings of its tickets."""
    return one.strip('"').rpartition(".")[0] == other.strip('"').rpartition(".")[0]


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=5).hexdigest()


def _text_fields(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "issue": list(article.issue),
        "environment": list(article.environment),
        "cause": article.cause,
        "resolution": article.resolution,
        "tags": list(article.tags),
        "language": article.language,
        "audience": article.audience,
        "state": article.state,
        "metadata": dict(article.metadata),
    }


def _article_fields(stored: StoredArticle) -> dict[str, Any]:
    article = stored.article
    return {
        **_text_fields(article),
        "id": article.id,
        "issue": [*article.issue, *stored.wordings][: max(MOST_STATEMENTS, len(article.issue))],
        "state": article.state if stored.merged_into is None else ArticleState.ARCHIVED,
        "merged_into": stored.merged_into and stored.merged_into.id,
        "tenant": stored.tenant,
        "version": stored.version,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
    }
