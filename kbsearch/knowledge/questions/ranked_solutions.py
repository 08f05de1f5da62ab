"""Ranking: from a question to solutions with the documents that support them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kbsearch.knowledge.indexing import boilerplate
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.questions import trade_words, wording
from kbsearch.knowledge.questions.retrieval import (
    LEXICAL_CANDIDATES,
    EmbeddedQuery,
    Found,
    Retrieval,
    ask,
    look_up,
)
from kbsearch.model import (
    DocumentKind,
    Scope,
    SolutionRef,
    Source,
    Standing,
    Ticket,
)
from kbsearch.model.stages import Stages
from kbsearch.ranking.grouping import Group, group
from kbsearch.ranking.own_words import UNLIKE, Question
from kbsearch.ranking.signals import Candidate
from kbsearch.ranking.weights import RankingWeights
from kbsearch.store import documents, evidence
from kbsearch.store import passages as stored_passages
from kbsearch.store.port import Read
from kbsearch.text import intake
from kbsearch.text.trade_words import TradeWords

_MOST_DOCUMENTS = 100
"""So many are read from the store, the likeliest by meaning and words."""
_READ_DOCUMENTS = 20
"""Of so many, the most relevant, the title and the nearest statement are compared with the question."""
_FEWEST_SOLUTIONS = 5
WIDER, WIDEST = 4, 64


@dataclass(frozen=True, slots=True)
class Ranked:
    """Solutions, the best first, with the supporting documents and the retrieval result."""

    groups: list[Group]
    found: tuple[Found, ...]
    looked: Retrieval
    standings: Mapping[SolutionRef, Standing]
    weights: RankingWeights

    def without(self, refs: Collection[SolutionRef]) -> list[Group]:
        """The groups without these solutions."""
        candidates = [one for group in self.groups if group.ref not in refs for one in group.candidates]
        return group(candidates, self.standings, self.weights, self.looked.familiarity)


def rank(
    tx: Read,
    engine: Engine,
    scope: Scope,
    ticket: Ticket,
    stages: Stages | None = None,
    other_than: Source | None = None,
    words: TradeWords | None = None,
) -> Ranked:
    """All solutions that anything speaks for.

    ``other_than``: what the index has of this one does not count. ``words``: of the trade; None for those of the scope.
    """
    stages = stages or Stages()
    with stages.timed("analysis"):
        ticket = intake.said(ticket, boilerplate.of_tenant(tx, scope.tenant)).ticket
    return rank_said(tx, engine, scope, ticket, stages, other_than, words)


def rank_said(
    tx: Read,
    engine: Engine,
    scope: Scope,
    ticket: Ticket,
    stages: Stages,
    other_than: Source | None,
    words: TradeWords | None = None,
) -> Ranked:
    """See rank(); ``ticket`` is what intake says it says."""
    with stages.timed("analysis"):
        said = wording.of_ticket(engine.index.vocabulary(scope), ticket, words or trade_words.of_scope(tx, scope))
        asked = ask(engine, scope, said.text)
    return rank_worded(tx, engine, scope, said, asked, stages, _MOST_DOCUMENTS, other_than)


def rank_worded(
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
    while is_crowded and breadth < WIDEST and len(refs := {one.solution for one in found}) < _FEWEST_SOLUTIONS:
        # Many tickets of a few fixes must not displace other solutions: wider searches consider only the others.
        breadth *= WIDER
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
    """The documents that support a solution, as input of the ranking. ``found``: the most relevant first."""
    likely = sorted(found, key=lambda one: -one.relevance)[:_READ_DOCUMENTS]
    nearest = [(one.document, one.passage) for one in likely if one.passage is not None]
    with stages.timed("store"):
        read = stored_passages.own_words(tx, looked.scope, nearest)
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
