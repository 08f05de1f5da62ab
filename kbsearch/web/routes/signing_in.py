"""Signing in with a key or at an issuer, signing out, choosing a language."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from kbsearch.access.code_flow import Attempt
from kbsearch.api import bodies
from kbsearch.api.cookies import (
    attempt_of,
    clear_attempt,
    clear_session,
    session_token,
    set_attempt,
    set_session,
)
from kbsearch.api.gate import Gate
from kbsearch.api.service import ServiceDep
from kbsearch.errors import Forbidden, InvalidInput, KBSearchError, Unauthorized, UnknownKey
from kbsearch.web.failures import failed, said, status_of
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

CodeQuery = Annotated[str, Query(max_length=4_096)]
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
    return _page(Visit(request), _local(after))


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
        return _refused(visit, error, after, told)
    response = RedirectResponse(after, 303)
    set_session(request, response, token)
    return response


@open_router.get("/sign-in/issuer")
def sign_in_at_issuer(request: Request, after: NextQuery = "/") -> Response:
    """Send the person to the issuer."""
    visit, attempt = Visit(request), Attempt.new(_local(after))
    gate: Gate = request.app.state.gate
    if gate.code_flow is None:
        return RedirectResponse("/sign-in", 303)
    try:
        address = gate.code_flow.begin(attempt, _way_back(request))
    except KBSearchError as error:
        return _refused(visit, error, attempt.after, said(visit, error))
    response = RedirectResponse(address, 303)
    set_attempt(request, response, attempt)
    return response


@open_router.get("/sign-in/return")
def return_from_issuer(request: Request, state: CodeQuery = "", code: CodeQuery = "") -> Response:
    """Start a session for the person whom the issuer sends back."""
    visit, attempt = Visit(request), attempt_of(request)
    gate: Gate = request.app.state.gate
    gettext = visit.words.gettext
    try:
        if attempt is None or gate.code_flow is None:
            raise Unauthorized("no sign-in has begun in this browser")
        token = gate.sign_in_at_issuer(request, attempt, _way_back(request), state, code)
    except KBSearchError as error:
        told = said(visit, error)
        if isinstance(error, Unauthorized):
            told = gettext("The sign-in did not work. Try again; if it goes on, tell the operator.")
        elif isinstance(error, Forbidden):
            told = gettext("Your account is not one for people.")
        response = _refused(visit, error, attempt.after if attempt else "/", told)
    else:
        assert attempt is not None
        response = RedirectResponse(_local(attempt.after), 303)
        set_session(request, response, token)
    clear_attempt(request, response)
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


def _page(visit: Visit, after: str, said: str | None = None, status: int = 200) -> Response:
    gate: Gate = visit.request.app.state.gate
    return visit.page("sign_in.html", status, after=after, said=said, at_issuer=gate.code_flow is not None)


def _refused(visit: Visit, error: KBSearchError, after: str, told: str) -> Response:
    """The sign-in page again, with what did not work."""
    answer = _page(visit, after, told, status_of(error))
    wait_s = getattr(error, "retry_after_s", None)
    if wait_s is not None:
        answer.headers["Retry-After"] = str(wait_s)
    return answer


def _way_back(request: Request) -> str:
    """The address at which the issuer sends people back."""
    return f"{request.base_url}sign-in/return"


def _local(address: str) -> str:
    """An address of this server, the first page for any other."""
    if not address.startswith("/") or address.startswith("//") or "\\" in address or not address.isprintable():
        return "/"
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else address
