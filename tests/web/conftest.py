"""The pages in a real browser, against a real server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from api.conftest import serving
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Article, ArticleState, Role, TenantId
from kbsearch.web.pages import add_pages
from scripts.harness.hashing import HashingEmbedder

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ACME, GLOBEX, SHARED = TenantId("acme"), TenantId("globex"), TenantId("shared")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all tests of the pages; no longer, as its event loop would be in the way of others in the process."""
    if CHROMIUM is None and not os.environ.get("KBSEARCH_ALL_TESTS"):
        pytest.skip("there is no chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass
class Desk:
    """A served knowledge base, and browsers of people at it."""

    address: str
    knowledge: KnowledgeBase
    opened: Callable[..., Page]

    def key(self, role: Role = Role.AGENT, *tenants: TenantId) -> str:
        return Keys(self.knowledge.store).create("ana", role, tenants or (ACME,))[1]

    def signed_in(self, role: Role = Role.AGENT, *tenants: TenantId, path: str = "/", **options: Any) -> Page:
        key, page = self.key(role, *tenants), self.opened(**options)
        page.goto(f"{self.address}/sign-in?next={path}")
        page.locator("#key").fill(key)
        page.locator("button.main").click()
        page.wait_for_url(f"{self.address}{path.partition('?')[0]}*")
        return page


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, each in a browser of its own; an error that a script or the browser reports fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def note(text: str) -> None:
        # Answers of 4xx and lost connections are put into words by the page.
        if "Failed to load resource" not in text and "htmx:error" not in text:
            wrong.append(text)

    def make(**options: Any) -> Page:
        context = browser.new_context(**{"locale": "en-GB", **options})
        context.set_default_timeout(5_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: note(said.text) if said.type in ("error", "warning") else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, KnowledgeBase]]:
    """One server for a module, with articles of two clients and shared ones."""
    knowledge = embedded(tmp_path_factory.mktemp("desk"), lambda model: HashingEmbedder())
    for tenant, article in ARTICLES:
        knowledge.articles.put(tenant, article)
    with serving(add_pages(create_app(Service(knowledge)))) as address:
        yield address, knowledge
    knowledge.close()


@pytest.fixture
def desk(served: tuple[str, KnowledgeBase], opened: Callable[..., Page]) -> Desk:
    return Desk(served[0], served[1], opened)


def article(id: str, title: str, resolution: str, language: str = "en", **more: Any) -> Article:
    return Article(id, title, resolution=resolution, state=ArticleState.VALIDATED, language=language, **more)


STEPS = """1. Open **Print queues** at https://print.example.org.
2. Run `net stop spooler` and remove the files of \\\\server\\queue$.
   - Leave the rest.

## When to escalate

Escalate if the queue fills again within an hour."""

ARTICLES = [
    (ACME, article("printer.en", "The printer does not print", STEPS, issue=("Nothing comes out of the printer",),
                   audience="internal", environment=("Windows 11",))),
    (ACME, article("printer.bg", "Принтерът не печата", "1. Отворете **опашката** за печат.", "bg",
                   issue=("Нищо не излиза от принтера",), audience="internal")),
    (SHARED, article("projector", "The projector shows nothing", "Press *Source* until the picture comes.",
                     issue=("The projector in the meeting room stays dark",), audience="customer")),
    (GLOBEX, article("forklift", "The forklift terminal does not print labels", "Pair the label printer again.")),
]  # fmt: skip


def ask(page: Page, words: str) -> None:
    page.locator("#words").fill(words)


ROOT = Path(__file__).parent.parent.parent
