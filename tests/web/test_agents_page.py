"""The agents' page in a real browser, against a real server with keys."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from api.conftest import serving
from playwright.sync_api import Page, expect, sync_playwright

from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Article, ArticleState, Role, Scope, TenantId, Ticket

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None and not os.environ.get("KBSEARCH_ALL_TESTS"):
    pytest.skip("there is no chromium", allow_module_level=True)

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
MARKUP = "Type `<img src=x onerror='window.hacked = true'><script>window.hacked = true</script>` and restart it"


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser, knowledge: KnowledgeBase) -> Iterator[Page]:
    """The page of a server that holds an article of acme; any error that a script or the browser reports fails."""
    article = Article("printer", "Принтерът не печата", resolution=MARKUP, state=ArticleState.VALIDATED, language="bg")
    knowledge.articles.put(ACME, article)
    with serving(create_app(Service(knowledge))) as address:
        context = browser.new_context(locale="en-GB", permissions=["clipboard-read", "clipboard-write"])
        opened = context.new_page()
        wrong: list[str] = []
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        opened.goto(address)
        yield opened
        context.close()
        assert wrong == []


def key_for(knowledge: KnowledgeBase, *tenants: TenantId) -> str:
    return Keys(knowledge.store).create("ana", Role.AGENT, tenants)[1]


def ask(page: Page, subject: str) -> None:
    page.locator("#subject").fill(subject)
    page.locator("#ask button").click()


def test_an_agent_with_a_key_finds_the_fix_and_says_that_it_helped(
    page: Page, knowledge: KnowledgeBase, tmp_path: Path
) -> None:
    key = key_for(knowledge, ACME)
    expect(page.locator("#key-field")).to_be_hidden()
    ask(page, "Принтерът не печата")
    expect(page.locator("#verdict")).to_have_text("It did not work: enter your key above")
    page.locator("#key").fill(key)
    ask(page, "Принтерът не печата")
    card = page.locator(".solution")
    expect(card).to_have_count(1)
    expect(card.locator("h2")).to_have_text("Принтерът не печата")
    expect(page.locator("#verdict strong")).to_have_text(re.compile("KNOWN|UNSURE"))
    card.get_by_text("Solved it").click()
    expect(card.locator(".said")).to_have_text("Noted, thank you.")
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    [told] = knowledge.suggest(Scope(ACME), Ticket("Принтерът не печата")).solutions
    assert told.solution.evidence.agents_solved == 1


def test_a_wrong_key_is_told_and_another_client_sees_nothing(page: Page, knowledge: KnowledgeBase) -> None:
    others = key_for(knowledge, GLOBEX)
    ask(page, "Принтерът не печата")
    page.locator("#key").fill("kbs_nothing_at_all")
    ask(page, "Принтерът не печата")
    expect(page.locator("#verdict")).to_contain_text("It did not work")
    page.locator("#key").fill(others)
    ask(page, "Принтерът не печата")
    expect(page.locator("#verdict strong")).to_have_text("NEW")
    expect(page.locator(".solution")).to_have_count(0)


def test_a_key_of_several_clients_asks_for_the_one_that_is_named(page: Page, knowledge: KnowledgeBase) -> None:
    key = key_for(knowledge, ACME, GLOBEX)
    ask(page, "Принтерът не печата")
    page.locator("#key").fill(key)
    ask(page, "Принтерът не печата")
    expect(page.locator("#verdict")).to_contain_text("enter the client above")
    page.locator("#tenant").fill("acme")
    ask(page, "Принтерът не печата")
    expect(page.locator(".solution .facts")).to_contain_text("acme")


def test_markup_in_a_fix_is_shown_and_copied_as_text(page: Page, knowledge: KnowledgeBase) -> None:
    page.locator("#tenant").fill("acme")
    ask(page, "Принтерът не печата")
    expect(page.locator(".resolution")).to_have_text(MARKUP)
    page.locator(".copy").click()
    expect(page.locator(".said")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == MARKUP
    assert page.evaluate("window.hacked") is None


def test_the_language_is_switched_and_remembered_the_key_only_for_the_tab(page: Page) -> None:
    page.locator("#language").click()
    expect(page.locator("#ask button")).to_have_text("Намери решение")
    page.reload()
    expect(page.locator("#ask button")).to_have_text("Намери решение")
    assert page.evaluate("document.documentElement.lang") == "bg"
    assert page.evaluate("Object.keys(localStorage)") == ["language"]
