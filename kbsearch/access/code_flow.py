"""Sign-in of a browser at an OpenID Connect issuer: authorization code with PKCE.

RFC 6749, section 4.1; RFC 7636; OpenID Connect Core 1.0, section 3.1.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, cast

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client

from kbsearch.access.discovery import check_address, discover
from kbsearch.access.people import People
from kbsearch.errors import Forbidden, InvalidInput, IssuerUnreachable, Unauthorized, UnknownKey
from kbsearch.model import LADDER, Credential

_log = logging.getLogger(__name__)

_RANDOM_BYTES = 32
_TIMEOUT_S = 5.0
_MOST_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Client:
    """This server as the issuer knows it. ``secret`` is None for a public client."""

    id: str
    secret: str | None = None
    scope: str = "openid"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that has begun. The browser keeps it until the issuer sends the person back.

    ``state`` ties the way back to this browser, ``nonce`` the ID token to this attempt, and ``verifier`` the code.
    ``after`` is the page to show then.
    """

    state: str
    nonce: str
    verifier: str
    after: str

    @classmethod
    def new(cls, after: str) -> Attempt:
        state, nonce, verifier = (secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(3))
        return cls(state, nonce, verifier, after)


class _Exchange(Protocol):
    """What is used of Authlib's client, which has no types."""

    redirect_uri: str

    def create_authorization_url(self, url: str, **parameters: str) -> tuple[str, str]: ...

    def fetch_token(self, url: str, **parameters: str) -> Mapping[str, object]: ...

    def close(self) -> None: ...


class CodeFlow:
    """Sends people to the issuer and recognises them when they come back.

    Its methods wait for the issuer for some seconds. Few do so at the same time: anyone can begin a sign-in, and each
    of those who wait has a thread.
    """

    def __init__(self, people: People, client: Client) -> None:
        self._people = people
        self._client = client
        self._places = threading.Semaphore(_MOST_AT_ONCE)

    def begin(self, attempt: Attempt, redirect_uri: str) -> str:
        """The address at the issuer where the person signs in.

        Raises:
            IssuerUnreachable: the issuer does not answer, or too many are asking it.
        """
        with self._asking() as (client, issuer):
            client.redirect_uri = redirect_uri
            url = issuer["authorization_endpoint"]
            check_address(url)
            address, _ = client.create_authorization_url(
                url, state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier
            )
        return address

    def finish(self, attempt: Attempt, redirect_uri: str, state: str, code: str) -> Credential:
        """Who signed in, from what the issuer sent along on the way back.

        Raises:
            Unauthorized: it does not belong to this attempt, or the issuer refuses the code or names no role here.
            Forbidden: the role is one of programs.
            IssuerUnreachable: the issuer does not answer, or too many are asking it.
        """
        if not hmac.compare_digest(state.encode(), attempt.state.encode()):
            raise Unauthorized("this sign-in did not begin in this browser")
        with self._asking() as (client, issuer):
            url = issuer["token_endpoint"]
            check_address(url)
            try:
                answer = client.fetch_token(
                    url, grant_type="authorization_code", code=code, redirect_uri=redirect_uri,
                    code_verifier=attempt.verifier,
                )  # fmt: skip
            except AuthlibBaseError as error:
                _log.warning("the issuer refused a sign-in: %s", error.error)
                raise Unauthorized("the issuer refused this sign-in") from None
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Unauthorized("the issuer gave no ID token")
        try:
            credential = self._people.recognise_id_token(token, self._client.id, attempt.nonce)
        except UnknownKey:
            raise Unauthorized("the issuer did not sign the ID token") from None
        if credential.role not in LADDER:
            raise Forbidden(f"the role {credential.role} is for programs")
        return credential

    @contextmanager
    def _asking(self) -> Generator[tuple[_Exchange, dict[str, Any]]]:
        """A client for one exchange, and the issuer's description of itself."""
        if not self._places.acquire(blocking=False):
            raise IssuerUnreachable
        try:
            issuer = discover(self._people.issuer)
            opened = OAuth2Client(
                self._client.id,
                self._client.secret,
                token_endpoint_auth_method=self._authentication(issuer),
                scope=self._client.scope,
                code_challenge_method="S256",
                timeout=_TIMEOUT_S,
            )
            with closing(cast("_Exchange", opened)) as client:
                yield client, issuer
        except (OSError, ValueError, KeyError, TypeError, InvalidInput, httpx2.HTTPError) as error:
            _log.warning("the issuer %s cannot be asked: %s", self._people.issuer, type(error).__name__)
            raise IssuerUnreachable from None
        finally:
            self._places.release()

    def _authentication(self, issuer: dict[str, Any]) -> str:
        """How this client proves itself to the issuer. Basic is what an issuer that says nothing supports."""
        if self._client.secret is None:
            return "none"
        methods = issuer.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
