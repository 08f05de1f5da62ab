"""Rows to store."""

from __future__ import annotations

import hashlib

import numpy as np

from kbsearch.model import (
    Article,
    ArticleState,
    DocumentKind,
    Field,
    IndexedDocument,
    IndexedPassage,
    Resolution,
    Scope,
    Source,
    TenantId,
    Ticket,
    WriteBackOutcome,
)
from kbsearch.store import articles, solutions, tickets
from kbsearch.text.term_counts import packed

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
ACMES, GLOBEXS = Scope(ACME), Scope(GLOBEX)


def digest(text):
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def make_article(id="printer", title="Printer offline", resolution="Restart the spooler", **other):
    return Article(id=id, title=title, resolution=resolution, **other)


def put_article(tx, tenant=ACME, id="printer", state=ArticleState.VALIDATED, **other):
    article = make_article(id=id, state=state, **other)
    return articles.put(tx, tenant, article, digest(article.resolution))


def put_ticket(tx, tenant=ACME, id="T-1", solution=None, text="Restarted the spooler", **other):
    outcome = WriteBackOutcome.LINKED if solution else WriteBackOutcome.NEEDS_REVIEW
    resolution = Resolution(text=text, **other)
    tickets.put(tx, tenant, id, Ticket("Printer offline", id=id), resolution, solution, outcome, digest(text))


def put_solution(tx, ref, title="Printer offline", text="Restarted the spooler"):
    solutions.put_from_ticket(tx, ref, Ticket(title), Resolution(text), digest(text), "en")


def make_document(
    tenant=ACME, id="T-1", kind=DocumentKind.TICKET, title="printer offline", issue="", resolution="", passages=1
):
    return IndexedDocument(
        source=Source(tenant, kind, id),
        terms=packed(title.split(), issue.split(), resolution.split()),
        surface=f"{title} {issue} {resolution}".strip(),
        length=len(f"{title} {issue} {resolution}".split()),
        passages=tuple(
            IndexedPassage(Field.ISSUE, f"{title} {number}", digest(f"{title} {number}"), vector(number))
            for number in range(passages)
        ),
    )


def vector(number):
    return np.full(4, number, "<f2").tobytes()
