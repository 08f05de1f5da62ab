"""People by the tokens of an OpenID Connect issuer: any that publishes its keys by discovery."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, GuestProtocol, KeySet, OKPKey, RSAKey
from joserfc.jwt import ClaimsOption

from kbsearch.access.discovery import check_address, discover, fetch
from kbsearch.errors import InvalidInput, InvalidTenant, IssuerUnreachable, Unauthorized, UnknownKey
from kbsearch.model import LADDER, Credential, Role, TenantId, Tenants
from kbsearch.store.port import Clock

_log = logging.getLogger(__name__)

# Only such as nobody can make who has just the published keys (RFC 8725, 3.1); never ``none``, never HMAC.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_KEY_TYPES = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_LEEWAY_S = 60
_KEYS_KEPT_S = 3_600
_KEYS_OUTLIVE_ISSUER_S = 86_400  # an issuer that is down for a night locks nobody out
_FETCH_AGAIN_AFTER_S = 30  # so that made-up key ids are no lever against the issuer
_WAIT_S = 3.0
_MOST_WAITING = 4
EVERY_TENANT = "*"
_LONGEST_SUBJECT = 255
"""Characters (OpenID Connect Core 1.0, section 2)."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer whose tokens are accepted, and how to read them.

    ``audience`` is the issuer's name of this server. Claims are named by path (``realm_access.roles``). ``roles`` maps
    the issuer's role names to ours, None if they are the same; the highest of several counts. The claim of tenants
    is a tenant id or a list of them, or ``*`` for every one.
    """

    url: str
    audience: str
    role_claim: str
    tenants_claim: str
    roles: Mapping[str, Role] | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """The issuer's keys, and when they were fetched (seconds since 1970)."""

    keys: KeySet
    fetched_at: int

    def named(self, id: str | None) -> RSAKey | ECKey | OKPKey | None:
        """The key of this id, or the only one where a token names none."""
        for key in self.keys.keys:
            if (key.kid == id or (id is None and len(self.keys.keys) == 1)) and isinstance(
                key, RSAKey | ECKey | OKPKey
            ):
                return key
        return None


