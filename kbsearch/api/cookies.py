"""What the pages keep in cookies that no script reads: the session, and a sign-in that has begun at the issuer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import asdict

from fastapi import Request, Response

from kbsearch.access.code_flow import Attempt
from kbsearch.access.sessions import LIFETIME

_SESSION = "kbsearch_session"
_ATTEMPT = "kbsearch_sign_in"
_ATTEMPT_LASTS_S = 600
_LONGEST_AFTER = 1_000
"""Characters: browsers keep cookies of up to 4,096 bytes."""


def session_token(request: Request) -> str | None:
    """The token of the request's session, None where it brings none."""
    return request.cookies.get(_name(request, _SESSION)) or None


def set_session(request: Request, response: Response, token: str) -> None:
    """Give the browser a session. Over HTTPS the cookie is sent back over HTTPS only."""
    _set(request, response, _SESSION, token, int(LIFETIME.total_seconds()))


def clear_session(request: Request, response: Response) -> None:
    """Take the session away from the browser."""
    _clear(request, response, _SESSION)


def set_attempt(request: Request, response: Response, attempt: Attempt) -> None:
    """Let the browser keep a sign-in that has begun, until the issuer sends the person back."""
    after = attempt.after if len(attempt.after) <= _LONGEST_AFTER else "/"
    text = json.dumps({**asdict(attempt), "after": after})
    _set(request, response, _ATTEMPT, base64.urlsafe_b64encode(text.encode()).decode(), _ATTEMPT_LASTS_S)


def attempt_of(request: Request) -> Attempt | None:
    """The sign-in that has begun in this browser, None where there is none."""
    try:
        return Attempt(**json.loads(base64.urlsafe_b64decode(request.cookies.get(_name(request, _ATTEMPT), ""))))
    except (ValueError, TypeError):
        return None


def clear_attempt(request: Request, response: Response) -> None:
    """A sign-in is finished once."""
    _clear(request, response, _ATTEMPT)


def csrf_token(request: Request) -> str:
    """What a form of this session carries, and no other site can know. Empty without a session."""
    token = session_token(request)
    return "" if token is None else hashlib.blake2b(token.encode(), person=b"kbsearch-csrf", digest_size=16).hexdigest()


def is_csrf_token(request: Request, given: str) -> bool:
    """Whether a form was made for the session that sends it."""
    return hmac.compare_digest(csrf_token(request).encode(), given.encode())


def _set(request: Request, response: Response, name: str, value: str, lasts_s: int) -> None:
    response.set_cookie(
        _name(request, name),
        value,
        max_age=lasts_s,
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",  # a link of another site opens the page signed in; its forms bring no cookie
    )


def _clear(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(_name(request, name), path="/", secure=_is_secure(request), httponly=True, samesite="lax")


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _name(request: Request, name: str) -> str:
    # With this prefix a browser takes the cookie over HTTPS from this host only (RFC 6265bis, 4.1.3.2).
    return f"__Host-{name}" if _is_secure(request) else name
