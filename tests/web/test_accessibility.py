"""axe-core on every page, in both languages and themes, on a small and a wide screen."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from kbsearch.model import Role
from web.conftest import ACME, Desk, article, ask

AXE = Axe()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}}
SCREENS = list(itertools.product(("en-GB", "bg-BG"), ("light", "dark"), (320, 1280)))


def asked(page: Page) -> None:
    ask(page, "The printer does not print")
    page.wait_for_selector("#verdict")
    for summary in page.locator(".card > details > summary").all():
        if summary.locator("..").get_attribute("open") is None:
            summary.click()


def new(page: Page) -> None:
    ask(page, "Kaffeemaschine leckt")
    page.wait_for_selector("#verdict")


def escalating(page: Page) -> None:
    new(page)
    page.locator("#escalate").click()


def keys(page: Page) -> None:
    page.locator("#keys-button").click()


def searched(page: Page) -> None:
    page.locator("#q").fill("print")
    page.wait_for_selector("#hits h2")


def written(page: Page) -> None:
    page.locator("#ticket_id").fill("RT-1")
    page.locator("#subject").fill("The printer does not print")
    page.locator("#resolution").fill("Ran net stop spooler and removed the files, call ana.petrova@example.org")
    page.wait_for_selector(".redacted")


def previewed(page: Page) -> None:
    page.locator("#title").fill("The printer does not print at all, the password is: Winter2026!x")
    page.wait_for_selector(".redacted")


PAGES: dict[str, tuple[str, Any]] = {
    "panel": ("/", None), "answer": ("/", asked), "new": ("/", new), "note": ("/", escalating), "keys": ("/", keys),
    "failure": ("/?client=initech", None), "search": ("/find", searched), "write back": ("/solve", written),
    "review": ("/review", None), "desk": ("/desk", None), "tickets": ("/desk/tickets?figure=links", None),
    "article": ("/article?id=printer.en", None), "article form": ("/article/edit?id=printer.en", previewed),
    "history": ("/article/history?id=changed", None),
}  # fmt: skip


@pytest.mark.parametrize(("language", "theme", "width"), SCREENS, ids=lambda one: str(one))
def test_no_page_breaks_a_rule(desk: Desk, language: str, theme: str, width: int) -> None:
    options = {"locale": language, "color_scheme": theme, "viewport": {"width": width, "height": 800}}
    key, page = desk.key(Role.LEAD), desk.opened(**options)
    for text in ("Wait.", "Wait an hour."):
        desk.knowledge.articles.put(ACME, article("changed", "The fax is slow", text))
    page.goto(f"{desk.address}/sign-in")
    check(page, "sign-in", width)
    page.locator("#key").fill(key)
    page.locator("button.main").click()
    page.wait_for_url(f"{desk.address}/")
    for name, (path, prepare) in PAGES.items():
        page.goto(f"{desk.address}{path}")
        if prepare is not None:
            prepare(page)
        check(page, name, width)


def check(page: Page, name: str, width: int) -> None:
    found = AXE.run(page, options=RULES).response["violations"]
    assert [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in found] == [], name
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways"
    for bordered in ("textarea:visible", "button.quiet:visible", "select:visible"):
        if page.locator(bordered).count():
            assert contrast(page, bordered) >= 3, f"{name}: the border of {bordered}"


def contrast(page: Page, selector: str) -> float:
    """Of an element's border with the surface it stands on (WCAG 2.2, 1.4.11)."""
    return page.locator(selector).first.evaluate(
        """(element) => {
            const luminance = (color) => {
                const [r, g, b] = color.match(/[\\d.]+/g).map((one) => one / 255)
                    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            let under = element.parentElement;
            const isClear = (one) => /, 0\\)|transparent/.test(getComputedStyle(one).backgroundColor);
            while (under && isClear(under)) under = under.parentElement;
            const one = luminance(getComputedStyle(element).borderTopColor);
            const other = luminance(getComputedStyle(under ?? document.body).backgroundColor);
            return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        }"""
    )
