"""Erasing: a ticket or an article is gone from every answer at once, and from every file soon after (see purging)."""

from __future__ import annotations

from dataclasses import dataclass

from kbsearch.errors import NotFound
from kbsearch.knowledge.writing.linking import rebuild_solution
from kbsearch.model import ArticleState, DocumentKind, Scope, SolutionRef, Source, TenantId
from kbsearch.store import articles, documents, drafts, feedback, purges, tickets, versions
from kbsearch.store.port import Write


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased with a ticket, and what somebody should look at.

    Attributes:
        drafts: the ids of the drafts that were begun with its text and were still being worked on: erased as well.
        articles_to_review: the ids of articles that were begun with its text and have been finished since: they stay.
    """

    drafts: tuple[str, ...] = ()
    articles_to_review: tuple[str, ...] = ()


def erase_ticket(tx: Write, tenant: TenantId, id: str) -> Erased:
    """Erase a ticket with all that was made of it. A solution that it formed is rebuilt from others or removed.

    Raises:
        NotFound: nothing is stored of such a ticket, no suggestion for it and no draft that was begun with it either.
    """
    found = tickets.get(tx, tenant, id)
    begun = drafts.begun_with(tx, tenant, [id, *feedback.shown_for(tx, tenant, id)])
    if not tickets.erase(tx, tenant, id):
        raise NotFound("ticket", id)
    erased: list[str] = []
    finished: list[str] = []
    for ref in begun:
        for whose in {tenant, ref.tenant}:
            versions.drop(tx, SolutionRef(whose, ref.id))  # the ticket's words stand in these too
        article = articles.get(tx, Scope(ref.tenant), ref.id)
        if article is not None and article.tenant == ref.tenant:
            is_draft = ref.tenant == tenant and article.article.state == ArticleState.WIP
            (erased if is_draft else finished).append(ref.id)
    for article_id in erased:
        erase_article(tx, tenant, article_id)
    if found is not None and found.solution is not None:
        rebuild_solution(tx, found.solution)
    documents.erase(tx, Source(tenant, DocumentKind.TICKET, id))
    purges.ask(tx, tenant)
    return Erased(tuple(erased), tuple(finished))


def erase_article(tx: Write, tenant: TenantId, id: str) -> None:
    """Erase an article of the tenant. Its tickets stay, without a solution."""
    articles.delete(tx, tenant, id)
    documents.erase(tx, Source(tenant, DocumentKind.ARTICLE, id))
    purges.ask(tx, tenant)
