"""Flags: articles that need a review."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from kbsearch.api.callers import CallerDep
from kbsearch.api.cursors import read_cursor, read_time, write_cursor, write_time
from kbsearch.api.fields import MOST_RESULTS, Id
from kbsearch.api.freshness import FreshDep
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.idempotency import OnceDep
from kbsearch.api.requests.articles import FlagIn
from kbsearch.api.responses.articles import (
    FlagOut,
    FlagsOut,
)
from kbsearch.api.responses.changes import ChangeOut
from kbsearch.api.service import KnowledgeDep

router = APIRouter(prefix="/v1/articles", tags=["articles"], route_class=GuardedRoute)


@router.post("/{article_id:path}/flags", status_code=201, response_model=ChangeOut)
def flag_article(article_id: Id, body: FlagIn, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Flag an article for review."""
    id = once.new_id()

    def change() -> ChangeOut:
        revision = knowledge.articles.flag(caller.tenant, article_id, id, body.reason, caller.agent, body.comment)
        return ChangeOut(id=id, revision=revision)

    return once.run(change, 201)


@router.get("/flags", dependencies=[FreshDep])
def list_flags(
    caller: CallerDep,
    knowledge: KnowledgeDep,
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS)] = 20,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> FlagsOut:
    """List the tenant's open flags.

    The oldest comes first. Flags are opened by `POST /v1/articles/{article_id}/flags` and by feedback `outdated` or
    `wrong`, on articles and on the common fix of tickets.
    """
    after = None
    if cursor is not None:
        opened_at, id = read_cursor(cursor, str, str)
        after = (read_time(opened_at), str(id))
    found = knowledge.articles.flags(caller.scope, after, limit + 1)
    shown = found[:limit]
    return FlagsOut(
        flags=[FlagOut.model_validate(flag) for flag in shown],
        next_cursor=write_cursor(write_time(shown[-1].created_at), shown[-1].id) if len(found) > limit else None,
    )


@router.post("/flags/{flag_id:path}/resolve", response_model=ChangeOut)
def resolve_flag(flag_id: Id, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Close a flag.

    Someone looked into it. The audit log records who opened and who closed it.
    """
    return once.run(lambda: ChangeOut(id=flag_id, revision=knowledge.articles.close_flag(caller.tenant, flag_id)), 200)
