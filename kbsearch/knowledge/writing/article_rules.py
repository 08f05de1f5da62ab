"""Who may change which article, and how."""

from __future__ import annotations

from dataclasses import replace

from kbsearch.errors import (
    Forbidden,
    NotFound,
)
from kbsearch.model import (
    SHARED,
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
_NOT_IN_USE = (ArticleState.WIP, ArticleState.ARCHIVED)


def check_role(
    tx: Read, tenant: TenantId, id: str, own: StoredArticle | None, after: ArticleState | None, by_lead: bool
) -> None:
    """Raises Forbidden where only a lead may change an article's state so.

    An edition that is archived, or a draft, takes the shared article of its id away from the tenant.

    Args:
        tx: a view of the store.
        tenant: whose article it is.
        id: the article's.
        own: the tenant's article before the change.
        after: its state after the change; None where it is deleted.
        by_lead: whether a lead makes the change.
    """
    before = own.article.state if own else None
    if by_lead or before == after:
        return
    if is_for_leads(before, after):
        if after == ArticleState.VALIDATED:
            raise Forbidden("only a lead may validate an article")
        raise Forbidden(
            "this article is validated: only a lead may delete it"
            if after is None
            else f"this article is validated: only a lead may make it {after}; send the state validated to keep it so"
        )
    if after in _NOT_IN_USE and _is_shared_and_validated(tx, tenant, id):
        raise Forbidden(f"the shared article of this id is validated: only a lead may add an edition that is {after}")


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


def _is_shared_and_validated(tx: Read, tenant: TenantId, id: str) -> bool:
    shared = None if tenant == SHARED else articles.get(tx, Scope(SHARED), id)
    return shared is not None and shared.merged_into is None and shared.article.state == ArticleState.VALIDATED
