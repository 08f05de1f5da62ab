"""The session of a page, in a cookie that no script reads and no other site sends along."""

from __future__ import annotations

import hashlib
import hmac

from fastapi import Request, Response

from kbsearch.access.sessions import LIFETIME

_NAME = "kbsearch_session"


def session_token(request: Request) -> str | None:
    """The token of the request's session, None where it brings none."""
    return request.cookies.get(_name(request)) or None


def set_session(request: Request, response: Response, token: str) -> None:
    """Give the browser a session. Over HTTPS the cookie is sent back over HTTPS only."""
    response.set_cookie(
        _name(request),
        token,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",  # a link in a ticket system opens the page signed in; its forms bring no cookie
    )


def clear_session(request: Request, response: Response) -> None:
    """Take the session away from the browser."""
    response.delete_cookie(_name(request), path="/", secure=_is_secure(request), httponly=True, samesite="lax")


def csrf_token(request: Request) -> str:
    """What a form of this session carries, and no other site can know. Empty without a session."""
    token = session_token(request)
    return "" if token is None else hashlib.blake2b(token.encode(), person=b"kbsearch-csrf", digest_size=16).hexdigest()


def is_csrf_token(request: Request, given: str) -> bool:
    """Whether a form was made for the session that sends it."""
    return hmac.compare_digest(csrf_token(request).encode(), given.encode())


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _name(request: Request) -> str:
    # With this prefix a browser takes the cookie over HTTPS from this host only (RFC 6265bis, 4.1.3.2).
    return f"__Host-{_NAME}" if _is_secure(request) else _NAME
