"""Suggestions and search: from a ticket or a query to an answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from kbsearch.knowledge import wording
from kbsearch.knowledge.engine import Engine
from kbsearch.knowledge.retrieval import Found, Retrieved, ask, retrieve
from kbsearch.model import (
    ArticleState,
    DocumentKind,
    RankedSolution,
    ResolvedTicket,
    Scope,
    SearchHit,
    Similar,
    SolutionRef,
    Source,
    StoredArticle,
    Suggestion,
    TenantId,
    Ticket,
)
from kbsearch.model.stages import Stages
from kbsearch.ranking.cautions import cautions
from kbsearch.ranking.confidence import confidences, list_confidence
from kbsearch.ranking.explanation import matches, shorten
from kbsearch.ranking.grouping import Candidate, Group, group
from kbsearch.ranking.languages import with_language
from kbsearch.ranking.verdict import NEW_BELOW, verdict
from kbsearch.store import articles, documents, solutions, tenants, tickets
from kbsearch.store.database import Read
from kbsearch.text.language import same_language

_SEEN_DOCUMENTS = 60
_FEWEST_SOLUTIONS = 5
_WIDER, _WIDEST = 4, 64
_LEAST_CONFIDENCE = 0.01


def rank(
    tx: Read, engine: Engine, scope: Scope, ticket: Ticket, stages: Stages | None = None
) -> tuple[list[Group], Retrieved]:
    """All solutions that anything speaks for, the best first."""
    stages = stages or Stages()
    with stages.timed("analysis"):
        said = wording.of_ticket(engine.lexical.view(scope), ticket)
        asked = ask(engine, said.text)
    retrieved = retrieve(tx, engine, scope, asked, said.query, said.language, stages, most=_SEEN_DOCUMENTS)
    breadth = 1
    # Many tickets of one fix must not crowd the other solutions out.
    while _crowded(retrieved, _SEEN_DOCUMENTS * breadth) and breadth < _WIDEST:
        breadth *= _WIDER
        most = _SEEN_DOCUMENTS * breadth
        retrieved = retrieve(tx, engine, scope, asked, said.query, said.language, stages, breadth, most)
    candidates = [
        Candidate(one.solution, one.document, one.relevance, one.signals) for one in retrieved.found if one.solution
    ]
    with stages.timed("store"):
        standings = solutions.standings(tx, scope, [one.solution for one in candidates])
    with stages.timed("ranking"):
        return group(candidates, standings), retrieved


def _crowded(retrieved: Retrieved, most: int) -> bool:
    """Whether as many documents were found as were wanted, but they speak for a few solutions only."""
    solutions_found = {one.solution for one in retrieved.found}
    return len(retrieved.found) >= most and len(solutions_found) < _FEWEST_SOLUTIONS


def suggest(
    tx: Read, engine: Engine, scope: Scope, ticket: Ticket, limit: int, now: datetime, stages: Stages
) -> Suggestion:
    """At most ``limit`` solutions with a verdict."""
    groups, retrieved = rank(tx, engine, scope, ticket, stages)
    likely = [(one, confidence) for one, confidence in _with_confidence(groups) if confidence >= _LEAST_CONFIDENCE]
    shown = likely[:limit]
    sure = list_confidence([confidence for _, confidence in likely])
    if sure < NEW_BELOW:
        shown = []  # nothing good enough: an empty list is an answer
    else:
        sure = list_confidence([confidence for _, confidence in shown])
    with stages.timed("store"):
        best = {found.document: found.passage for found in retrieved.found if found.passage is not None}
        passages = documents.passages_of(tx, scope, [one.best.key for one, _ in shown])
        whole = solutions.many(tx, scope, [one.ref for one, _ in shown])
        revision = tenants.revision(tx, scope)
    with stages.timed("explanation"):
        spoken = ticket.language or retrieved.language
        brought = retrieved.matching.contributions([one.best.key for one, _ in shown])
        ranked: list[RankedSolution] = []
        for place, (one, confidence) in enumerate(shown, start=1):
            solution, document = whole[one.ref], one.best.key
            read = passages.get(document, [])
            nearest = next((at for at, passage in enumerate(read) if passage.id == best.get(document)), None)
            texts = [(passage.field, passage.text) for passage in read]
            shown_parts = matches(solution.title, texts, nearest, brought.get(document, {}))
            doubts = cautions(ticket, solution, now, spoken)
            ranked.append(RankedSolution(place, solution, confidence, one.score, shown_parts, doubts))
        judged = verdict(ticket, ranked, sure, spoken, now)
        return Suggestion(
            id=uuid.uuid4().hex,
            verdict=with_language(judged, ranked[0].solution if ranked else None, spoken),
            solutions=tuple(ranked),
            revision=revision,
            model=engine.generation.model_id,
        )


def similar(tx: Read, engine: Engine, scope: Scope, ticket: Ticket, limit: int) -> tuple[Similar, ...]:
    """The likeliest solutions of a ticket, for the engineer who writes one back."""
    groups, _ = rank(tx, engine, scope, ticket)
    likely = [(one.ref, confidence) for one, confidence in _with_confidence(groups)[:limit]]
    whole = solutions.many(tx, scope, [ref for ref, _ in likely])
    return tuple(
        Similar(ref.id, whole[ref].title, confidence) for ref, confidence in likely if confidence >= _LEAST_CONFIDENCE
    )


def search(
    tx: Read,
    engine: Engine,
    scope: Scope,
    q: str,
    kind: DocumentKind | None,
    wanted_language: str | None,
    end: int,
    stages: Stages,
) -> list[SearchHit]:
    """The ``end`` best tickets and articles for a query, in one list.

    Candidates are widened until enough pass the filters, or there are no more. What a wider search finds
    comes behind what a narrower one did, so that pages never overlap.
    """
    with stages.timed("analysis"):
        said = wording.of_query(engine.lexical.view(scope), q)
        asked = ask(engine, said.text)
    hits: list[SearchHit] = []
    seen: set[int] = set()
    shown: set[tuple[DocumentKind, TenantId, str]] = set()
    breadth = 1
    while True:
        retrieved = retrieve(tx, engine, scope, asked, said.query, said.language, stages, breadth)
        fresh = [one for one in retrieved.found if one.document not in seen]
        seen |= {one.document for one in fresh}
        found = [one for one in fresh if kind is None or one.source.kind == kind]
        for start in range(0, len(found), _SEEN_DOCUMENTS):
            with stages.timed("store"):
                read = _search_hits(tx, scope, found[start : start + _SEEN_DOCUMENTS])
            for hit in read:
                key = (hit.kind, hit.tenant, hit.id)  # an article may be found by what was merged into it too
                if key not in shown and (wanted_language is None or same_language(hit.language, wanted_language)):
                    shown.add(key)
                    hits.append(hit)
            if len(hits) >= end:
                return hits[:end]
        if not fresh or breadth >= _WIDEST:
            return hits
        breadth *= _WIDER


def _with_confidence(groups: list[Group]) -> list[tuple[Group, float]]:
    return list(zip(groups, confidences([one.best.relevance for one in groups]), strict=True))


def _search_hits(tx: Read, scope: Scope, found: Sequence[Found]) -> list[SearchHit]:
    passages = documents.passages(tx, scope, [one.passage for one in found if one.passage is not None])
    resolved = _resolved(tx, scope, found)
    ids = [one.solution.id for one in found if one.solution and one.source.kind == DocumentKind.ARTICLE]
    stored = articles.many(tx, scope, ids)
    hits: list[SearchHit] = []
    for one in found:
        source = one.source
        passage = passages.get(one.passage) if one.passage is not None else None
        snippet = shorten(passage.text) if passage else ""
        if source in resolved:
            ticket = resolved[source]
            hits.append(
                SearchHit(
                    source.kind, source.id, source.tenant, ticket.ticket.subject, snippet, ticket.resolution.text,
                    ticket.solution and ticket.solution.id, one.relevance, ticket.ticket.language,
                    ticket.resolution.resolved_at,
                )
            )  # fmt: skip
        elif source.kind == DocumentKind.ARTICLE and (article := _shown(stored, one.solution)):
            # What was merged into another one leads to that.
            hits.append(
                SearchHit(
                    source.kind, article.article.id, article.tenant, article.article.title, snippet,
                    article.article.resolution, article.article.id, one.relevance, article.article.language,
                    article.updated_at,
                )
            )  # fmt: skip
    return hits


def _shown(stored: Mapping[SolutionRef, StoredArticle], ref: SolutionRef | None) -> StoredArticle | None:
    article = stored.get(ref) if ref is not None else None
    return article if article is not None and article.article.state != ArticleState.ARCHIVED else None


def _resolved(tx: Read, scope: Scope, found: Sequence[Found]) -> dict[Source, ResolvedTicket]:
    """The tickets among what was found."""
    resolved: dict[Source, ResolvedTicket] = {}
    for tenant in scope.tenants:
        sources = {
            one.source.id: one.source
            for one in found
            if one.source.kind == DocumentKind.TICKET and one.source.tenant == tenant
        }
        resolved |= {sources[id]: ticket for id, ticket in tickets.many(tx, tenant, list(sources)).items()}
    return resolved
