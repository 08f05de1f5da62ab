"""Suggestions and search: from a ticket or a query to an answer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kbsearch.index.lexical import LexicalQuery
from kbsearch.knowledge.engine import Engine
from kbsearch.knowledge.retrieval import Found, LookUp, ask, look_up
from kbsearch.model import (
    DocumentKind,
    Match,
    RankedSolution,
    ResolvedTicket,
    Scope,
    SearchHit,
    Similar,
    SolutionRef,
    Source,
    Suggestion,
    Ticket,
)
from kbsearch.model.stages import Stages
from kbsearch.ranking.cautions import cautions
from kbsearch.ranking.confidence import READ, list_confidence
from kbsearch.ranking.grouping import Group, group
from kbsearch.ranking.signals import Candidate
from kbsearch.ranking.verdict import NEW_BELOW, verdict
from kbsearch.store import articles, documents, solutions, tenants, tickets
from kbsearch.store.database import Read
from kbsearch.text.language import guess_language
from kbsearch.text.words import Query, parse_query, parse_ticket, terms, words_found

_SNIPPET_CHARACTERS = 320
_TERMS_SHOWN = 8
_TELLING_SHARE = 0.3
_SEEN_DOCUMENTS = 60
_WIDER, _WIDEST = 4, 64
_LEAST_CONFIDENCE = 0.01


@dataclass(frozen=True, slots=True)
class Ranked:
    """Solutions, the best first, with the documents that speak for them and what was looked up."""

    groups: list[Group]
    found: tuple[Found, ...]
    query: LexicalQuery


def rank(tx: Read, engine: Engine, scope: Scope, ticket: Ticket, stages: Stages | None = None) -> Ranked:
    """All solutions that anything speaks for."""
    stages = stages or Stages()
    with stages.timed("analysis"):
        asked = ask(engine, ticket.text)
        query = parsed(ticket)
    with stages.timed("store"):
        learned = engine.learned.of(tx, scope.tenant)
    looked = look_up(tx, engine, scope, asked, query, stages, matrix=learned.matrix)
    found = spoken_for(tx, engine, looked, looked.candidates, stages)
    candidates = candidates_of(found)
    with stages.timed("store"):
        standings = solutions.standings(tx, scope, [one.solution for one in candidates])
    with stages.timed("ranking"):
        groups = group(candidates, standings, learned.weights, looked.query.coverage)
    return Ranked(groups, tuple(found), looked.query)


def parsed(ticket: Ticket) -> Query:
    """What is looked up for a ticket."""
    return parse_ticket(ticket.subject, "\n".join((ticket.description, *ticket.environment)))


def spoken_for(tx: Read, engine: Engine, looked: LookUp, documents_asked: Sequence[int], stages: Stages) -> list[Found]:
    """These documents, and the articles that the tickets among them were solved with."""
    found = looked.found(tx, documents_asked, stages, issues=True)
    with stages.timed("store"):
        there = {one.solution for one in found if one.source.kind == DocumentKind.ARTICLE}
        missing = {one.solution for one in found if one.solution is not None} - there
        articles_missing = documents.of_articles(tx, engine.generation.id, list(missing))
    return [*found, *looked.found(tx, articles_missing, stages)] if articles_missing else found


def candidates_of(found: Sequence[Found]) -> list[Candidate]:
    """The documents that speak for a solution, as ranking takes them."""
    return [
        Candidate(one.solution, one.document, one.relevance, one.signals, one.source.kind == DocumentKind.TICKET)
        for one in found
        if one.solution
    ]


def suggest(
    tx: Read, engine: Engine, scope: Scope, ticket: Ticket, limit: int, now: datetime, stages: Stages
) -> Suggestion:
    """At most ``limit`` solutions with a verdict."""
    answer = rank(tx, engine, scope, ticket, stages)
    shown = [one for one in answer.groups[:limit] if one.confidence >= _LEAST_CONFIDENCE]
    sure = list_confidence([one.confidence for one in answer.groups[:READ]])
    if sure < NEW_BELOW:
        shown = []  # nothing good enough: an empty list is an answer
    else:
        sure = list_confidence([one.confidence for one in shown])
    with stages.timed("store"):
        best = {found.document: found.passage for found in answer.found if found.passage is not None}
        passages = documents.passages(tx, scope, [best[one.best.key] for one in shown if one.best.key in best])
        whole = solutions.many(tx, scope, [one.ref for one in shown])
        revision = tenants.revision(tx, scope)
    with stages.timed("explanation"):
        ranked: list[RankedSolution] = []
        for place, one in enumerate(shown, start=1):
            solution, passage = whole[one.ref], passages.get(best.get(one.best.key, -1))
            words = _terms(passage.text, answer.query) if passage else ()
            matches = (Match(passage.field, shorten(passage.text), words),) if passage else ()
            doubts = cautions(ticket, solution, now)
            ranked.append(RankedSolution(place, solution, one.confidence, one.score, matches, doubts))
        return Suggestion(
            id=uuid.uuid4().hex,
            verdict=verdict(ticket, ranked, sure, language(ticket), now),
            solutions=tuple(ranked),
            revision=revision,
            model=engine.generation.model_id,
        )


def similar(tx: Read, engine: Engine, scope: Scope, ticket: Ticket, limit: int) -> tuple[Similar, ...]:
    """The likeliest solutions of a ticket, for the engineer who writes one back."""
    likely = rank(tx, engine, scope, ticket).groups[:limit]
    whole = solutions.many(tx, scope, [one.ref for one in likely])
    return tuple(
        Similar(one.ref.id, whole[one.ref].title, one.confidence)
        for one in likely
        if one.confidence >= _LEAST_CONFIDENCE
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
        asked = ask(engine, q)
        query = parse_query(q)
    hits: list[SearchHit] = []
    seen: set[int] = set()
    breadth = 1
    while True:
        looked = look_up(tx, engine, scope, asked, query, stages, breadth)
        fresh = [one for one in looked.found(tx, looked.candidates, stages) if one.document not in seen]
        seen |= {one.document for one in fresh}
        found = [one for one in fresh if kind is None or one.source.kind == kind]
        for start in range(0, len(found), _SEEN_DOCUMENTS):
            with stages.timed("store"):
                read = _search_hits(tx, scope, found[start : start + _SEEN_DOCUMENTS])
            for hit in read:
                if wanted_language is None or _primary(hit.language) == _primary(wanted_language):
                    hits.append(hit)
            if len(hits) >= end:
                return hits[:end]
        if not fresh or breadth >= _WIDEST:
            return hits
        breadth *= _WIDER


def language(ticket: Ticket) -> str:
    """The ticket's language as stated, else as its letters tell."""
    return ticket.language or guess_language(ticket.text)


