"""KB articles."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from kbsearch.api.callers import Caller, CallerDep
from kbsearch.api.cursors import read_cursor, read_time, write_cursor, write_time
from kbsearch.api.fields import MOST_RESULTS, Id, NewArticleId
from kbsearch.api.freshness import FreshDep
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.idempotency import Again, OnceDep
from kbsearch.api.requests.articles import ArticleIn, ArticlePatch, DraftIn, FlagIn, MergeIn
from kbsearch.api.responses.articles import (
    ArticleOut,
    ArticlesOut,
    ArticleVersionOut,
    ArticleVersionsOut,
    FlagOut,
    FlagsOut,
    WrittenArticleOut,
    same_version,
)
from kbsearch.api.responses.changes import ChangeOut, ErasedArticleOut
from kbsearch.api.service import KnowledgeDep
from kbsearch.errors import Forbidden, InvalidInput, NotFound, PreconditionFailed
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import ArticleState, Scope, StoredArticle, TenantId

router = APIRouter(prefix="/v1/articles", tags=["articles"], route_class=GuardedRoute)

_NO_VERSION = 2**62
"""Higher than the number of any version."""

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", description="The ETag of the version that you change; for another version the answer is 412."
    ),
]

IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="On GET: the ETag of your copy; 304 if it is current. On PUT: `*` only adds, otherwise 412.",
    ),
]


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

    return _named(once.run(change, 201, _again(caller, knowledge)), request)


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

    return _named(once.run(change, 201, _again(caller, knowledge)), request)


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

    return _named(once.run(change, 200, _again(caller, knowledge)), request)


@router.post("/{article_id:path}/unmerge", response_model=WrittenArticleOut)
def unmerge_article(
    article_id: Id, caller: CallerDep, knowledge: KnowledgeDep, once: OnceDep, request: Request
) -> Response:
    """Undo a merge.

    Tickets that were linked to the other article since stay there. An article that is not merged is returned as it is.
    """

    def change() -> WrittenArticleOut:
        return WrittenArticleOut.written(*knowledge.articles.unmerge(caller.tenant, article_id))

    return _named(once.run(change, 200, _again(caller, knowledge)), request)


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
        version = _version(if_match, None, knowledge, caller.tenant, article_id)
        revision = knowledge.sharing.share(caller.tenant, article_id, version)
        return WrittenArticleOut.written(knowledge.articles.get(caller.scope, article_id), revision)

    return _named(once.run(change, 200, _again(caller, knowledge)), request)


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
        place = f"{_root(request)}{router.prefix}/{quote(stored.merged_into.id, safe='')}"
        return JSONResponse({"merged_into": stored.merged_into.id}, 307, headers={"Location": place})
    article = ArticleOut.of(stored)
    if if_none_match is not None and not {"*", article.etag}.isdisjoint(_tags(if_none_match)):
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
    version = _version(if_match, if_none_match, knowledge, caller.tenant, article_id)
    stored, is_new, revision = knowledge.articles.put(caller.tenant, body.to_article(article_id), version, caller.leads)
    written = WrittenArticleOut.written(stored, revision)
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = written.etag
    if is_new:
        response.headers["Location"] = f"{_root(request)}{written.location}"
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
    wanted = _version(if_match, None, knowledge, caller.tenant, article_id)
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
    version = _version(if_match, None, knowledge, caller.tenant, article_id)
    revision = knowledge.articles.delete(caller.tenant, article_id, version, caller.leads)
    return ErasedArticleOut(id=article_id, revision=revision)


def _again(caller: Caller, knowledge: KnowledgeBase) -> Again:
    """Makes the answer to a repeated request: the article as it is now. Raises NotFound if it was erased."""

    def answer(id: str, revision: int) -> WrittenArticleOut:
        return WrittenArticleOut.written(knowledge.articles.get(caller.scope, id), revision)

    return answer


def _own(knowledge: KnowledgeBase, tenant: TenantId, id: str) -> StoredArticle:
    stored = knowledge.articles.get(Scope(tenant), id)
    if stored.tenant != tenant:
        raise Forbidden("this article is shared; change it as tenant 'shared', or PUT an edition of your own")
    return stored


def _named(answer: Response, request: Request) -> Response:
    """The answer with the article's ETag, and its address if it was added; the same for a repeated request."""
    written = WrittenArticleOut.model_validate_json(bytes(answer.body))
    answer.headers["ETag"] = written.etag
    if answer.status_code == 201:
        answer.headers["Location"] = f"{_root(request)}{written.location}"
    return answer


def _root(request: Request) -> str:
    return request.scope.get("root_path", "")


def _tags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]


def _version(
    if_match: str | None, if_none_match: str | None, knowledge: KnowledgeBase, tenant: TenantId, id: str
) -> int | None:
    """The version that the tenant's article must keep, 0 for none, None for any.

    Raises PreconditionFailed where If-Match or If-None-Match does not hold.
    """
    if if_match is None and if_none_match is None:
        return None
    with suppress(NotFound):
        current = knowledge.articles.get(Scope(tenant), id)
        if current.tenant == tenant:
            etag = ArticleOut.of(current).etag
            matched = if_match is None or any(tag == "*" or same_version(tag, etag) for tag in _tags(if_match))
            absent = if_none_match is None or {"*", etag}.isdisjoint(_tags(if_none_match))
            if not matched or not absent:
                raise PreconditionFailed
            return current.version
    if if_match is not None:
        raise PreconditionFailed
    return 0
