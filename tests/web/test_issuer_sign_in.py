"""Signing in at an OpenID Connect issuer: the whole way in a browser, and what must not work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from api.conftest import serving
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from kbsearch.access.code_flow import Client, CodeFlow
from kbsearch.access.people import Issuer, People
from kbsearch.api.app import create_app
from kbsearch.api.gate import GateRules
from kbsearch.api.service import Service
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.tenant_erasing import erase_tenant
from kbsearch.model import Article, Role
from kbsearch.store.port import utc_now
from kbsearch.web.pages import add_pages
from web.conftest import ACME

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::authlib.deprecate.AuthlibDeprecationWarning"
)

PEOPLE = {
    "m.petrova": {"kbsearch_role": "lead", "kbsearch_tenants": ["acme"]},
    "robot": {"kbsearch_role": "system", "kbsearch_tenants": ["acme"]},
    "stranger": {},
}
ROLES = {"lead": Role.LEAD, "system": Role.SYSTEM}


@dataclass
class Provider:
    """An issuer that is not ours, and who signs in there."""

    url: str

    def consent(self, address: str, sub: str = "m.petrova", **changed: str) -> str:
        """Where the issuer sends the browser back to, path and query."""
        back = httpx.post(address, data={"sub": sub, **changed}).headers["location"]
        parts = urlsplit(back)
        return f"{parts.path}?{parts.query}"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    from oidc_provider_mock import User, run_server_in_thread

    people = [User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    with run_server_in_thread(user_claims=people) as opened:
        yield Provider(f"http://localhost:{opened.server_port}")


def pages(knowledge: KnowledgeBase, url: str, secret: str | None = "s3cret") -> Any:
    people = People(Issuer(url, "api", "kbsearch_role", "kbsearch_tenants", ROLES), utc_now)
    rules = GateRules(open_without_keys=False, people=people, code_flow=CodeFlow(people, Client("kbsearch", secret)))
    return add_pages(create_app(Service(knowledge), rules))


@pytest.fixture
def client(knowledge: KnowledgeBase, provider: Provider) -> Iterator[TestClient]:
    with TestClient(pages(knowledge, provider.url), base_url="http://127.0.0.1", follow_redirects=False) as opened:
        yield opened


def begun(client: TestClient, after: str = "/") -> str:
    return client.get("/sign-in/issuer", params={"next": after}).headers["location"]


def test_a_person_signs_in_at_the_issuer_and_sees_the_page_of_their_role(
    knowledge: KnowledgeBase, provider: Provider, opened: Callable[..., Page]
) -> None:
    with serving(pages(knowledge, provider.url)) as address:
        page = opened()
        page.goto(f"{address}/review")
        page.get_by_role("link", name="Sign in with your company account").click()
        page.locator("input[name=sub]").fill("m.petrova")
        page.locator("button, input[type=submit]").first.click()
        page.wait_for_url(f"{address}/review")
        expect(page.locator("h1")).to_have_text("Waiting for review")
        expect(page.locator("#client")).to_have_value("acme")
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in")
        page.goto(f"{address}/")
        page.wait_for_url("**/sign-in*")


def test_the_issuer_gets_a_challenge_and_no_secret_in_the_address(client: TestClient) -> None:
    asked = parse_qs(urlsplit(begun(client)).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert asked["redirect_uri"] == ["http://127.0.0.1/sign-in/return"]
    assert "s3cret" not in str(asked)


def test_the_way_back_leads_to_the_page_that_was_asked_for(client: TestClient, provider: Provider) -> None:
    answer = client.get(provider.consent(begun(client, "/review?client=acme")))
    assert (answer.status_code, answer.headers["location"]) == (303, "/review?client=acme")
    assert client.get("/review?client=acme").status_code == 200
    assert "kbsearch_sign_in" not in client.cookies


@pytest.mark.parametrize("after", ["//evil.example.org", "https://evil.example.org", "/" + "x" * 5_000])
def test_the_way_back_leads_nowhere_else(client: TestClient, provider: Provider, after: str) -> None:
    assert client.get(provider.consent(begun(client, after))).headers["location"] == "/"


def test_a_way_back_that_did_not_begin_here_opens_nothing(client: TestClient, provider: Provider) -> None:
    back = provider.consent(begun(client))
    attempt = client.cookies["kbsearch_sign_in"]
    client.cookies.clear()
    assert client.get(back).status_code == 401  # another browser: somebody was sent a link
    client.cookies.set("kbsearch_sign_in", attempt)
    assert client.get(back.replace("state=", "state=x")).status_code == 401
    client.cookies.set("kbsearch_sign_in", "bm8=")
    assert client.get(back).status_code == 401
    assert client.get("/").status_code == 303


def test_a_code_opens_one_session(client: TestClient, provider: Provider) -> None:
    back = provider.consent(begun(client))
    attempt = client.cookies["kbsearch_sign_in"]
    assert client.get(back).status_code == 303
    client.cookies.clear()
    client.cookies.set("kbsearch_sign_in", attempt)
    answer = client.get(back)
    assert answer.status_code == 401
    assert "did not work" in answer.text


def test_a_code_of_another_attempt_opens_nothing(client: TestClient, provider: Provider) -> None:
    other = parse_qs(urlsplit(provider.consent(begun(client))).query)["code"][0]
    state = parse_qs(urlsplit(begun(client)).query)["state"][0]
    assert client.get("/sign-in/return", params={"state": state, "code": other}).status_code == 401


def test_who_cancels_is_reported(client: TestClient, provider: Provider) -> None:
    answer = client.get(provider.consent(begun(client), action="deny"))
    assert answer.status_code == 401
    assert "The sign-in did not work" in answer.text


@pytest.mark.parametrize(("sub", "status"), [("robot", 403), ("stranger", 401)])
def test_an_account_without_a_role_of_people_opens_nothing(
    client: TestClient, provider: Provider, sub: str, status: int
) -> None:
    assert client.get(provider.consent(begun(client), sub)).status_code == status
    assert client.get("/").status_code == 303


def test_an_issuer_that_is_down_is_reported(knowledge: KnowledgeBase) -> None:
    with TestClient(pages(knowledge, "http://127.0.0.1:9"), base_url="http://127.0.0.1") as client:
        answer = client.get("/sign-in/issuer")
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert answer.headers["retry-after"]


def test_without_a_client_id_there_is_no_such_sign_in(knowledge: KnowledgeBase) -> None:
    app = add_pages(create_app(Service(knowledge), GateRules(open_without_keys=False)))
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:
        assert "company account" not in client.get("/sign-in").text
        assert client.get("/sign-in/issuer").headers["location"] == "/sign-in"
        assert client.get("/sign-in/return", params={"state": "x", "code": "y"}).status_code == 401


def test_erasing_a_tenant_ends_the_sessions_for_it(
    client: TestClient, provider: Provider, knowledge: KnowledgeBase
) -> None:
    knowledge.articles.put(ACME, Article("fax", "The fax does not answer", resolution="Restart the fax."))
    client.get(provider.consent(begun(client)))
    assert client.get("/").status_code == 200
    with knowledge.store.read() as tx:
        assert tx.row("SELECT count(*) AS n FROM sessions")["n"] == 1
    erase_tenant(knowledge.store, knowledge.purges, ACME, late_s=0)
    with knowledge.store.read() as tx:
        assert tx.row("SELECT count(*) AS n FROM sessions")["n"] == 0
    assert client.get("/").status_code == 303


def test_the_session_is_in_the_audit_log_by_the_person_s_name(
    client: TestClient, provider: Provider, knowledge: KnowledgeBase
) -> None:
    client.get(provider.consent(begun(client)))
    with knowledge.store.read() as tx:
        rows = tx.rows("SELECT actor, action, subject FROM audit WHERE action LIKE 'session.%' ORDER BY seq")
    assert [tuple(row) for row in rows] == [("person:m.petrova", "session.started", "person:m.petrova")]
