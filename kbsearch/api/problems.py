"""Errors as RFC 9457 problem details. A submitted text is never repeated in one."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import compile_path

from kbsearch import errors
from kbsearch.api.problem_kinds import (
    INTERNAL,
    INVALID,
    KINDS,
    MALFORMED,
    NO_SUCH_ADDRESS,
    WRONG_METHOD,
    ProblemKind,
)

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_LONGEST_NAME = 80
_HTTP_KINDS = {400: MALFORMED, 404: NO_SUCH_ADDRESS, 405: WRONG_METHOD}


def problem(
    request_path: str,
    kind: ProblemKind,
    detail: str,
    found: Sequence[Mapping[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A problem response. ``found`` lists {pointer, detail} of each broken field."""
    body: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": request_path,
    }
    if found is not None:
        body["errors"] = list(found)
    return JSONResponse(body, kind.status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def validation_errors(problems: Sequence[Mapping[str, Any]], skip: int = 0) -> list[dict[str, str]]:
    """Pydantic's errors as {pointer, detail}, without the values that were sent."""
    found: list[dict[str, str]] = []
    for one in problems:
        is_unknown = one["type"] == "extra_forbidden"
        loc = one["loc"][skip : len(one["loc"]) - is_unknown]  # an unknown field's name is a text that was sent
        place = [str(part)[:_LONGEST_NAME].encode(errors="replace").decode() for part in loc]
        pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in place)
        detail = str(one["msg"]).removeprefix("Value error, ")
        if is_unknown:
            detail = "unknown field"
        found.append({"pointer": pointer, "detail": detail})
    return found


def install(app: FastAPI) -> None:
    """Return every error of the tree as a problem. Other exceptions are bugs, which the access log handles."""
    for kind in KINDS:
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(ClientDisconnect, _gone)


async def _known(request: Request, error: Exception) -> JSONResponse:
    kind = next(KINDS[one] for one in type(error).__mro__ if one in KINDS)
    headers: dict[str, str] = {}
    found = None
    if isinstance(error, errors.NotReady | errors.TooManyRequests | errors.StillAtWork):
        headers["Retry-After"] = str(error.retry_after_s)
    elif isinstance(error, errors.Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="kbsearch"' + (', error="invalid_token"' if error.given else "")
    elif kind.status in (408, 413):
        headers["Connection"] = "close"  # what is left of the body is not read
    elif kind.status == 503:
        headers["Retry-After"] = "30"
        _log.error("%s", error)
    elif isinstance(error, errors.UnsupportedMediaType):
        headers["Accept" if error.header == "Content-Type" else "Accept-Encoding"] = error.wanted
    if isinstance(error, errors.InvalidInput):
        found = [{"pointer": error.pointer, "detail": error.detail}]
    detail = (
        str(error)
        if not isinstance(error, errors.StorageError)
        else "the data folder cannot be used at the moment; see the server's log"
    )
    return problem(request.url.path, kind, detail, found, headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return problem(request.url.path, MALFORMED, "the body is not JSON")
    found = validation_errors(error.errors(), skip=1)
    places = " and ".join(sorted({str(one["loc"][0]) for one in error.errors()}))
    detail = f"{len(found)} value{'s' if len(found) > 1 else ''} in the {places} cannot be used; see errors"
    return problem(request.url.path, INVALID, detail, found)


async def of_http(request: Request, error: Exception) -> JSONResponse:
    """The problem for what the router itself cannot answer: an unknown address, a method that it does not have."""
    assert isinstance(error, HTTPException)
    kind = _HTTP_KINDS.get(error.status_code, INTERNAL)
    if kind is INTERNAL:
        _log.error("unexpected status %d in %s %s", error.status_code, request.method, request.url.path)
    headers = dict(error.headers or {})
    if kind is WRONG_METHOD:
        headers["Allow"] = ", ".join(_allowed(request))
    return problem(request.url.path, kind, kind.title, headers=headers)


def _allowed(request: Request) -> list[str]:
    """The methods of all routes of an address (RFC 9110, 10.2.1): each route knows only its own."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    allowed: set[str] = set()
    for context in iter_route_contexts(request.app.routes):
        if context.methods and context.path is not None and compile_path(context.path)[0].match(path):
            allowed |= context.methods
    if not allowed or "GET" in allowed:  # files, which no route of ours has, can only be read
        allowed |= {"GET", "HEAD"}
    return sorted(allowed)


async def _gone(request: Request, error: Exception) -> JSONResponse:
    return problem(request.url.path, MALFORMED, "the body ended too early")  # nobody is left to read this


def bug(method: str, path: str, error: Exception) -> JSONResponse:
    """The answer to an unexpected exception; only the log says what it was."""
    _log.error("unexpected error in %s %s", method, path, exc_info=error)
    return problem(path, INTERNAL, "an internal error; it was logged")


def stopped(path: str) -> JSONResponse:
    """The answer to a request that is interrupted by the end of the server."""
    error = errors.Stopping()
    headers = {"Retry-After": str(error.retry_after_s), "Connection": "close"}
    return problem(path, KINDS[errors.Stopping], str(error), headers=headers)
