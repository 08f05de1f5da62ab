"""KB articles."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from kbsearch.api.callers import CallerDep
from kbsearch.api.cursors import read_cursor, write_cursor
from kbsearch.api.fields import MOST_RESULTS, Id, NewArticleId
from kbsearch.api.freshness import FreshDep
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.idempotency import OnceDep
from kbsearch.api.requests.articles import ArticleIn, ArticlePatch
from kbsearch.api.responses.articles import (
    ArticleOut,
    ArticlesOut,
    ArticleVersionOut,
    ArticleVersionsOut,
    WrittenArticleOut,
)
from kbsearch.api.responses.changes import ErasedArticleOut
from kbsearch.api.routes.article_answers import (
    IfMatch,
    IfNoneMatch,
    answer_again,
    etags,
    named_answer,
    root_path,
    wanted_version,
)
from kbsearch.api.service import KnowledgeDep
from kbsearch.errors import Forbidden, InvalidInput
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import ArticleState, Scope, StoredArticle, TenantId

router = APIRouter(prefix="/v1/articles", tags=["articles"], route_class=GuardedRoute)

_NO_VERSION = 2**62
"""Higher than the number of any version."""


@router.get("", dependencies=[FreshDep])
def list_articles(
    caller: CallerDep,
    knowledge: KnowledgeDep,
    state: Annotated[ArticleState | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS)] = 20,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> ArticlesOut:
    """List the articles that the tenant sees.

    The tenant's own and the shared ones, in a fixed order.
    """
    after = ("", "")
    if cursor is not None:
        tenant, id = read_cursor(cursor, str, str)
        after = (str(tenant), str(id))
    found = knowledge.articles.page(caller.scope, after, limit + 1, state)
    shown = found[:limit]
    more = len(found) > limit
    return ArticlesOut(
        articles=[ArticleOut.of(stored) for stored in shown],
        next_cursor=write_cursor(shown[-1].tenant, shown[-1].article.id) if more else None,
    )


@router.post("", status_code=201, response_model=WrittenArticleOut)
def create_article(
    body: ArticleIn, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep, request: Request
) -> Response:
    """Add an article.

    409 if the tenant sees an article of this id. PUT replaces its own article, and adds an edition of a shared one.
    """
    id = body.id or once.new_id()

    def change() -> WrittenArticleOut:
        article = body.to_article(id)
        return WrittenArticleOut.written(
            *knowledge.articles.add(caller.tenant, article, caller.leads, again=once.key is not None)
        )

    return named_answer(once.run(change, 201, answer_again(caller, knowledge)), request)


@router.get("/{article_id:path}/versions", dependencies=[FreshDep])
def list_article_versions(
    article_id: Id,
    caller: CallerDep,
    knowledge: KnowledgeDep,
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS)] = 20,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> ArticleVersionsOut:
    """List former versions of an article.

    The article before each of its latest changes, the latest first. Deleting the article deletes them too.
    """
    before = _NO_VERSION if cursor is None else int(read_cursor(cursor, int)[0])
    if not 0 < before <= _NO_VERSION:
        raise InvalidInput("/cursor", "not a cursor of this list; use next_cursor of the page before")
    found = knowledge.articles.versions(caller.scope, article_id, before, limit + 1)
    return ArticleVersionsOut(
        versions=[ArticleVersionOut.of(one) for one in found[:limit]],
        next_cursor=write_cursor(found[limit - 1].version) if len(found) > limit else None,
    )


@router.get(
    "/{article_id:path}",
    response_model=ArticleOut,
    dependencies=[FreshDep],
    responses={
        304: {"description": "The copy that `If-None-Match` names is current."},
        307: {"description": "The article was merged: `Location` is the article in its place."},
    },
)
def get_article(
    article_id: Id,
    caller: CallerDep,
    knowledge: KnowledgeDep,
    request: Request,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> ArticleOut | Response:
    """Get an article.

    An article of the tenant takes precedence over a shared one with the same id.
    """
    stored = knowledge.articles.get(caller.scope, article_id)
    if stored.merged_into is not None:
        place = f"{root_path(request)}{router.prefix}/{quote(stored.merged_into.id, safe='')}"
        return JSONResponse({"merged_into": stored.merged_into.id}, 307, headers={"Location": place})
    article = ArticleOut.of(stored)
    if if_none_match is not None and not {"*", article.etag}.isdisjoint(etags(if_none_match)):
        return Response(status_code=304, headers={"ETag": article.etag})
    response.headers["ETag"] = article.etag
    return article


@router.put("/{article_id:path}", responses={201: {"model": WrittenArticleOut, "description": "Added."}})
def put_article(
    article_id: NewArticleId,
    body: ArticleIn,
    caller: CallerDep,
    knowledge: KnowledgeDep,
    request: Request,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> WrittenArticleOut:
    """Add or replace an article.

    Fields that are not in the body are emptied or get their default, including `state`. PATCH changes single fields.
    """
    if body.id not in (None, article_id):
        raise InvalidInput("/id", "differs from the id in the address")
    version = wanted_version(if_match, if_none_match, knowledge, caller.tenant, article_id)
    stored, is_new, revision = knowledge.articles.put(caller.tenant, body.to_article(article_id), version, caller.leads)
    written = WrittenArticleOut.written(stored, revision)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = written.etag
    if is_new:
        response.headers["Location"] = f"{root_path(request)}{written.location}"
    return written


@router.patch("/{article_id:path}")
def patch_article(
    article_id: Id,
    body: ArticlePatch,
    caller: CallerDep,
    knowledge: KnowledgeDep,
    response: Response,
    if_match: IfMatch = None,
) -> WrittenArticleOut:
    """Change some fields of an article.

    Fields that are not in the body stay as they are.
    """
    before = _own(knowledge, caller.tenant, article_id)
    unchangeable = {"tenant", "version", "created_at", "updated_at", "merged_into"}
    fields = {
        **ArticleOut.of(replace(before, wordings=(), merged_into=None)).model_dump(exclude=unchangeable),
        "state": before.article.state,
    }
    try:
        changed = ArticleIn.model_validate({**fields, **body.model_dump(exclude_unset=True)})
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from error
    wanted = wanted_version(if_match, None, knowledge, caller.tenant, article_id)
    version = before.version if wanted is None else wanted  # nobody's change in between gets lost
    stored, _, revision = knowledge.articles.put(caller.tenant, changed.to_article(article_id), version, caller.leads)
    written = WrittenArticleOut.written(stored, revision)
    response.headers["ETag"] = written.etag
    return written


@router.delete("/{article_id:path}")
def delete_article(
    article_id: Id, caller: CallerDep, knowledge: KnowledgeDep, if_match: IfMatch = None
) -> ErasedArticleOut:
    """Erase an article.

    Only a lead may erase a validated article. To keep an article without showing it, set its state to `archived`.
    """
    _own(knowledge, caller.tenant, article_id)
    version = wanted_version(if_match, None, knowledge, caller.tenant, article_id)
    revision = knowledge.articles.delete(caller.tenant, article_id, version, caller.leads)
    return ErasedArticleOut(id=article_id, revision=revision)


def _own(knowledge: KnowledgeBase, tenant: TenantId, id: str) -> StoredArticle:
    stored = knowledge.articles.get(Scope(tenant), id)
    if stored.tenant != tenant:
        raise Forbidden("this article is shared; change it as tenant 'shared', or PUT an edition of your own")
    return stored
