"""Suggestions: from a ticket to an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kbsearch.knowledge.indexing import boilerplate
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.questions import trade_words, wording
from kbsearch.knowledge.questions.ranked_solutions import Ranked, rank_said, rank_worded
from kbsearch.knowledge.questions.retrieval import ask, asked_with
from kbsearch.knowledge.questions.suggestion_log import new_id
from kbsearch.model import (
    ArticleState,
    Field,
    IndexedDocument,
    RankedSolution,
    Scope,
    Similar,
    Solution,
    SolutionRef,
    Source,
    Suggestion,
    Ticket,
)
from kbsearch.model.stages import Stages
from kbsearch.ranking.cautions import Doubt, cautions, doubts
from kbsearch.ranking.confidence import NEW_BELOW, READ, list_confidence
from kbsearch.ranking.earlier_mail import of_earlier_mail
from kbsearch.ranking.explanation import matches
from kbsearch.ranking.grouping import Group
from kbsearch.ranking.languages import with_language
from kbsearch.ranking.verdict import verdict
from kbsearch.store import passages as stored_passages
from kbsearch.store import solutions, tenants
from kbsearch.store.port import Read
from kbsearch.text import intake
from kbsearch.text.error_codes import error_codes
from kbsearch.text.telling import telling_words

_SIMILAR_DOCUMENTS = 30
"""As many for the engineer who writes back, who is shown a few solutions only."""
_LEAST_CONFIDENCE = 0.001


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
    answer = rank_said(tx, engine, scope, ticket, stages, other_than)
    with stages.timed("store"):
        whole, groups, drafts = _answers(tx, scope, answer, max(limit, READ))
        sure = list_confidence([one.confidence for one in groups[:READ]])
        # Nothing good enough: an empty list is an answer. A question that says nothing has no answer.
        says_something = bool(telling_words(ticket.text))
        is_answer = says_something and sure >= NEW_BELOW
        shown = [*(groups if is_answer else []), *(drafts if says_something else [])][:limit]
        best = {found.document: found.passage for found in answer.found if found.passage is not None}
        passages = stored_passages.passages_of(tx, scope, [one.best.key for one in shown])
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
            said = cautions(ticket, solution, now, spoken, issue, codes, one.has_rival)
            if place == 1:
                against = doubts(ticket, solution, now, issue, codes, one.has_rival)
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

    ``document`` is the ticket as it goes into the index: the question is asked with its vectors, unless it is put into
    other words, such as Bulgarian typed in Latin letters. What the index has of it already does not count.
    """
    read = intake.said(ticket, boilerplate.of_tenant(tx, scope.tenant))
    said = wording.of_ticket(engine.index.vocabulary(scope), read.ticket, trade_words.of_scope(tx, scope))
    is_as_indexed = said.text == read.ticket.text
    asked = asked_with(engine, scope, said.text, document) if is_as_indexed else ask(engine, scope, said.text)
    ranked = rank_worded(tx, engine, scope, said, asked, Stages(), _SIMILAR_DOCUMENTS, other_than=document.source)
    likely = ranked.groups[:limit]
    whole = solutions.many(tx, scope, [one.ref for one in likely])
    return tuple(
        Similar(one.ref.id, whole[one.ref].title, one.confidence)
        for one in likely
        if one.confidence >= _LEAST_CONFIDENCE
    )
