"""Suggestions and search: from a ticket or a query to an answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kbsearch.knowledge.indexing import boilerplate
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.questions import wording
from kbsearch.knowledge.questions.retrieval import (
    LEXICAL_CANDIDATES,
    EmbeddedQuery,
    Found,
    Retrieval,
    ask,
    asked_with,
    look_up,
)
from kbsearch.knowledge.questions.suggestion_log import new_id
from kbsearch.model import (
    ArticleState,
    DocumentKind,
    Field,
    IndexedDocument,
    RankedSolution,
    ResolvedTicket,
    Scope,
    SearchHit,
    Similar,
    Solution,
    SolutionRef,
    Source,
    Standing,
    StoredArticle,
    Suggestion,
    TenantId,
    Ticket,
)
from kbsearch.model.stages import Stages
from kbsearch.ranking.cautions import Doubt, cautions, doubts
from kbsearch.ranking.confidence import NEW_BELOW, READ, list_confidence
from kbsearch.ranking.earlier_mail import of_earlier_mail
from kbsearch.ranking.explanation import matches, shorten
from kbsearch.ranking.grouping import Group, group
from kbsearch.ranking.languages import with_language
from kbsearch.ranking.own_words import UNLIKE, Question
from kbsearch.ranking.signals import Candidate
from kbsearch.ranking.verdict import verdict
from kbsearch.ranking.weights import RankingWeights
from kbsearch.store import articles, documents, evidence, solutions, tenants, tickets
from kbsearch.store.port import Read
from kbsearch.text import intake
from kbsearch.text.error_codes import error_codes
from kbsearch.text.language import same_language
from kbsearch.text.telling import telling_words

_SEEN_DOCUMENTS = 60
_MOST_DOCUMENTS = 100
"""So many are read from the store, the likeliest by meaning and words."""
_SIMILAR_DOCUMENTS = 30
"""As many for the engineer who writes back, who is shown a few solutions only."""
_READ_DOCUMENTS = 20
"""Of so many, the most relevant, the title and the nearest statement are compared with the question."""
_FEWEST_SOLUTIONS = 5
_WIDER, _WIDEST = 4, 64
_LEAST_CONFIDENCE = 0.001


@dataclass(frozen=True, slots=True)
class Ranked:
    """Solutions, the best first, with the documents that speak for them and what was looked up."""

    groups: list[Group]
    found: tuple[Found, ...]
    looked: Retrieval
    standings: Mapping[SolutionRef, Standing]
    weights: RankingWeights

    def without(self, refs: Collection[SolutionRef]) -> list[Group]:
        """The groups as if these solutions were not there."""
        candidates = [one for group in self.groups if group.ref not in refs for one in group.candidates]
        return group(candidates, self.standings, self.weights, self.looked.familiarity)


def rank(
    tx: Read,
    engine: Engine,
    scope: Scope,
    ticket: Ticket,
    stages: Stages | None = None,
    other_than: Source | None = None,
) -> Ranked:
    """All solutions that anything speaks for. ``other_than``: what the index has of this one does not count."""
    stages = stages or Stages()
    with stages.timed("analysis"):
        ticket = intake.said(ticket, boilerplate.of_tenant(tx, scope.tenant)).ticket
    return _rank_said(tx, engine, scope, ticket, stages, other_than)


def _rank_said(
    tx: Read, engine: Engine, scope: Scope, ticket: Ticket, stages: Stages, other_than: Source | None
) -> Ranked:
    with stages.timed("analysis"):
        said = wording.of_ticket(engine.index.vocabulary(scope), ticket)
        asked = ask(engine, scope, said.text)
    return _ranked(tx, engine, scope, said, asked, stages, _MOST_DOCUMENTS, other_than)


def _ranked(
    tx: Read,
    engine: Engine,
    scope: Scope,
    said: wording.Wording,
    asked: EmbeddedQuery,
    stages: Stages,
    most: int,
    other_than: Source | None = None,
) -> Ranked:
    with stages.timed("store"):
        learned = engine.learned.of(tx, scope.tenant)
    breadth = 1
    looked = look_up(tx, engine, scope, asked, said.query, said.language, stages, breadth, learned.matrix)
    found = supporting_documents(tx, engine, looked, looked.candidates, stages, most)
    is_crowded = len(found) >= min(most, LEXICAL_CANDIDATES)
    while is_crowded and breadth < _WIDEST and len(refs := {one.solution for one in found}) < _FEWEST_SOLUTIONS:
        # Many tickets of a few fixes must not crowd the other solutions out: further off, only others are looked at.
        breadth *= _WIDER
        seen = set(looked.candidates)
        looked = look_up(tx, engine, scope, asked, said.query, said.language, stages, breadth, learned.matrix)
        further = [one for one in looked.candidates if one not in seen]
        is_crowded = bool(further)
        with stages.timed("store"):
            others = documents.of_others(tx, scope, further, [ref for ref in refs if ref is not None])
        found += supporting_documents(tx, engine, looked, others, stages, most)
    found = [one for one in found if one.source != other_than]
    candidates = candidates_of(tx, looked, found, said.text, stages)
    with stages.timed("store"):
        refs = [one.solution for one in candidates]
        standings = evidence.standings(tx, scope, refs, engine.recent_uses.of(tx, scope))
    with stages.timed("ranking"):
        groups = group(candidates, standings, learned.weights, looked.familiarity)
    return Ranked(groups, tuple(found), looked, standings, learned.weights)


def supporting_documents(
    tx: Read,
    engine: Engine,
    looked: Retrieval,
    candidates: Sequence[int],
    stages: Stages,
    most: int = _MOST_DOCUMENTS,
) -> list[Found]:
    """The ``most`` likeliest of the candidates, and the articles that the tickets among them were solved with."""
    found = looked.found(tx, candidates, stages, most, issues=True)
    with stages.timed("store"):
        there = {one.solution for one in found if one.source.kind == DocumentKind.ARTICLE}
        missing = {one.solution for one in found if one.solution is not None} - there
        articles_missing = documents.of_articles(tx, engine.generation.id, list(missing))
    return [*found, *looked.found(tx, articles_missing, stages)] if articles_missing else found


def candidates_of(
    tx: Read, looked: Retrieval, found: Sequence[Found], question: str, stages: Stages
) -> list[Candidate]:
    """The documents that speak for a solution, as ranking takes them. ``found``: the most relevant first."""
    likely = sorted(found, key=lambda one: -one.relevance)[:_READ_DOCUMENTS]
    nearest = [(one.document, one.passage) for one in likely if one.passage is not None]
    with stages.timed("store"):
        read = documents.own_words(tx, looked.scope, nearest)
    with stages.timed("ranking"):
        asked = Question(question, looked.query.weights)
        own = {document: asked.compare(title, statement) for document, (title, statement) in read.items()}
        return [
            Candidate(
                one.solution,
                one.document,
                one.relevance,
                one.signals,
                one.source.kind == DocumentKind.TICKET,
                own.get(one.document, UNLIKE),
            )
            for one in found
            if one.solution
        ]


def suggest(
    tx: Read,
    engine: Engine,
    scope: Scope,
    ticket: Ticket,
    limit: int,
    now: datetime,
    stages: Stages,
    reader: str | None = None,
    other_than: Source | None = None,
) -> Suggestion:
    """At most ``limit`` solutions with a verdict, which is the same for every ``limit``.

    ``reader`` is the language of reasons and cautions; None takes the ticket's. ``other_than``: see rank().
    """
    with stages.timed("analysis"):
        read = intake.said(ticket, boilerplate.of_tenant(tx, scope.tenant))
    ticket = read.ticket
    answer = _rank_said(tx, engine, scope, ticket, stages, other_than)
    with stages.timed("store"):
        whole, groups, drafts = _answers(tx, scope, answer, max(limit, READ))
        sure = list_confidence([one.confidence for one in groups[:READ]])
        # Nothing good enough: an empty list is an answer. A question that says nothing has no answer.
        says_something = bool(telling_words(ticket.text))
        is_answer = says_something and sure >= NEW_BELOW
        shown = [*(groups if is_answer else []), *(drafts if says_something else [])][:limit]
        best = {found.document: found.passage for found in answer.found if found.passage is not None}
        passages = documents.passages_of(tx, scope, [one.best.key for one in shown])
        revision = tenants.revision(tx, scope)
    with stages.timed("explanation"):
        spoken = reader or ticket.language or answer.looked.language
        brought = answer.looked.matching.contributions([one.best.key for one in shown])
        codes = error_codes(ticket.text)
        ranked: list[RankedSolution] = []
        against: frozenset[Doubt] = frozenset()
        for place, one in enumerate(shown, start=1):
            solution, document = whole[one.ref], one.best.key
            its = passages.get(document, [])
            nearest = next((at for at, passage in enumerate(its) if passage.id == best.get(document)), None)
            texts = [(passage.field, passage.text) for passage in its]
            shown_parts = matches(solution.title, texts, nearest, brought.get(document, {}))
            issue = "\n".join(text for field, text in texts if field == Field.ISSUE)
            said = cautions(ticket, solution, now, spoken, issue, codes)
            if place == 1:
                against = doubts(ticket, solution, now, issue, codes)
            ranked.append(RankedSolution(place, solution, one.confidence, one.score, shown_parts, said))
        answers = ranked if is_answer else []
        judged = verdict(ticket, answers, sure, spoken, now, against)
        if judged.confidence < sure:  # the solutions add up to no more
            ranked = [replace(one, confidence=one.confidence * judged.confidence / sure) for one in ranked]
        if read.is_of_earlier_mail:
            judged = of_earlier_mail(judged, spoken)
        return Suggestion(
            id=new_id(now),
            verdict=with_language(judged, ranked[0].solution if ranked else None, spoken),
            solutions=tuple(ranked),
            revision=revision,
            model=engine.generation.model_id,
            vector=answer.looked.vectors[0].astype("<f2").tobytes(),
        )


def _answers(
    tx: Read, scope: Scope, answer: Ranked, most: int
) -> tuple[dict[SolutionRef, Solution], list[Group], list[Group]]:
    """The first solutions; the groups of those that have a fix to show; the groups of likely drafts without one.

    Such a draft is no answer, and takes nothing from the others. It is shown behind them, so that two engineers do not
    work on the same problem.
    """
    likely = [one for one in answer.groups if one.confidence >= _LEAST_CONFIDENCE]
    wip = [one for one in likely if answer.standings[one.ref].state == ArticleState.WIP]
    found = solutions.many(tx, scope, [one.ref for one in wip])
    # All of them, however many are wanted: what takes nothing from the others changes no verdict.
    drafts = [one for one in wip if _is_empty(found[one.ref])]
    if drafts:
        known = {one.ref for one in likely}
        others = answer.without({one.ref for one in drafts})
        likely = [one for one in others if one.confidence >= _LEAST_CONFIDENCE and one.ref in known]
    found |= solutions.many(tx, scope, [one.ref for one in likely[:most] if one.ref not in found])
    return found, likely[:most], [one for one in drafts if one.confidence >= NEW_BELOW]


def _is_empty(solution: Solution) -> bool:
    return solution.state == ArticleState.WIP and not solution.resolution.strip()


def similar(
    tx: Read, engine: Engine, scope: Scope, ticket: Ticket, document: IndexedDocument, limit: int
) -> tuple[Similar, ...]:
    """The likeliest solutions of a ticket, for the engineer who writes one back.

    ``document`` is the ticket as it goes into the index: the question is asked with its vectors. What the index has of
    it already does not count.
    """
    said = wording.of_ticket(
        engine.index.vocabulary(scope), intake.said(ticket, boilerplate.of_tenant(tx, scope.tenant)).ticket
    )
    asked = asked_with(engine, scope, said.text, document)
    ranked = _ranked(tx, engine, scope, said, asked, Stages(), _SIMILAR_DOCUMENTS, other_than=document.source)
    likely = ranked.groups[:limit]
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
    since: datetime | None = None,
) -> list[SearchHit]:
    """The ``end`` best tickets and articles for a query, in one list.

    Candidates are widened until enough pass the filters, or there are no more. What a wider search finds
    comes behind what a narrower one did, so that pages never overlap.
    """
    with stages.timed("analysis"):
        said = wording.of_query(engine.index.vocabulary(scope), q)
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
        if not fresh or breadth >= _WIDEST:
            return hits
        breadth *= _WIDER


def _search_hits(tx: Read, scope: Scope, found: Sequence[Found]) -> list[SearchHit]:
    passages = documents.passages(tx, scope, [one.passage for one in found if one.passage is not None])
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
