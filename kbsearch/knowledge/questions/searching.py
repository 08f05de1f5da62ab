"""Search: from a query to hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.questions import trade_words, wording
from kbsearch.knowledge.questions.ranked_solutions import WIDER, WIDEST
from kbsearch.knowledge.questions.retrieval import (
    Found,
    ask,
    look_up,
)
from kbsearch.model import (
    ArticleState,
    DocumentKind,
    ResolvedTicket,
    Scope,
    SearchHit,
    SolutionRef,
    Source,
    StoredArticle,
    TenantId,
)
from kbsearch.model.stages import Stages
from kbsearch.ranking.explanation import shorten
from kbsearch.store import articles, solutions, tickets
from kbsearch.store import passages as stored_passages
from kbsearch.store.port import Read
from kbsearch.text.language import same_language

_SEEN_DOCUMENTS = 60


def search(
    tx: Read,
    engine: Engine,
    scope: Scope,
    q: str,
    kind: DocumentKind | None,
    wanted_language: str | None,
    end: int,
    stages: Stages,
    since: datetime | None = None,
) -> list[SearchHit]:
    """The ``end`` best tickets and articles for a query, in one list.

    Candidates are widened until enough pass the filters, or there are no more. Results of a wider
    search follow those of a narrower one, so that pages never overlap.
    """
    with stages.timed("analysis"):
        said = wording.of_query(engine.index.vocabulary(scope), q, trade_words.of_scope(tx, scope))
        asked = ask(engine, scope, said.text)
    hits: list[SearchHit] = []
    seen: set[int] = set()
    shown: set[tuple[DocumentKind, TenantId, str]] = set()
    breadth = 1
    while True:
        looked = look_up(tx, engine, scope, asked, said.query, said.language, stages, breadth)
        fresh = [one for one in looked.found(tx, looked.candidates, stages) if one.document not in seen]
        seen |= {one.document for one in fresh}
        found = [one for one in fresh if kind is None or one.source.kind == kind]
        for start in range(0, len(found), _SEEN_DOCUMENTS):
            with stages.timed("store"):
                read = _search_hits(tx, scope, found[start : start + _SEEN_DOCUMENTS])
            for hit in read:
                key = (hit.kind, hit.tenant, hit.id)  # an article may be found by what was merged into it too
                fits = wanted_language is None or same_language(hit.language, wanted_language)
                if key not in shown and fits and (since is None or (hit.when is not None and hit.when >= since)):
                    shown.add(key)
                    hits.append(hit)
            if len(hits) >= end:
                return hits[:end]
        if not fresh or breadth >= WIDEST:
            return hits
        breadth *= WIDER


def _search_hits(tx: Read, scope: Scope, found: Sequence[Found]) -> list[SearchHit]:
    passages = stored_passages.passages(tx, scope, [one.passage for one in found if one.passage is not None])
    resolved = _resolved(tx, scope, found)
    archived = solutions.archived(tx, scope, {one.solution for one in resolved.values() if one.solution is not None})
    ids = [one.solution.id for one in found if one.solution and one.source.kind == DocumentKind.ARTICLE]
    stored = articles.many(tx, scope, ids)
    hits: list[SearchHit] = []
    for one in found:
        source = one.source
        passage = passages.get(one.passage) if one.passage is not None else None
        snippet = shorten(passage.text) if passage else ""
        if source in resolved:
            ticket = resolved[source]
            if ticket.solution in archived:
                continue
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
