"""Suggestions and search: from a ticket or a query to an answer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from kbsearch.knowledge.engine import Engine
from kbsearch.knowledge.retrieval import Found, Retrieved, retrieve
from kbsearch.model import (
    DocumentKind,
    Match,
    RankedSolution,
    Scope,
    SearchHit,
    Similar,
    SolutionRef,
    Suggestion,
    Ticket,
)
from kbsearch.ranking.cautions import cautions
from kbsearch.ranking.confidence import list_confidence, solution_confidence
from kbsearch.ranking.grouping import Candidate, Group, group
from kbsearch.ranking.verdict import verdict
from kbsearch.store import articles, documents, solutions, tenants, tickets
from kbsearch.store.database import Read
from kbsearch.text.language import guess_language
from kbsearch.text.words import parse_query, parse_ticket, words_found

_SNIPPET_CHARACTERS = 320
_TERMS_SHOWN = 8
_SEEN_DOCUMENTS = 200
_LEAST_CONFIDENCE = 0.05
"""Less likely solutions are not shown: an empty list is an answer."""


def rank(tx: Read, engine: Engine, scope: Scope, ticket: Ticket) -> tuple[list[Group], Retrieved]:
    """All solutions that anything speaks for, the best first."""
    text = ticket.text if not ticket.environment else f"{ticket.text}\n{', '.join(ticket.environment)}"
    retrieved = retrieve(tx, engine, scope, ticket.text, parse_ticket(text))
    found = retrieved.found[:_SEEN_DOCUMENTS]
    linked = _linked_solutions(tx, scope, found)
    candidates = [
        Candidate(linked[one.document], one.document, one.relevance, one.signals)
        for one in found
        if one.document in linked
    ]
    return group(candidates, solutions.many(tx, scope, list(linked.values()))), retrieved


def suggest(tx: Read, engine: Engine, scope: Scope, ticket: Ticket, limit: int, now: datetime) -> Suggestion:
    """At most ``limit`` solutions with a verdict."""
    groups, retrieved = rank(tx, engine, scope, ticket)
    likely = [(one, solution_confidence(one.best.signals, retrieved.readable)) for one in groups]
    shown = [(one, confidence) for one, confidence in likely if confidence >= _LEAST_CONFIDENCE][:limit]
    passages = documents.passages(tx, scope, [p for one, _ in shown if (p := _passage(one, retrieved)) is not None])
    ranked: list[RankedSolution] = []
    for place, (one, confidence) in enumerate(shown, start=1):
        passage = passages.get(_passage(one, retrieved) or -1)
        matches = (Match(passage.field, shorten(passage.text), _terms(passage.text, retrieved)),) if passage else ()
        ranked.append(
            RankedSolution(place, one.solution, confidence, one.score, matches, cautions(ticket, one.solution, now))
        )
    return Suggestion(
        id=uuid.uuid4().hex,
        verdict=verdict(ticket, ranked, list_confidence([c for _, c in shown]), language(ticket), now),
        solutions=tuple(ranked),
        revision=tenants.revision(tx, scope),
        model=engine.generation.model_id,
    )


def similar(tx: Read, engine: Engine, scope: Scope, ticket: Ticket, limit: int) -> tuple[Similar, ...]:
    """The likeliest solutions of a ticket, for the engineer who writes one back."""
    groups, retrieved = rank(tx, engine, scope, ticket)
    return tuple(
        Similar(one.solution.ref.id, one.solution.title, confidence)
        for one in groups[:limit]
        if (confidence := solution_confidence(one.best.signals, retrieved.readable)) >= _LEAST_CONFIDENCE
    )


def search(
    tx: Read, engine: Engine, scope: Scope, q: str, kind: DocumentKind | None, wanted_language: str | None, end: int
) -> list[SearchHit]:
    """The ``end`` best tickets and articles for a query, in one list."""
    retrieved = retrieve(tx, engine, scope, q, parse_query(q), kind)
    hits: list[SearchHit] = []
    for start in range(0, len(retrieved.found), _SEEN_DOCUMENTS):
        for hit in _search_hits(tx, scope, retrieved.found[start : start + _SEEN_DOCUMENTS]):
            if wanted_language is None or hit.language == wanted_language:
                hits.append(hit)
        if len(hits) >= end:
            break
    return hits[:end]


def language(ticket: Ticket) -> str:
    """The ticket's language as stated, else as its letters tell."""
    return ticket.language or guess_language(ticket.text)


def shorten(text: str, characters: int = _SNIPPET_CHARACTERS) -> str:
    """A text of at most so many characters, cut between words and marked where it was."""
    text = " ".join(text.split())
    if len(text) <= characters:
        return text
    return text[: characters - 2].rsplit(" ", 1)[0] + " …"


def _linked_solutions(tx: Read, scope: Scope, found: Sequence[Found]) -> dict[int, SolutionRef]:
    linked: dict[int, SolutionRef] = {}
    for tenant in scope.tenants:
        ids = [one.source.id for one in found if one.source.kind == DocumentKind.TICKET and one.source.tenant == tenant]
        resolved = tickets.many(tx, tenant, ids)
        for one in found:
            if one.source.tenant != tenant:
                continue
            if one.source.kind == DocumentKind.ARTICLE:
                linked[one.document] = SolutionRef(tenant, one.source.id)
            elif (ticket := resolved.get(one.source.id)) and ticket.solution:
                linked[one.document] = ticket.solution
    return linked


def _search_hits(tx: Read, scope: Scope, found: Sequence[Found]) -> list[SearchHit]:
    passages = documents.passages(tx, scope, [one.passage for one in found if one.passage is not None])
    hits: list[SearchHit] = []
    for one in found:
        source = one.source
        passage = passages.get(one.passage) if one.passage is not None else None
        snippet = shorten(passage.text) if passage else ""
        if source.kind == DocumentKind.TICKET:
            ticket = tickets.get(tx, source.tenant, source.id)
            if ticket is not None:
                hits.append(
                    SearchHit(
                        source.kind, source.id, source.tenant, ticket.ticket.subject, snippet, ticket.resolution.text,
                        ticket.solution and ticket.solution.id, one.relevance, ticket.ticket.language,
                        ticket.resolution.resolved_at,
                    )
                )  # fmt: skip
            continue
        stored = articles.get(tx, scope, source.id)
        if stored is not None and stored.tenant == source.tenant:  # else the tenant has its own edition
            hits.append(
                SearchHit(
                    source.kind, source.id, source.tenant, stored.article.title, snippet, stored.article.resolution,
                    source.id, one.relevance, stored.article.language, stored.updated_at,
                )
            )  # fmt: skip
    return hits


def _passage(one: Group, retrieved: Retrieved) -> int | None:
    return next((found.passage for found in retrieved.found if found.document == one.best.key), None)


def _terms(text: str, retrieved: Retrieved) -> tuple[str, ...]:
    """Words of the passage that the query has too, the rarest first."""
    weights = retrieved.query.weights
    words = list(words_found(text, frozenset(weights)))
    return tuple(words[:_TERMS_SHOWN])
