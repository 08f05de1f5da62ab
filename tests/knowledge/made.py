"""What is written into a knowledge base, and what is read from it."""

from __future__ import annotations

from dataclasses import replace

from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import SHARED, Article, ArticleState, Resolution, Scope, SearchHit, Suggestion, TenantId, Ticket

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
ACMES, GLOBEXS = Scope(ACME), Scope(GLOBEX)
TENANTS = (ACME, GLOBEX, SHARED)


def resolved(id="T-1", subject="Printer offline", fix="Restarted the print spooler service", ticket=None, **resolution):
    return ResolvedTicketIn(id, Ticket(subject, **(ticket or {})), Resolution(fix, **resolution))


def resolve(kb: KnowledgeBase, id="T-1", *text, tenant=ACME, **other):
    return kb.tickets.resolve(tenant, resolved(id, *text, **other))


def put(kb: KnowledgeBase, id="printer", title="Printer offline", fix="Restart the spooler", tenant=ACME, **other):
    other.setdefault("state", ArticleState.VALIDATED)
    return kb.articles.put(tenant, Article(id=id, title=title, resolution=fix, **other))


def suggest(kb: KnowledgeBase, text="Printer offline", scope=ACMES, **ticket) -> Suggestion:
    return kb.suggest(scope, Ticket(text, **ticket))


def suggested(kb: KnowledgeBase, text="Printer offline", scope=ACMES):
    """The ids of the solutions suggested, the best first."""
    return [one.solution.ref.id for one in suggest(kb, text, scope).solutions]


def hits(kb: KnowledgeBase, q, scope=ACMES, **other) -> list[SearchHit]:
    return kb.search(scope, q, **{"limit": 100} | other)[0]


def found(kb: KnowledgeBase, q, scope=ACMES, **other):
    """The ids of the tickets and articles found, the best first."""
    return [hit.id for hit in hits(kb, q, scope, **other)]


QUERIES = (
    "Printer offline",
    "vpn drops every hour",
    "mailbox is full",
    "restart the spooler",
    "грешка 0x80070005 при печат",
    "printera ne raboti",
    "",
)


def said(kb: KnowledgeBase, word, scope=ACMES):
    """The ids of the tickets and articles in which a word stands."""
    return sorted(found(kb, f'"{word}"', scope))


def ranked(kb: KnowledgeBase, text, scope=ACMES):
    """All solutions that anything speaks for: (id, score), the best first."""
    return [(one.ref.id, one.score) for one in kb.rank(scope, Ticket(text))]


def answers(kb: KnowledgeBase, scope: Scope):
    """All that can be asked of a knowledge base, ids of suggestions left out."""
    return [
        (
            query,
            ranked(kb, query, scope),
            replace(kb.suggest(scope, Ticket(query), limit=50), id="", model=""),
            kb.search(scope, query, limit=100),
        )
        for query in QUERIES
    ]
