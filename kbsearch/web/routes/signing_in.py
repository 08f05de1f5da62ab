"""Signing in with a key, signing out, choosing a language."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from kbsearch.api import bodies
from kbsearch.api.cookies import clear_session, session_token, set_session
from kbsearch.api.gate import Gate
from kbsearch.api.service import ServiceDep
from kbsearch.errors import Forbidden, InvalidInput, KBSearchError, Unauthorized, UnknownKey
from kbsearch.web.failures import failed, said
from kbsearch.web.forms import read_form
from kbsearch.web.page_route import PageRoute
from kbsearch.web.visits import Visit
from kbsearch.web.words import LANGUAGE_COOKIE, LANGUAGES

open_router = APIRouter(include_in_schema=False)
"""Pages that nobody needs to be signed in for."""

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_MOST_BYTES = 8_192
_TIMEOUT_S = 10.0
_YEAR_S = 365 * 86_400

NextQuery = Annotated[str, Query(alias="next", max_length=100_000)]


@open_router.get("/sign-in")
async def ask_for_key(request: Request, after: NextQuery = "/") -> Response:
    """The page that asks for a key; where none is needed, the page behind it."""
    try:
        gate: Gate = request.app.state.gate
        if gate.lets_in_without_key(request):
            return RedirectResponse(_local(after), 303)
    except KBSearchError as error:
        return failed(request, error)
    return Visit(request).page("sign_in.html", after=_local(after), said=None)


@open_router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Start a session with the key of the form."""
    visit = Visit(request)
    after = "/"
    try:
        request = await bodies.whole(request, _TIMEOUT_S, _MOST_BYTES)
        form = await read_form(request)
        after = _local(form.get("next", "/"))
        key = form.get("key", "").strip()
        if not key:
            raise InvalidInput("/key", "a key is needed")
        gate: Gate = request.app.state.gate
        token = await run_in_threadpool(gate.sign_in, request, key)
    except KBSearchError as error:
        gettext = visit.words.gettext
        told = said(visit, error)
        if isinstance(error, UnknownKey):
            told = gettext("This key is not right. Check that you copied all of it.")
        elif isinstance(error, Unauthorized):
            told = gettext("This key has expired or was revoked. Ask for a new one.")
        elif isinstance(error, Forbidden):
            told = gettext("This key is for a program, not for a person.")
        answer = visit.page("sign_in.html", failed(request, error).status_code, after=after, said=told)
        wait_s = getattr(error, "retry_after_s", None)
        if wait_s is not None:
            answer.headers["Retry-After"] = str(wait_s)
        return answer
    response = RedirectResponse(after, 303)
    set_session(request, response, token)
    return response


@router.post("/sign-out")
def sign_out(request: Request, service: ServiceDep) -> Response:
    """End the session."""
    token = session_token(request)
    if token is not None:
        service.sessions().end(token)
    response = RedirectResponse("/sign-in", 303)
    clear_session(request, response)
    return response


@open_router.get("/language/{code}")
async def choose_language(request: Request, code: str, after: NextQuery = "/") -> Response:
    """Show the pages in this language from now on."""
    response = RedirectResponse(_local(after), 303)
    if code in LANGUAGES:
        secure = request.url.scheme == "https"
        response.set_cookie(
            LANGUAGE_COOKIE, code, max_age=_YEAR_S, path="/", secure=secure, httponly=True, samesite="lax"
        )
    return response


def _local(address: str) -> str:
    """An address of this server, the first page for any other."""
    if not address.startswith("/") or address.startswith("//") or "\\" in address or not address.isprintable():
        return "/"
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else address
