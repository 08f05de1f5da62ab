"""What routes of articles share: conditions on the version, headers of an answer."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import Header, Request, Response

from kbsearch.api.callers import Caller
from kbsearch.api.idempotency import Again
from kbsearch.api.responses.articles import (
    ArticleOut,
    WrittenArticleOut,
    same_version,
)
from kbsearch.errors import NotFound, PreconditionFailed
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Scope, TenantId

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


def answer_again(caller: Caller, knowledge: KnowledgeBase) -> Again:
    """Makes the answer to a repeated request: the article as it is now. Raises NotFound if it was erased."""

    def answer(id: str, revision: int) -> WrittenArticleOut:
        return WrittenArticleOut.written(knowledge.articles.get(caller.scope, id), revision)

    return answer


def named_answer(answer: Response, request: Request) -> Response:
    """The answer with the article's ETag, and its address if it was added; the same for a repeated request."""
    written = WrittenArticleOut.model_validate_json(bytes(answer.body))
    answer.headers["ETag"] = written.etag
    if answer.status_code == 201:
        answer.headers["Location"] = f"{root_path(request)}{written.location}"
    return answer


def root_path(request: Request) -> str:
    return request.scope.get("root_path", "")


def etags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]


def wanted_version(
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
            matched = if_match is None or any(tag == "*" or same_version(tag, etag) for tag in etags(if_match))
            absent = if_none_match is None or {"*", etag}.isdisjoint(etags(if_none_match))
            if not matched or not absent:
                raise PreconditionFailed
            return current.version
    if if_match is not None:
        raise PreconditionFailed
    return 0
