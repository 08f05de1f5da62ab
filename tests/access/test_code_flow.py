"""Signing in with an authorization code: what goes to the issuer, and which answers are believed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from clocks import FakeClock
from issuer import Issuer as LocalIssuer
from issuer import issuing

from kbsearch.access.code_flow import Attempt, Client, CodeFlow
from kbsearch.access.people import Issuer, People
from kbsearch.errors import IssuerUnreachable, Unauthorized

BACK = "https://desk.example.org/sign-in/return"
ATTEMPT = Attempt.new("/")


@pytest.fixture
def issuer() -> Iterator[LocalIssuer]:
    with issuing() as opened:
        yield opened


def flow(issuer: LocalIssuer, clock: FakeClock, secret: str | None = None) -> CodeFlow:
    people = People(Issuer(issuer.url, "api", "kbsearch_role", "kbsearch_tenants"), clock)
    return CodeFlow(people, Client("desk", secret, "openid profile"))


def grant(issuer: LocalIssuer, clock: FakeClock, **changed: Any) -> None:
    now = int(clock().timestamp())
    claims = {
        "iss": issuer.url, "aud": "desk", "sub": "m.petrova", "iat": now, "exp": now + 300, "nonce": ATTEMPT.nonce,
        "kbsearch_role": "engineer", "kbsearch_tenants": ["acme"], **changed,
    }  # fmt: skip
    kept = {name: value for name, value in claims.items() if value is not None}
    issuer.granted = {"access_token": "x", "token_type": "Bearer", "id_token": issuer.token(kept)}


def test_the_challenge_is_the_digest_of_the_verifier(issuer: LocalIssuer, clock: FakeClock) -> None:
    asked = parse_qs(urlsplit(flow(issuer, clock).begin(ATTEMPT, BACK)).query)
    digest = hashlib.sha256(ATTEMPT.verifier.encode()).digest()
    assert asked["code_challenge"] == [base64.urlsafe_b64encode(digest).rstrip(b"=").decode()]
    assert (asked["state"], asked["nonce"]) == ([ATTEMPT.state], [ATTEMPT.nonce])
    assert (asked["scope"], asked["redirect_uri"]) == (["openid profile"], [BACK])


@pytest.mark.parametrize(
    ("secret", "methods", "basic", "names_secret"),
    [
        (None, None, False, False),
        ("s3cret", None, True, False),
        ("s3cret", ["client_secret_post"], False, True),
        ("s3cret", ["client_secret_post", "client_secret_basic"], True, False),
    ],
)
def test_the_client_proves_itself_as_the_issuer_wants(
    issuer: LocalIssuer,
    clock: FakeClock,
    secret: str | None,
    methods: list[str] | None,
    basic: bool,
    names_secret: bool,
) -> None:
    if methods is not None:
        issuer.endpoints["token_endpoint_auth_methods_supported"] = methods
    grant(issuer, clock)
    person = flow(issuer, clock, secret).finish(ATTEMPT, BACK, ATTEMPT.state, "c0de")
    assert person.name == "person:m.petrova"
    [(header, form)] = issuer.exchanges
    assert (header is not None, "client_secret" in form) == (basic, names_secret)
    assert form["code_verifier"] == ATTEMPT.verifier
    assert (form["code"], form["redirect_uri"], form["grant_type"]) == ("c0de", BACK, "authorization_code")
    assert basic or form["client_id"] == "desk"


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"aud": "api"},
        {"aud": ["desk", "other"], "azp": "other"},
        {"exp": 0},
        {"iss": "https://elsewhere.example.org"},
        {"kbsearch_role": None},
    ],
)
def test_an_id_token_for_something_else_is_not_believed(
    issuer: LocalIssuer, clock: FakeClock, changed: dict[str, Any]
) -> None:
    grant(issuer, clock, **changed)
    with pytest.raises(Unauthorized):
        flow(issuer, clock).finish(ATTEMPT, BACK, ATTEMPT.state, "c0de")


@pytest.mark.parametrize("granted", [{"error": "invalid_grant"}, {"access_token": "x"}, {"id_token": 7}])
def test_an_answer_without_an_id_token_opens_nothing(
    issuer: LocalIssuer, clock: FakeClock, granted: dict[str, Any]
) -> None:
    issuer.granted = granted
    with pytest.raises(Unauthorized):
        flow(issuer, clock).finish(ATTEMPT, BACK, ATTEMPT.state, "c0de")


def test_another_state_asks_the_issuer_nothing(issuer: LocalIssuer, clock: FakeClock) -> None:
    for state in ("", "x", ATTEMPT.state + "x", "\u00e9"):
        with pytest.raises(Unauthorized):
            flow(issuer, clock).finish(ATTEMPT, BACK, state, "c0de")
    assert issuer.exchanges == []


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint"])
@pytest.mark.parametrize("url", ["http://issuer.example.org/x", "file:///etc/passwd", "javascript:alert(1)", None])
def test_an_issuer_without_a_safe_address_is_not_asked(
    issuer: LocalIssuer, clock: FakeClock, endpoint: str, url: str | None
) -> None:
    issuer.endpoints[endpoint] = url
    asked = flow(issuer, clock)
    begin, finish = partial(asked.begin, ATTEMPT, BACK), partial(asked.finish, ATTEMPT, BACK, ATTEMPT.state, "c0de")
    with pytest.raises(IssuerUnreachable):
        (finish if endpoint == "token_endpoint" else begin)()


def test_few_wait_for_a_slow_issuer(issuer: LocalIssuer, clock: FakeClock) -> None:
    issuer.answers.clear()
    asked = flow(issuer, clock)
    with ThreadPoolExecutor(10) as pool:
        begun = [pool.submit(asked.begin, ATTEMPT, BACK) for _ in range(10)]
        refused = sum(isinstance(one.exception(0.5), IssuerUnreachable) for one in begun if _ends(one))
        issuer.answers.set()
    assert refused == 6


def _ends(future: Any) -> bool:
    try:
        future.exception(0.5)
    except TimeoutError:
        return False
    return True
