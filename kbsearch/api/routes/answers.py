"""Suggest, search, feedback."""

from __future__ import annotations

import hashlib
import time
import uuid
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from kbsearch.api.callers import CallerDep
from kbsearch.api.cursors import read_cursor, write_cursor
from kbsearch.api.fields import MOST_RESULTS, FilledText, Language
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.idempotency import OnceDep
from kbsearch.api.metrics import MetricsDep
from kbsearch.api.requests.answers import FeedbackIn, SuggestIn
from kbsearch.api.responses.answers import HitOut, SearchOut, SuggestionOut
from kbsearch.api.service import KnowledgeDep
from kbsearch.errors import InvalidInput
from kbsearch.model import DocumentKind, Feedback
from kbsearch.model.stages import Stages

router = APIRouter(prefix="/v1", tags=["answers"], route_class=GuardedRoute)

_MOST_HITS = 1_000


@router.post("/suggest", response_model=SuggestionOut)
def suggest(body: SuggestIn, caller: CallerDep, knowledge: KnowledgeDep, metrics: MetricsDep) -> Response:
    """Suggest solutions for a ticket.

    The verdict says whether a solution is `known`, `unsure` or `new`, and whether to apply, verify or escalate.
    """
    started, stages = time.perf_counter(), Stages()
    suggestion = knowledge.suggest(caller.scope, body.ticket.to_ticket(), body.limit, body.min_revision, stages)
    metrics.answered("suggest", stages)
    metrics.judged(suggestion.verdict)
    took = _rounded(stages) if body.stages else None
    answer = SuggestionOut.of(suggestion, _took_ms(started), took, body.ticket.warnings)
    # Written here: FastAPI would check it all once more before it does.
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/search")
def search(
    caller: CallerDep,
    knowledge: KnowledgeDep,
    metrics: MetricsDep,
    q: Annotated[FilledText, Query(max_length=2_000, description='Words. "Quoted phrases" and codes match exactly.')],
    kind: Annotated[DocumentKind | None, Query()] = None,
    language: Annotated[Language | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS)] = 10,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    min_revision: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    stages: Annotated[bool, Query(description="Return the duration of each stage.")] = False,
) -> SearchOut:
    """Search solved tickets and articles.

    Tickets and articles are listed one by one. Quoted phrases, error codes and ids match exactly.
    """
    started, took = time.perf_counter(), Stages()
    asked = hashlib.blake2b(repr((caller.tenant, q, kind, language)).encode(), digest_size=6).hexdigest()
    start = 0
    if cursor is not None:
        start, asked_before = read_cursor(cursor, int, str)
        if asked_before != asked or not 0 <= int(start) <= _MOST_HITS:
            raise InvalidInput("/cursor", "this cursor belongs to another search")
    hits, more = knowledge.search(caller.scope, q, kind, language, int(start), limit, min_revision, took)
    metrics.answered("search", took)
    return SearchOut(
        hits=[HitOut.of(hit) for hit in hits],
        search_id=uuid.uuid4().hex,
        next_cursor=write_cursor(int(start) + limit, asked) if more else None,
        took_ms=_took_ms(started),
        stages_ms=_rounded(took) if stages else None,
    )


@router.post("/suggestions/{suggestion_id}/feedback", status_code=204, response_class=Response)
def give_feedback(
    suggestion_id: str, body: FeedbackIn, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep
) -> Response:
    """Give feedback on a suggested solution.

    A second feedback by the same agent on the same solution replaces the first.
    """
    feedback = Feedback(suggestion_id, body.solution_id, body.outcome, caller.speaking_for(body.agent), body.comment)
    return once.run(lambda: knowledge.give_feedback(caller.tenant, feedback), 204)


def _took_ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)


def _rounded(stages: Stages) -> dict[str, float]:
    return {stage: round(took, 2) for stage, took in stages.milliseconds.items()}
