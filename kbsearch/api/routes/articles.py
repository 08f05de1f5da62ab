"""KB articles."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from kbsearch.api.callers import Caller, CallerDep
from kbsearch.api.cursors import read_cursor, write_cursor
from kbsearch.api.fields import MOST_RESULTS, Id
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.idempotency import Again, OnceDep
from kbsearch.api.requests import ArticleIn, ArticlePatch, DraftIn, FlagIn, MergeIn
from kbsearch.api.responses.articles import ArticleOut, ArticlesOut, WrittenArticleOut
from kbsearch.api.responses.changes import ChangeOut, ErasedArticleOut
from kbsearch.api.service import KnowledgeDep
from kbsearch.errors import Forbidden, InvalidInput, NotFound, PreconditionFailed
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import ArticleState, Scope, StoredArticle, TenantId

router = APIRouter(prefix="/v1/articles", tags=["articles"], route_class=GuardedRoute)

IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="The ETag of the version that you change; another answers 412.")
]


@router.get("")
def articles(
    caller: CallerDep,
    knowledge: KnowledgeDep,
    state: Annotated[ArticleState | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS)] = 20,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> ArticlesOut:
    """Articles of the tenant and shared ones, in a fixed order."""
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
def create(body: ArticleIn, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Add an article, or replace the one of the same ``id``."""
    id = body.id or once.new_id()
    may_set(caller, knowledge, id, body.state)

    def change() -> WrittenArticleOut:
        stored, _, revision = knowledge.articles.put(caller.tenant, body.to_article(id))
        return WrittenArticleOut.written(stored, revision)

    return once.run(change, 201, _again(caller, knowledge))