class People:
    """Recognises people. Keys of the issuer are kept for an hour and fetched again for an unknown key id.

    They are fetched in the background, one time after the other: no token of a known key waits for a slow issuer,
    unless the keys are more than an hour old.

    Raises:
        InvalidInput: the issuer's address is neither https nor on this machine.
    """

    def __init__(self, issuer: Issuer, clock: Clock) -> None:
        check_address(issuer.url)
        self._issuer = issuer
        self._clock = clock
        self._known: _Known | None = None
        self._tried_at = float("-inf")
        self._fetching: threading.Event | None = None
        self._beginning = threading.Lock()  # held for a moment, never while the issuer is asked
        self._waiting = threading.Semaphore(_MOST_WAITING)

    @property
    def issuer(self) -> str:
        """The issuer's address."""
        return self._issuer.url

    def recognise(self, token: str) -> Credential:
        """Whose token this is. It may wait some seconds for the issuer, so it is not called where nothing may wait.

        Raises:
            UnknownKey: it is nobody's: the issuer did not sign it.
            Unauthorized: it is not for us, has expired, or names no role or tenant of ours.
            IssuerUnreachable: its keys could not be fetched, or are being fetched.
        """
        return self._recognised(token, self._issuer.audience)

    def recognise_id_token(self, token: str, client_id: str, nonce: str) -> Credential:
        """Who signed in, by the ID token that the issuer gave to this client for this ``nonce``.

        Raises:
            As ``recognise`` does.
        """
        return self._recognised(token, client_id, nonce={"essential": True, "value": nonce}, azp={"value": client_id})

    def _recognised(self, token: str, audience: str, **more: ClaimsOption) -> Credential:
        try:
            claims = jwt.decode(token, self._key, algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError):
            raise UnknownKey from None
        registry = jwt.JWTClaimsRegistry(
            now=self._now,
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._issuer.url},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
            **more,
        )
        try:
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            raise Unauthorized(f"the token is not valid ({type(error).__name__})") from None
        return Credential.of(f"person:{_subject(claims)}", self._role(claims), self._tenants(claims))

    def _role(self, claims: Mapping[str, Any]) -> Role:
        named = _words(claims, self._issuer.role_claim)
        names = self._issuer.roles
        roles = {names[word] for word in named if word in names} if names is not None else {*named} & {*LADDER}
        for role in (*reversed(LADDER), *Role):
            if role in roles:
                return Role(role)
        raise Unauthorized("the token has no role that is known here")

    def _tenants(self, claims: Mapping[str, Any]) -> Tenants:
        named = _words(claims, self._issuer.tenants_claim)
        if EVERY_TENANT in named:
            return None
        try:
            tenants = tuple(dict.fromkeys(TenantId(one) for one in named))
        except InvalidTenant:
            raise Unauthorized("the token names an invalid tenant") from None
        if not tenants:
            raise Unauthorized("the token names no tenant")
        return tenants

    def _key(self, token: GuestProtocol) -> RSAKey | ECKey | OKPKey:
        id = token.headers().get("kid")
        now, known = self._now(), self._known
        is_old = known is None or now - known.fetched_at > _KEYS_KEPT_S
        is_level = True
        if is_old or (id is not None and known is not None and known.named(id) is None):
            is_level = self._fetched_anew(now)
            known = self._known
        if known is None or now - known.fetched_at > _KEYS_OUTLIVE_ISSUER_S:
            raise IssuerUnreachable
        key = known.named(id)
        if key is not None:
            return key
        if not is_level:
            raise IssuerUnreachable
        raise Unauthorized("the token is not valid (unknown key)")

    def _fetched_anew(self, now: int) -> bool:
        """Have the issuer's keys fetched, if some time has gone by since the last time. False: that is under way.

        Only a few wait for it, and not for long: whoever can send a token can make up a key id, and each of those who
        wait has a thread.
        """
        with self._beginning:
            if self._fetching is None and now - self._tried_at >= _FETCH_AGAIN_AFTER_S:
                self._tried_at = now
                self._fetching = threading.Event()
                threading.Thread(
                    target=self._fetch, args=(self._fetching, now), name="kbsearch-issuer", daemon=True
                ).start()
            fetching = self._fetching
        if fetching is None:
            return True
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            return fetching.wait(_WAIT_S)
        finally:
            self._waiting.release()

    def _fetch(self, fetching: threading.Event, now: int) -> None:
        try:
            self._known = _Known(_fetch_keys(self._issuer.url), now)
        except (OSError, ValueError, KeyError, TypeError, InvalidInput, JoseError) as error:
            _log.warning("the keys of %s could not be fetched: %s", self._issuer.url, type(error).__name__)
        finally:
            with self._beginning:
                self._fetching = None
            fetching.set()

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _subject(claims: Mapping[str, Any]) -> str:
    """The subject of a token. It appears in logs, so it is never cut and has no control characters."""
    subject: object = claims["sub"]
    if not isinstance(subject, str) or not subject.isprintable() or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise Unauthorized(f"the sub of the token is not a printable text of at most {_LONGEST_SUBJECT} characters")
    return subject


def _words(claims: Mapping[str, Any], path: str) -> list[str]:
    """The texts of a claim: a list, or words with spaces between."""
    found: Any = claims.get(path)  # names with dots in them, as in https://example.org/roles
    if found is None:
        found = claims
        for part in path.split("."):
            found = cast("Mapping[str, Any]", found).get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return found.split()
    return [one for one in cast("list[Any]", found) if isinstance(one, str)] if isinstance(found, list) else []


def _fetch_keys(issuer: str) -> KeySet:
    keys = [
        _KEY_TYPES[one["kty"]].import_key(one)
        for one in fetch(discover(issuer)["jwks_uri"])["keys"]
        if one.get("kty") in _KEY_TYPES and one.get("use", "sig") == "sig"
    ]
    return KeySet(list(keys))
