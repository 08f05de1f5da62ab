"""Wordings of an article's issue, from the tenant's tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kbsearch.model import (
    Article,
    Scope,
    StoredArticle,
    TenantId,
)
from kbsearch.store import articles, tickets
from kbsearch.store.port import Read
from kbsearch.text.wordings import distinct_wordings, wording

_TICKETS_CONSIDERED = 50


def with_wordings(tx: Read, scope: Scope, stored: StoredArticle) -> StoredArticle:
    return all_with_wordings(tx, scope, [stored])[0]


def all_with_wordings(tx: Read, scope: Scope, stored: Sequence[StoredArticle]) -> list[StoredArticle]:
    """Articles with wordings from the scope's own tickets, never from another tenant's."""
    latest = tickets.latest_of(tx, scope.tenant, [articles.ref(one) for one in stored], _TICKETS_CONSIDERED)
    found: list[StoredArticle] = []
    for one in stored:
        reported = [wording(subject, description) for subject, description in latest[articles.ref(one)]]
        known = (one.article.title, *one.article.issue)
        found.append(replace(one, wordings=distinct_wordings(known, reported)))
    return found


def without_wordings(tx: Read, tenant: TenantId, article: Article) -> Article:
    """Without those issue statements that are its tickets' wordings: who writes back what he read adds nothing.

    All wordings of its latest tickets count, not only those shown now: other tickets may have come in between.
    """
    before = articles.get(tx, Scope(tenant), article.id)  # a shared one, too: its wordings enter no new edition
    if before is None:
        return article
    ref = articles.ref(before)
    latest = tickets.latest_of(tx, tenant, [ref], _TICKETS_CONSIDERED)[ref]
    wordings = {wording(subject, description) for subject, description in latest}.difference(before.article.issue)
    return replace(article, issue=tuple(statement for statement in article.issue if statement not in wordings))
