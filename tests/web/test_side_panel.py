"""The side panel: in a frame of another site's page, for one client and ticket, with a token of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from api.conftest import serving
from clocks import FakeClock
from playwright.sync_api import FrameLocator, Page, expect
from starlette.testclient import TestClient

from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Role, Scope, TenantId, Ticket
from kbsearch.web.pages import add_pages
from scripts.harness.hashing import HashingEmbedder
from web.conftest import ACME, ARTICLES, GLOBEX
from web.test_accessibility import SCREENS, check

PAGE = """<!doctype html><html lang="en"><title>Ticket RT-1</title><main><h1>RT-1</h1>
<iframe title="kbsearch" allow="clipboard-write" width="320" height="700" src="{src}"></iframe></main>
<script>window.told = []; addEventListener("message", (event) => told.push(event.data));</script></html>"""


@contextmanager
def ticket_system() -> Iterator[str]:
    """Another site, whose pages show the panel at ``?src=`` in a frame."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            src = httpx.QueryParams(self.path.partition("?")[2]).get("src", "")
            body = PAGE.replace("{src}", src.replace("&", "&amp;").replace('"', "")).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="ticket-system")
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, KnowledgeBase]]:
    """A server and the one ticket system that may show its panel."""
    knowledge = embedded(tmp_path_factory.mktemp("desk"), lambda model: HashingEmbedder())
    for tenant, article in ARTICLES:
        knowledge.articles.put(tenant, article)
    with ticket_system() as site, serving(add_pages(create_app(Service(knowledge)), [site])) as address:
        yield address, site, knowledge
    knowledge.close()


