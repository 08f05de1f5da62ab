"""Near-duplicate articles that a lead may merge."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from kbsearch.api.callers import CallerDep
from kbsearch.api.cursors import read_cursor, write_cursor
from kbsearch.api.fields import MOST_RESULTS, Id
from kbsearch.api.freshness import FreshDep
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.responses.articles import ProposalOut, ProposalsOut
from kbsearch.api.service import KnowledgeDep
from kbsearch.errors import InvalidInput

router = APIRouter(prefix="/v1/merge-proposals", tags=["articles"], route_class=GuardedRoute)

_COMPARED_AT_ONCE = 200
_MOST_PROPOSALS = 1_000_000


@router.get("", dependencies=[FreshDep])
def list_merge_proposals(
    caller: CallerDep,
    knowledge: KnowledgeDep,
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS)] = 20,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> ProposalsOut:
    """List articles that may be merged.

    Pairs of near-duplicates, also with a shared article. The most similar pair comes first.
    """
    knowledge.proposals.catch_up(_COMPARED_AT_ONCE)
    start = 0 if cursor is None else int(read_cursor(cursor, int)[0])
    if not 0 <= start <= _MOST_PROPOSALS:
        raise InvalidInput("/cursor", "not a cursor of this list; use next_cursor of the page before")
    found = knowledge.proposals.page(caller.tenant, start, limit + 1)
    return ProposalsOut(
        proposals=[ProposalOut.of(one) for one in found[:limit]],
        complete=knowledge.proposals.is_complete(caller.scope),
        next_cursor=write_cursor(start + limit) if len(found) > limit else None,
    )


@router.delete("", status_code=204)
def dismiss_merge_proposal(
    article: Annotated[Id, Query()], other: Annotated[Id, Query()], caller: CallerDep, knowledge: KnowledgeDep
) -> None:
    """Dismiss a merge proposal.

    The two articles are different and are not proposed again.
    """
    knowledge.proposals.dismiss(caller.tenant, article, other)
