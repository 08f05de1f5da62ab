"""What a person is told when something between the page and the server does not work."""

from __future__ import annotations

import gzip

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from web.conftest import ROOT, Desk, ask

QUESTION = "The printer does not print"


@pytest.fixture
def page(desk: Desk) -> Page:
    opened = desk.signed_in()
    ask(opened, QUESTION)
    opened.wait_for_selector("#verdict")
    return opened


def answering(status: int, body: str = "<html>502 Bad Gateway</html>", **headers: str) -> object:
    def answer(route: Route) -> None:
        route.fulfill(status=status, body=body, content_type="text/html", headers=headers)

    return answer


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (lambda route: route.abort("connectionrefused"), "The server cannot be reached"),
        (answering(502), "Something between you and the server answered"),
        (answering(200, "<html>Sign in to the Wi-Fi</html>"), "Something between you and the server answered"),
        (answering(429, "<p>Try again in 7 seconds.</p>", **{"KBSearch-Fragment": "1"}), "in 7 seconds"),
        (answering(503, "<p>The server is busy.</p>", **{"KBSearch-Fragment": "1"}), "The server is busy"),
    ],
    ids=["refused", "proxy", "captive portal", "too many", "busy"],
)  # fmt: skip
def test_it_is_said_in_words_and_nothing_is_lost(page: Page, trouble: object, said: str) -> None:
    page.route("**/ask?*", trouble)
    ask(page, "The projector shows nothing")
    expect(page.locator("#failure")).to_contain_text(said)
    expect(page.locator(".card h3").first).to_contain_text("printer")
    expect(page.locator("#words")).to_have_value("The projector shows nothing")
    page.unroute("**/ask?*")
    page.locator("#failure button").click()
    expect(page.locator(".card h3").first).to_contain_text("projector")
    expect(page.locator("#failure")).to_be_empty()


def test_a_server_that_hangs_is_given_up_on(page: Page) -> None:
    page.evaluate("htmx.config.defaultTimeout = 300")
    page.route("**/ask?*", lambda route: None)
    ask(page, "The projector shows nothing")
    expect(page.locator("#failure")).to_contain_text("The server did not answer in time")
    expect(page.locator("#words")).to_have_value("The projector shows nothing")


def test_feedback_that_did_not_arrive_is_not_shown_as_noted(page: Page) -> None:
    page.route("**/feedback?*", lambda route: route.abort())
    button = page.locator(".card").first.get_by_role("button", name="It worked")
    button.click()
    expect(page.locator("#failure")).to_contain_text("The server cannot be reached")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_the_first_paint_is_small(desk: Desk) -> None:
    with httpx.Client(base_url=desk.address) as client:
        client.post("/sign-in", data={"key": desk.key()})
        first = client.get("/")
        sizes = {"/": len(gzip.compress(first.content))}
        for path in first.text.split('"'):
            if path.startswith("/static/"):
                answer = client.get(path.replace("&amp;", "&"), headers={"Accept-Encoding": "gzip"})
                assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
                sizes[path] = answer.num_bytes_downloaded
    assert sum(sizes.values()) < 50_000, sizes
    assert len(sizes) >= 5


def test_no_page_has_a_script_or_style_of_its_own(desk: Desk) -> None:
    for path in (ROOT / "kbsearch/web/templates").glob("*.html"):
        text = path.read_text()
        assert "style=" not in text
        assert "<style" not in text
        assert " on" + "click=" not in text
        assert "hx-on" not in text
        assert "js:" not in text
    desk.key()
    headers = httpx.get(f"{desk.address}/sign-in").headers
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_an_unknown_address_is_a_page_for_a_browser_and_a_problem_for_a_program(desk: Desk) -> None:
    page = desk.opened(locale="bg-BG")
    answer = page.goto(f"{desk.address}/no-such-page")
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("main")).to_contain_text("Няма такава страница. Проверете адреса.")
    html = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path, headers in (("/no-such-page", {}), ("/v1/no-such-page", html)):
        told = httpx.get(f"{desk.address}{path}", headers=headers)
        assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")
    assert httpx.post(f"{desk.address}/", headers=html).status_code == 405