def opened_by(address: str, knowledge: KnowledgeBase, **body: Any) -> dict[str, Any]:
    key = Keys(knowledge.store).create("RT", Role.SYSTEM, (ACME,))[1]
    answer = httpx.post(f"{address}/v1/panel-sessions", json=body, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 201, answer.text
    return answer.json()


def shown(page: Page, site: str, src: str) -> FrameLocator:
    page.goto(f"{site}/?{urlencode({'src': src})}")
    return page.frame_locator("iframe")


def test_the_panel_answers_beside_the_ticket_and_says_what_was_copied(
    framed: tuple[str, str, KnowledgeBase], opened: Callable[..., Page]
) -> None:
    address, site, knowledge = framed
    session = opened_by(address, knowledge, ticket_id="RT-1", agent="m.petrova")
    src = session["url"] + "&" + urlencode({"subject": "The printer does not print", "environment": "Windows 11"})
    page = opened()
    frame = shown(page, site, src)
    expect(frame.locator("#verdict")).to_be_visible()
    expect(frame.locator(".side-panel-of")).to_have_text("Client: acme Ticket: RT-1", use_inner_text=True)
    expect(frame.locator("#environment")).to_have_value("Windows 11")
    frame.locator(".card .copy").first.click()
    page.wait_for_function("told.some((one) => one.type === 'kbsearch:copied')")
    told = page.evaluate("told")
    assert told[0] == {"type": "kbsearch:ready"}
    assert (told[-1]["kind"], told[-1]["solution_id"]) == ("fix", "printer.en")
    assert told[-1]["text"].startswith("1. Open Print queues")
    frame.get_by_role("button", name="It worked").first.click()
    expect(frame.locator(".card .noted").first).to_have_text("Noted: it worked.")
    with knowledge.store.read() as tx:
        given = tx.row("SELECT agent, ticket_id FROM feedback")
    assert given is not None
    assert (given["agent"].partition(": ")[2], given["ticket_id"]) == ("m.petrova", "RT-1")
    [first, *_] = knowledge.suggest(Scope(ACME), Ticket("The printer does not print")).solutions
    assert first.solution.evidence.agents_solved == 1
    assert frame.locator("a[href*=ticket], a[href*=solve], a[href*=review]").count() == 0


def test_the_page_around_fills_the_panel_in_and_renews_it_by_messages(
    framed: tuple[str, str, KnowledgeBase], opened: Callable[..., Page]
) -> None:
    address, site, knowledge = framed
    page = opened()
    frame = shown(page, site, f"{address}/panel?language=bg")
    expect(frame.locator("#side-panel")).to_have_text("Изчакване на системата за заявки …")
    page.wait_for_function("told.length > 0")
    send = "(message) => document.querySelector('iframe').contentWindow.postMessage(message, '*')"
    first = opened_by(address, knowledge, ticket_id="RT-1")
    page.evaluate(send, {"type": "kbsearch:open", "token": first["token"], "words": "Принтерът не печата"})
    expect(frame.locator("#verdict")).to_be_visible()
    expect(frame.locator(".side-panel-of")).to_contain_text("Клиент: acme")
    frame.locator("#words").fill("Нищо не излиза")
    second = opened_by(address, knowledge, ticket_id="RT-2")
    page.evaluate(send, {"type": "kbsearch:open", "token": second["token"]})
    expect(frame.locator(".side-panel-of")).to_contain_text("RT-2")
    expect(frame.locator("#words")).to_have_value("Нищо не излиза")


def test_a_panel_whose_time_is_over_says_so_and_tells_the_page_around(
    framed: tuple[str, str, KnowledgeBase], opened: Callable[..., Page]
) -> None:
    address, site, knowledge = framed
    session = opened_by(address, knowledge, ticket_id="RT-3")
    page = opened()
    frame = shown(page, site, session["url"])
    frame.locator("#words").wait_for()
    with knowledge.store.write() as tx:
        tx.execute("UPDATE sessions SET expires_at = ?", ("2020-01-01T00:00:00.000000Z",))
    frame.locator("#words").fill("The printer does not print")
    expect(frame.locator("#failure")).to_contain_text("The time of this panel is over")
    expect(frame.locator("#words")).to_have_value("The printer does not print")
    page.wait_for_function("told.some((one) => one.type === 'kbsearch:expired')")


def test_a_site_that_is_not_allowed_shows_nothing(framed: tuple[str, str, KnowledgeBase], browser: Any) -> None:
    address, _, knowledge = framed
    session = opened_by(address, knowledge)
    with ticket_system() as other:
        context = browser.new_context()
        page = context.new_page()
        shown(page, other, session["url"])
        page.wait_for_load_state("networkidle")
        assert all(frame.locator("#side-panel").count() == 0 for frame in page.frames)
        assert page.evaluate("told") == []
        context.close()


@pytest.mark.parametrize(("language", "theme", "width"), [one for one in SCREENS if one[2] == 320])
def test_the_panel_breaks_no_rule(
    framed: tuple[str, str, KnowledgeBase], opened: Callable[..., Page], language: str, theme: str, width: int
) -> None:
    address, _, knowledge = framed
    session = opened_by(address, knowledge, ticket_id="RT-1")
    page = opened(locale=language, color_scheme=theme, viewport={"width": width, "height": 700})
    page.goto(f"{session['url']}&words=The+printer+does+not+print")
    page.wait_for_selector("#verdict")
    check(page, "side panel", width)


def test_policy_and_headers_allow_the_listed_sites_and_no_other(framed: tuple[str, str, KnowledgeBase]) -> None:
    address, site, _ = framed
    answer = httpx.get(f"{address}/panel")
    assert f"frame-ancestors {site}" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    assert httpx.get(f"{address}/sign-in").headers["x-frame-options"] == "DENY"


@pytest.fixture
def client(knowledge: KnowledgeBase) -> Iterator[TestClient]:
    app = add_pages(create_app(Service(knowledge)))
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as opened:
        yield opened


def key_of(knowledge: KnowledgeBase, role: Role, *tenants: TenantId) -> dict[str, str]:
    return {"Authorization": f"Bearer {Keys(knowledge.store).create('x', role, tenants or (ACME,))[1]}"}


def panel(client: TestClient, headers: dict[str, str], **body: Any) -> dict[str, str]:
    answer = client.post("/v1/panel-sessions", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return {"KBSearch-Panel": answer.json()["token"]}


def test_without_allowed_sites_nobody_frames_the_panel(client: TestClient) -> None:
    assert "frame-ancestors 'none'" in client.get("/panel").headers["content-security-policy"]


def test_the_token_is_for_one_client_and_ticket(client: TestClient, knowledge: KnowledgeBase) -> None:
    key = key_of(knowledge, Role.SYSTEM, ACME, GLOBEX) | {"KBSearch-Tenant": "acme"}
    headers = panel(client, key, ticket_id="RT-1")
    assert client.post("/ask?client=globex", data={"words": "fax"}, headers=headers).status_code == 403
    asked = {"words": "fax", "ticket": "RT-9"}
    answer = client.post("/ask?client=acme", data=asked, headers=headers)
    assert answer.status_code == 200
    assert "RT-1" in answer.text
    assert "RT-9" not in answer.text


@pytest.mark.parametrize("path", ["/", "/find", "/solve", "/review", "/ticket?id=RT-1"])
def test_the_token_opens_no_other_page(client: TestClient, knowledge: KnowledgeBase, path: str) -> None:
    headers = panel(client, key_of(knowledge, Role.ADMIN), role="admin")
    assert client.get(path, headers=headers).status_code == 303
    assert client.post("/sign-out", headers=headers).status_code == 401


def test_the_token_is_no_key_and_no_cookie(client: TestClient, knowledge: KnowledgeBase) -> None:
    [token] = panel(client, key_of(knowledge, Role.SYSTEM)).values()
    suggest = {"ticket": {"subject": "fax"}}
    assert client.post("/v1/suggest", json=suggest, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert client.post("/v1/suggest", json=suggest, headers={"KBSearch-Panel": token}).status_code == 401
    client.cookies.set("kbsearch_session", token)
    assert client.get("/").status_code == 303


def test_the_token_ends_with_its_time_and_with_its_key(
    client: TestClient, knowledge: KnowledgeBase, clock: FakeClock
) -> None:
    made, text = Keys(knowledge.store).create("RT", Role.SYSTEM, (ACME,))
    key = {"Authorization": f"Bearer {text}"}
    short, long = panel(client, key, minutes=5), panel(client, key, minutes=600)
    clock.advance(minutes=5)
    assert client.post("/ask", data={"words": "fax"}, headers=short).status_code == 401
    assert client.post("/ask", data={"words": "fax"}, headers=long).status_code == 200
    Keys(knowledge.store).revoke(made.id)
    assert client.post("/ask", data={"words": "fax"}, headers=long).status_code == 401


@pytest.mark.parametrize(
    ("role", "body", "status"),
    [
        (Role.SYSTEM, {"role": "engineer"}, 403),
        (Role.AGENT, {"role": "engineer"}, 403),
        (Role.LEAD, {"role": "engineer"}, 201),
        (Role.ADMIN, {"role": "monitor"}, 422),
        (Role.AGENT, {"agent": "m.petrova"}, 422),
        (Role.SYSTEM, {"agent": "m.petrova"}, 201),
        (Role.SYSTEM, {"minutes": 0}, 422),
        (Role.SYSTEM, {"minutes": 721}, 422),
        (Role.MONITOR, {}, 403),
    ],
)
def test_nobody_opens_a_panel_that_may_do_more_than_they(
    client: TestClient, knowledge: KnowledgeBase, role: Role, body: dict[str, Any], status: int
) -> None:
    assert client.post("/v1/panel-sessions", json=body, headers=key_of(knowledge, role)).status_code == status


def test_a_panel_of_a_server_without_keys_ends_with_the_first_key(client: TestClient, knowledge: KnowledgeBase) -> None:
    headers = panel(client, {"KBSearch-Tenant": "acme"})
    assert client.post("/ask", data={"words": "fax"}, headers=headers).status_code == 200
    key_of(knowledge, Role.AGENT)
    assert client.post("/ask", data={"words": "fax"}, headers=headers).status_code == 401


def test_the_token_stands_in_no_log_and_no_table(
    client: TestClient, knowledge: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    [token] = panel(client, key_of(knowledge, Role.SYSTEM), ticket_id="RT-1").values()
    client.post("/panel/open", data={"words": "fax"}, headers={"KBSearch-Panel": token})
    assert token not in caplog.text
    with knowledge.store.read() as tx:
        for table in ("sessions", "audit"):
            assert token not in str([tuple(row) for row in tx.rows(f"SELECT * FROM {table}")])


def test_the_longest_panel_lasts_a_working_day(client: TestClient, knowledge: KnowledgeBase, clock: FakeClock) -> None:
    key = key_of(knowledge, Role.SYSTEM)
    answer = client.post("/v1/panel-sessions", json={"minutes": 720}, headers=key).json()
    assert answer["expires_at"] == (clock() + timedelta(hours=12)).isoformat().replace("+00:00", "Z")
