"""Messages for people when something fails: what to do, in the page's language. Nothing typed is lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from kbsearch import errors
from kbsearch.api import problems
from kbsearch.api.callers import CLIENT_PARAMETER
from kbsearch.api.problem_kinds import KINDS
from kbsearch.model import TenantId
from kbsearch.web.visits import Visit

_log = logging.getLogger(__name__)


class OutdatedForm(Exception):
    """A form that this session did not get from the server: it is out of date, or another site made it."""


def _text(text: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return text


_BUSY = _text("The server is busy. Try again in a moment.")
_OUT_OF_ORDER = _text("The server cannot use its data now. Tell the operator; what you typed is still here.")
_CANNOT_BE_USED = _text("Something in the form cannot be used. Check what you typed.")

SAID: Mapping[type[Exception], str] = {
    errors.KBSearchError: _text("This did not work. Try again; if it goes on, tell the operator."),
    errors.Unauthorized: _text("Your session has ended. Sign in again; what you typed stays here."),
    errors.Forbidden: _text("Your key does not allow this."),
    errors.InvalidTenant: _text("Choose the client first."),
    errors.InvalidInput: _CANNOT_BE_USED,
    errors.TooManyRequests: _text("Too many requests."),
    errors.BodyTooLarge: _text("The text is too long. Shorten it and try again."),
    errors.BodyTooSlow: _text("The connection is too slow. Try again."),
    errors.NotFound: _text("This is not here any more. It may have been erased."),
    errors.PreconditionFailed: _text("Somebody changed this meanwhile. Load the page again and look at the change."),
    errors.Conflict: _text("This cannot be done as things stand. Load the page again."),
    errors.NothingToUndo: _text("There is nothing to undo."),
    errors.NotReady: _text("The server is starting. Try again in a moment."),
    errors.IssuerUnreachable: _text("Your company's sign-in does not answer. Try again in a moment."),
    errors.Overloaded: _BUSY,
    errors.TookTooLong: _text("This took too long. Look whether it was done before you try again."),
    errors.StorageError: _OUT_OF_ORDER,
    errors.IndexNotOpen: _OUT_OF_ORDER,
    OutdatedForm: _text("This page is out of date. Load it again; what you typed stays here."),
}
"""By the nearest class of the error."""

FIELDS: Mapping[str, str] = {
    "/subject": _text("Type the problem first."),
    "/resolution": _text("Write what was done."),
    "/ticket_id": _text("Enter the ticket's number."),
    "/solution_id": _text("This fix is not here any more."),
    "/key": _text("Enter your key."),
    "/from": _text("Choose a period of at most 400 days that begins before it ends."),
    "/to": _text("Choose a period of at most 400 days that begins before it ends."),
    "/days": _text("Choose a period of at most 400 days that begins before it ends."),
}
"""By the field that an InvalidInput names."""

_SIGN_IN_STATUS = 401
_NOT_FOUND = 404
_NOT_FOUND_HEADING = _text("Page not found")
_NO_SUCH_PAGE = _text("There is no such page. Check the address.")
_INTERNAL_STATUS = 500


def failed(request: Request, error: Exception) -> Response:
    """The answer to a request of a page that did not work. A page that needs a session leads to the sign-in."""
    visit = Visit(request)
    status = status_of(error)
    if status == _INTERNAL_STATUS:
        _log.error("unexpected error in %s %s", request.method, request.url.path, exc_info=error)
    signed_out = isinstance(error, errors.Unauthorized) and not isinstance(error, errors.UnknownKey)
    if signed_out and not visit.is_fragment and request.method == "GET":
        return RedirectResponse(sign_in_address(request), 303)
    answer = visit.page(
        "failure_part.html" if visit.is_fragment else "failure.html",
        status,
        said=said(visit, error),
        sign_in=sign_in_address(request) if signed_out and not visit.is_of_panel else None,
    )
    wait_s = getattr(error, "retry_after_s", None)
    if wait_s is not None:
        answer.headers["Retry-After"] = str(wait_s)
    return answer


async def no_such_page(request: Request, error: Exception) -> Response:
    """The answer to an unknown address: a page for a browser, a problem for a program."""
    is_unknown = isinstance(error, HTTPException) and error.status_code == _NOT_FOUND
    wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/")
    if is_unknown and wants_page:
        visit = Visit(request)
        return visit.page(
            "failure.html",
            _NOT_FOUND,
            heading=visit.words.gettext(_NOT_FOUND_HEADING),
            said=visit.words.gettext(_NO_SUCH_PAGE),
            sign_in=None,
        )
    return await problems.of_http(request, error)


def sign_in_address(request: Request) -> str:
    """Where to sign in, and then to come back: to the page that was asked for, or that shows the part."""
    path, query = request.url.path, request.url.query
    if "hx-request" in request.headers or request.method != "GET":
        path, client = "/", request.query_params.get("client")
        query = urlencode({"client": client}) if client else ""
    after = f"{path}?{query}" if query else path
    return "/sign-in" if after == "/" else f"/sign-in?{urlencode({'next': after})}"


def said(visit: Visit, error: Exception) -> str:
    """One or two sentences for a person."""
    gettext: Callable[[str], str] = visit.words.gettext
    if isinstance(error, errors.TooManyRequests):
        wait = visit.words.ngettext("Try again in %(number)d second.", "Try again in %(number)d seconds.",
                                    error.retry_after_s) % {"number": error.retry_after_s}  # fmt: skip
        return f"{gettext(SAID[errors.TooManyRequests])} {wait}"
    if isinstance(error, errors.Unauthorized) and visit.is_of_panel:
        return gettext("The time of this panel is over. Load the ticket's page again; what you typed stays here.")
    if isinstance(error, errors.InvalidInput) and error.pointer in FIELDS:
        return gettext(FIELDS[error.pointer])
    if isinstance(error, errors.Forbidden) and not _covers(visit):
        return gettext("Your key does not cover this client.")
    for kind in type(error).__mro__:
        if kind in SAID:
            return gettext(SAID[kind])
    if isinstance(error, RequestValidationError):
        return gettext(_CANNOT_BE_USED)
    return gettext(SAID[errors.KBSearchError])


def _covers(visit: Visit) -> bool:
    """Whether the key may act for the client that is named, so that it is its role which does not allow this."""
    named = visit.request.query_params.get(CLIENT_PARAMETER)
    return visit.credential is None or not named or visit.credential.covers(TenantId(named))


def status_of(error: Exception) -> int:
    """The HTTP status of an answer that says so."""
    if isinstance(error, OutdatedForm):
        return 403
    if isinstance(error, RequestValidationError):
        return 422
    return next((KINDS[one].status for one in type(error).__mro__ if one in KINDS), _INTERNAL_STATUS)
