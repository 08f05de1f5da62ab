"""The agent's panel: ask, use the fix, say what came of it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from kbsearch.api.callers import CallerDep
from kbsearch.api.fields import TEXT_CHARACTERS
from kbsearch.api.metrics import MetricsDep
from kbsearch.api.requests.answers import FeedbackIn
from kbsearch.api.service import KnowledgeDep
from kbsearch.model import Feedback
from kbsearch.model.stages import Stages
from kbsearch.web.cards import cards
from kbsearch.web.forms import FormDep, checked
from kbsearch.web.page_route import PageRoute
from kbsearch.web.questions import Question
from kbsearch.web.visits import VisitDep

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_LOOKED_AT = 10
"""So many solutions are asked for, since twins share a card."""
_SHOWN_FIRST = 3
_LONGEST_NAME = 64
"""Of a question that is being typed."""


@router.get("/")
def panel(visit: VisitDep, request: Request) -> Response:
    """The empty panel, or filled in from the address."""
    return visit.page("panel.html", question=Question.of(dict(request.query_params)), most=TEXT_CHARACTERS)


@router.post("/ask")
def ask(visit: VisitDep, form: FormDep, caller: CallerDep, knowledge: KnowledgeDep, metrics: MetricsDep) -> Response:
    """The verdict and the cards for what was typed."""
    question, stages = Question.of(form).of_ticket(visit.panel and visit.panel.ticket_id), Stages()
    ticket = question.to_ticket()
    typing = form.get("typing", "")[:_LONGEST_NAME] or None
    suggestion = knowledge.suggest(
        caller.scope, ticket, _LOOKED_AT, stages=stages, reader=visit.language, typing=typing
    )
    metrics.answered("suggest", stages)
    metrics.judged(suggestion.verdict)
    found = cards(suggestion.solutions, caller.tenant, visit.language)
    return visit.page(
        "answer.html",
        question=question,
        suggestion=suggestion,
        verdict=suggestion.verdict,
        first=found[:_SHOWN_FIRST],
        more=found[_SHOWN_FIRST:],
        now=knowledge.store.clock(),
        most=TEXT_CHARACTERS,
    )


@router.post("/feedback")
def give_feedback(visit: VisitDep, form: FormDep, caller: CallerDep, knowledge: KnowledgeDep) -> Response:
    """Note what came of a suggested solution."""
    given = checked(FeedbackIn, {name: form.get(name, "") for name in ("solution_id", "outcome")})
    suggestion_id = form.get("suggestion_id", "")
    knowledge.give_feedback(
        caller.tenant, Feedback(suggestion_id, given.solution_id, given.outcome, caller.agent, given.comment)
    )
    return visit.page("noted.html", outcome=given.outcome)
