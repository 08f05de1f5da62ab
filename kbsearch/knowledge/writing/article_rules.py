"""Who may change which article, and how."""

from __future__ import annotations

from dataclasses import replace

from kbsearch.errors import (
    Forbidden,
    NotFound,
)
from kbsearch.model import (
    Article,
    ArticleState,
    Scope,
    StoredArticle,
    TenantId,
    is_for_leads,
)
from kbsearch.store import articles
from kbsearch.store.port import Read
from kbsearch.text.language import guess_language

MERGED = "this article was merged into another one; change that one, or take the merge back first"


def check_role(before: StoredArticle | None, after: ArticleState | None, by_lead: bool) -> None:
    """Raises Forbidden where only a lead may change an article's state so."""
    old = before.article.state if before else None
    if by_lead or not is_for_leads(old, after):
        return
    if after == ArticleState.VALIDATED:
        raise Forbidden("only a lead may validate an article")
    raise Forbidden(
        "this article is validated: only a lead may delete it"
        if after is None
        else f"this article is validated: only a lead may make it {after}; send the state validated to keep it so"
    )


def find_own(tx: Read, tenant: TenantId, id: str) -> StoredArticle | None:
    found = articles.get(tx, Scope(tenant), id)
    return found if found is not None and found.tenant == tenant else None


def own_article(tx: Read, tenant: TenantId, id: str) -> StoredArticle:
    """Raises NotFound where the tenant sees no such article, Forbidden where it is shared."""
    found = articles.get(tx, Scope(tenant), id)
    if found is None:
        raise NotFound("article", id)
    if found.tenant != tenant:
        raise Forbidden("this article is shared; change it as tenant 'shared'")
    return found


def with_language(article: Article) -> Article:
    if article.language is not None:
        return article
    return replace(article, language=guess_language(f"{article.title}\n{article.resolution}"))
