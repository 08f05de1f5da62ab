"""Drafting, merging and sharing articles."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from kbsearch.api.callers import CallerDep
from kbsearch.api.fields import Id
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.idempotency import OnceDep
from kbsearch.api.requests.articles import DraftIn, MergeIn
from kbsearch.api.responses.articles import (
    WrittenArticleOut,
)
from kbsearch.api.routes.article_answers import (
    IfMatch,
    answer_again,
    named_answer,
    wanted_version,
)
from kbsearch.api.service import KnowledgeDep

router = APIRouter(prefix="/v1/articles", tags=["articles"], route_class=GuardedRoute)


@router.post("/draft", status_code=201, response_model=WrittenArticleOut)
def draft_article(
    body: DraftIn, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep, request: Request
) -> Response:
    """Draft an article from a question or ticket.

    The draft (state `wip`) has the issue and environment of the ticket in the body, of the stored ticket, or of the
    suggestion's question, redacted. Cause and resolution are those of `solution_id` if it is named.
    """
    id = body.id or once.new_id()

    def change() -> WrittenArticleOut:
        return WrittenArticleOut.written(
            *knowledge.draft(caller.tenant, id, body.to_seed(), caller.leads, again=once.key is not None)
        )

    return named_answer(once.run(change, 201, answer_again(caller, knowledge)), request)


@router.post("/{article_id:path}/merge", response_model=WrittenArticleOut)
def merge_article(
    article_id: Id, body: MergeIn, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep, request: Request
) -> Response:
    """Merge an article into another one.

    The other article is suggested in its place and gets its tickets and feedback. The address of the merged article
    redirects to it. `unmerge` restores the state before.
    """

    def change() -> WrittenArticleOut:
        stored, revision = knowledge.articles.merge(caller.tenant, article_id, body.into, caller.agent)
        return WrittenArticleOut.written(stored, revision)

    return named_answer(once.run(change, 200, answer_again(caller, knowledge)), request)


@router.post("/{article_id:path}/unmerge", response_model=WrittenArticleOut)
def unmerge_article(
    article_id: Id, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep, request: Request
) -> Response:
    """Undo a merge.

    Tickets that were linked to the other article since stay there. An article that is not merged is returned as it is.
    """

    def change() -> WrittenArticleOut:
        return WrittenArticleOut.written(*knowledge.articles.unmerge(caller.tenant, article_id))

    return named_answer(once.run(change, 200, answer_again(caller, knowledge)), request)


@router.post("/{article_id:path}/share", response_model=WrittenArticleOut)
def share_article(
    article_id: Id,
    caller: CallerDep,
    knowledge: KnowledgeDep,
    once: OnceDep,
    request: Request,
    if_match: IfMatch = None,
) -> Response:
    """Share an article with every tenant.

    It moves to the tenant `shared`, without anything that redaction takes out. The credential must be a lead's and
    cover both tenants. Tickets and feedback stay the tenant's own evidence; former versions are shown to the tenant
    only. 409 where the article is archived, merged or mirrored from a folder, or `shared` has a solution of its id. An
    article that is shared already is answered as it is.
    """

    def change() -> WrittenArticleOut:
        version = wanted_version(if_match, None, knowledge, caller.tenant, article_id)
        revision = knowledge.sharing.share(caller.tenant, article_id, version)
        return WrittenArticleOut.written(knowledge.articles.get(caller.scope, article_id), revision)

    return named_answer(once.run(change, 200, answer_again(caller, knowledge)), request)