def shorten(text: str, characters: int = _SNIPPET_CHARACTERS) -> str:
    """A text of at most so many characters, cut between words and marked where it was."""
    text = " ".join(text.split())
    if len(text) <= characters:
        return text
    return text[: characters - 2].rsplit(" ", 1)[0] + " …"


def _primary(language: str | None) -> str:
    """``bg`` of ``bg-BG``."""
    return (language or "").partition("-")[0]


def _search_hits(tx: Read, scope: Scope, found: Sequence[Found]) -> list[SearchHit]:
    passages = documents.passages(tx, scope, [one.passage for one in found if one.passage is not None])
    resolved = _resolved(tx, scope, found)
    ids = [one.source.id for one in found if one.source.kind == DocumentKind.ARTICLE]
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
        elif (article := stored.get(SolutionRef(source.tenant, source.id))) and source.kind == DocumentKind.ARTICLE:
            hits.append(
                SearchHit(
                    source.kind, source.id, source.tenant, article.article.title, snippet, article.article.resolution,
                    source.id, one.relevance, article.article.language, article.updated_at,
                )
            )  # fmt: skip
    return hits


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


def _terms(text: str, query: LexicalQuery) -> tuple[str, ...]:
    """Words of the passage that the query has too, the rarest first; everyday words are left out."""
    weights = query.weights
    if not weights:
        return ()
    telling = {term: weight for term, weight in weights.items() if weight >= max(weights.values()) * _TELLING_SHARE}
    words = words_found(text, frozenset(telling))
    rarity = {word: max(telling.get(term, 0.0) for term in terms(word)) for word in words}
    return tuple(sorted(rarity, key=lambda word: -rarity[word])[:_TERMS_SHOWN])
