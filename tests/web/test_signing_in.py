"""Sessions: who is let in, what each role sees, what other sites cannot do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from clocks import FakeClock
from playwright.sync_api import expect
from starlette.testclient import TestClient

from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Role
from kbsearch.web.pages import add_pages
from web.conftest import ACME, GLOBEX, Desk


@pytest.fixture
def client(knowledge: KnowledgeBase) -> Iterator[TestClient]:
    app = add_pages(create_app(Service(knowledge)))
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as opened:
        yield opened


def key_of(knowledge: KnowledgeBase, role: Role = Role.AGENT) -> str:
    return Keys(knowledge.store).create("ana", role, (ACME,))[1]


def sign_in(client: TestClient, key: str, **more: str) -> object:
    return client.post("/sign-in", data={"key": key, **more})


def csrf_of(client: TestClient) -> str:
    return client.get("/").text.partition('"X-CSRF-Token": "')[2].partition('"')[0]


def test_without_keys_this_machine_is_let_in(client: TestClient) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/sign-in").headers["location"] == "/"
    assert client.post("/ask?client=default", data={"words": "fax"}).status_code == 200
    assert client.post("/ask", data={"words": "fax"}, headers={"Origin": "http://evil.example.org"}).status_code == 403


def test_a_session_is_needed_once_there_is_a_key(client: TestClient, knowledge: KnowledgeBase) -> None:
    key = key_of(knowledge)
    assert client.get("/?client=acme").headers["location"] == "/sign-in?next=%2F%3Fclient%3Dacme"
    assert client.post("/ask", data={"words": "fax"}).status_code == 401
    answer = sign_in(client, key, next="/?client=acme")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?client=acme")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert key not in cookie
    assert client.get("/").status_code == 200


def test_over_https_the_cookie_is_for_https_only(knowledge: KnowledgeBase) -> None:
    key = key_of(knowledge)
    with TestClient(
        add_pages(create_app(Service(knowledge))), base_url="https://desk", follow_redirects=False
    ) as client:
        cookie = client.post("/sign-in", data={"key": key}).headers["set-cookie"]
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        assert client.get("/").status_code == 200


@pytest.mark.parametrize("after", ["//evil.example.org", "https://evil.example.org", "/\\evil.example.org", "x", ""])
def test_the_sign_in_leads_nowhere_else(client: TestClient, knowledge: KnowledgeBase, after: str) -> None:
    assert sign_in(client, key_of(knowledge), next=after).headers["location"] == "/"
    assert client.get("/language/bg", params={"next": after}).headers["location"] == "/"


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.MONITOR])
def test_a_programs_key_opens_no_page(client: TestClient, knowledge: KnowledgeBase, role: Role) -> None:
    answer = sign_in(client, key_of(knowledge, role))
    assert answer.status_code == 403
    assert "for a program" in answer.text


def test_wrong_keys_are_reported_and_then_locked_out_for_a_time(client: TestClient, knowledge: KnowledgeBase) -> None:
    key = key_of(knowledge)
    assert "Enter your key" in sign_in(client, " ").text
    for _ in range(10):
        answer = sign_in(client, "kbs_nothing")
        assert answer.status_code == 401
        assert "This key is not right" in answer.text
    answer = sign_in(client, key)
    assert answer.status_code == 429
    assert f"Try again in {answer.headers['retry-after']} seconds" in answer.text


def test_a_session_ends_by_itself_with_its_key_and_by_signing_out(
    client: TestClient, knowledge: KnowledgeBase, clock: FakeClock
) -> None:
    keys = Keys(knowledge.store)
    made, key = keys.create("ana", Role.AGENT, (ACME,))
    sign_in(client, key)
    clock.advance(hours=12, seconds=1)
    assert client.get("/").status_code == 303
    sign_in(client, key)
    token = client.cookies["kbsearch_session"]
    assert client.post("/sign-out", data={"csrf": csrf_of(client)}).status_code == 303
    assert "kbsearch_session" not in client.cookies
    client.cookies.set("kbsearch_session", token)
    assert client.get("/").status_code == 303  # a copied cookie opens nothing either
    sign_in(client, key)
    assert client.get("/").status_code == 200
    keys.revoke(made.id)
    assert client.get("/").status_code == 303


def test_starting_and_ending_a_session_are_in_the_audit_log(client: TestClient, knowledge: KnowledgeBase) -> None:
    key = key_of(knowledge)
    sign_in(client, key)
    client.post("/sign-out", data={"csrf": csrf_of(client)})
    with knowledge.store.read() as tx:
        rows = tx.rows("SELECT actor, action, subject FROM audit WHERE action LIKE 'session.%' ORDER BY seq")
    assert [tuple(row) for row in rows] == [
        (f"key:{key[4:14]}", "session.started", key[4:14]),
        (f"key:{key[4:14]}", "session.ended", key[4:14]),
    ]


def test_a_form_of_another_site_changes_nothing(client: TestClient, knowledge: KnowledgeBase) -> None:
    sign_in(client, key_of(knowledge))
    for path in ("/ask", "/feedback", "/sign-out"):
        for token in ({}, {"csrf": "0" * 32}):
            answer = client.post(path, data={"words": "fax", **token})
            assert answer.status_code == 403
            assert "out of date" in answer.text
    assert client.get("/").status_code == 200
    other = client.post("/sign-in", data={"key": key_of(knowledge)}, headers={"Origin": "http://evil.example.org"})
    assert other.status_code == 403


def test_the_cookie_opens_no_address_of_the_api(client: TestClient, knowledge: KnowledgeBase) -> None:
    sign_in(client, key_of(knowledge, Role.ADMIN))
    assert client.post("/v1/suggest", json={"ticket": {"subject": "fax"}}).status_code == 401
    assert client.get("/v1/audit").status_code == 401


def test_a_key_is_no_credential_for_a_page(client: TestClient, knowledge: KnowledgeBase) -> None:
    headers = {"Authorization": f"Bearer {key_of(knowledge)}"}
    assert client.get("/", headers=headers).status_code == 303


def test_an_expired_session_is_reported_and_what_was_typed_is_there_afterwards(desk: Desk) -> None:
    page = desk.signed_in()
    page.context.clear_cookies()
    page.locator("#words").fill("The printer does not print")
    expect(page.locator("#failure")).to_contain_text("Your session has ended. Sign in again")
    page.locator("#failure a").click()
    page.locator("#key").fill(desk.key())
    page.keyboard.press("Enter")
    expect(page.locator("#words")).to_have_value("The printer does not print")
    expect(page.locator("#verdict")).to_be_visible()


def test_signing_out_leaves_nothing_in_the_tab(desk: Desk) -> None:
    page = desk.signed_in(Role.AGENT, GLOBEX)
    page.locator("#words").fill("The forklift terminal does not print labels")
    page.wait_for_selector("#verdict")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate("sessionStorage.length") == 0