@router.post("/draft", status_code=201, response_model=WrittenArticleOut)
def draft(body: DraftIn, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Begin an article (state `wip`) with the text of a suggestion or a ticket."""
    id = body.id or once.new_id()

    def change() -> WrittenArticleOut:
        stored, revision = knowledge.draft(caller.tenant, id, body.to_seed())
        return WrittenArticleOut.written(stored, revision)

    return once.run(change, 201, _again(caller, knowledge))


@router.post("/{article_id:path}/merge", response_model=WrittenArticleOut)
def merge(article_id: Id, body: MergeIn, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Merge an article into another one, which answers in its place and takes its tickets and feedback.

    What finds the merged article leads to the other one, its address redirects there. `unmerge` restores it exactly.
    """

    def change() -> WrittenArticleOut:
        stored, revision = knowledge.articles.merge(caller.tenant, article_id, body.into, caller.agent)
        return WrittenArticleOut.written(stored, revision)

    return once.run(change, 200, _again(caller, knowledge))


@router.post("/{article_id:path}/unmerge", response_model=WrittenArticleOut)
def unmerge(article_id: Id, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Take a merge back. Tickets linked to the other article since stay there."""

    def change() -> WrittenArticleOut:
        return WrittenArticleOut.written(*knowledge.articles.unmerge(caller.tenant, article_id))

    return once.run(change, 200, _again(caller, knowledge))


@router.post("/{article_id:path}/flags", status_code=201, response_model=ChangeOut)
def flag(article_id: Id, body: FlagIn, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep) -> Response:
    """Flag an article for review."""
    id = once.new_id()

    def change() -> ChangeOut:
        revision = knowledge.articles.flag(caller.tenant, article_id, id, body.reason, caller.agent, body.comment)
        return ChangeOut(id=id, revision=revision)

    return once.run(change, 201)


@router.get(
    "/{article_id:path}",
    response_model=ArticleOut,
    responses={307: {"description": "It was merged: `Location` is the article that answers in its place."}},
)
def article(
    article_id: Id, caller: CallerDep, knowledge: KnowledgeDep, request: Request, response: Response
) -> ArticleOut | Response:
    """An article: the tenant's own before a shared one of the same id."""
    stored = knowledge.articles.get(caller.scope, article_id)
    if stored.merged_into is not None:
        place = f"{request.scope.get('root_path', '')}{router.prefix}/{quote(stored.merged_into.id, safe='')}"
        return JSONResponse({"merged_into": stored.merged_into.id}, 307, headers={"Location": place})
    response.headers["ETag"] = _etag(stored)
    return ArticleOut.of(stored)


@router.put("/{article_id:path}", responses={201: {"model": WrittenArticleOut, "description": "Added."}})
def put(
    article_id: Id,
    body: ArticleIn,
    caller: CallerDep,
    knowledge: KnowledgeDep,
    response: Response,
    if_match: IfMatch = None,
) -> WrittenArticleOut:
    """Add or replace an article of the tenant."""
    if body.id not in (None, article_id):
        raise InvalidInput("/id", "it differs from the id in the address")
    may_set(caller, knowledge, article_id, body.state)
    version = _version(if_match, knowledge, caller.tenant, article_id)
    stored, is_new, revision = knowledge.articles.put(caller.tenant, body.to_article(article_id), version)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = _etag(stored)
    return WrittenArticleOut.written(stored, revision)


@router.patch("/{article_id:path}")
def patch(
    article_id: Id,
    body: ArticlePatch,
    caller: CallerDep,
    knowledge: KnowledgeDep,
    response: Response,
    if_match: IfMatch = None,
) -> WrittenArticleOut:
    """Change some fields of an article of the tenant."""
    before = _own(knowledge, caller.tenant, article_id)
    unchangeable = {"tenant", "version", "created_at", "updated_at", "merged_into"}
    fields = {**ArticleOut.of(before).model_dump(exclude=unchangeable), "state": before.article.state}
    try:
        changed = ArticleIn.model_validate({**fields, **body.model_dump(exclude_unset=True)})
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from error
    may_set(caller, knowledge, article_id, changed.state)
    wanted = _version(if_match, knowledge, caller.tenant, article_id)
    version = before.version if wanted is None else wanted  # nobody's change in between gets lost
    stored, _, revision = knowledge.articles.put(caller.tenant, changed.to_article(article_id), version)
    response.headers["ETag"] = _etag(stored)
    return WrittenArticleOut.written(stored, revision)


@router.delete("/{article_id:path}")
def delete(article_id: Id, caller: CallerDep, knowledge: KnowledgeDep, if_match: IfMatch = None) -> ErasedArticleOut:
    """Erase an article of the tenant. To keep it but never show it, set its state to ``archived``."""
    _own(knowledge, caller.tenant, article_id)
    version = _version(if_match, knowledge, caller.tenant, article_id)
    return ErasedArticleOut(id=article_id, revision=knowledge.articles.delete(caller.tenant, article_id, version))


def may_set(caller: Caller, knowledge: KnowledgeBase, id: str, state: ArticleState) -> None:
    """Raises Forbidden where the caller may not set this state: only a lead validates.

    A validated article stays validated when an engineer mends it.
    """
    if state != ArticleState.VALIDATED or caller.leads:
        return
    with suppress(NotFound):
        before = knowledge.articles.get(caller.scope, id)
        if before.tenant == caller.tenant and before.article.state == state:
            return
    raise Forbidden("only a lead may validate an article")


def _again(caller: Caller, knowledge: KnowledgeBase) -> Again:
    """Makes the answer to a repeated request: the article as it is now. Raises NotFound where it is gone."""

    def answer(id: str, revision: int) -> WrittenArticleOut:
        return WrittenArticleOut.written(knowledge.articles.get(caller.scope, id), revision)

    return answer


def _own(knowledge: KnowledgeBase, tenant: TenantId, id: str) -> StoredArticle:
    stored = knowledge.articles.get(Scope(tenant), id)
    if stored.tenant != tenant:
        raise Forbidden("this article is shared; change it as tenant 'shared', or put an edition of your own")
    return stored


def _etag(stored: StoredArticle) -> str:
    return f'"{stored.version}"'


def _version(if_match: str | None, knowledge: KnowledgeBase, tenant: TenantId, id: str) -> int | None:
    """The version that the tenant's article must keep, None for any.

    Raises PreconditionFailed if it is none of those named.
    """
    if if_match is None:
        return None
    try:
        current = knowledge.articles.get(Scope(tenant), id)
    except NotFound:
        raise PreconditionFailed from None
    named = {tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(",")}
    if current.tenant != tenant or named.isdisjoint({"*", str(current.version)}):
        raise PreconditionFailed
    return current.version
