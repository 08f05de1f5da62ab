"""Articles in a browser: reading, writing with a preview, history, conflicts, what each role may do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from kbsearch.model import Article, ArticleState, Role, Scope, Ticket
from kbsearch.web.differences import changes, marked
from web.conftest import ACME, GLOBEX, SHARED, Desk, article

FAX = Article("fax", "The fax does not answer", resolution="1. Restart the fax.", language="en")


def stored(desk: Desk, id: str, tenant: object = ACME) -> Article:
    return desk.knowledge.articles.get(Scope(ACME), id).article


def editor(desk: Desk, role: Role = Role.ENGINEER, id: str | None = None, *tenants: object) -> Page:
    return desk.signed_in(role, *tenants, path=f"/article/edit?id={id}" if id else "/article/edit")  # type: ignore[arg-type]


def test_an_engineer_writes_an_article_and_the_next_agent_finds_it(desk: Desk) -> None:
    page = editor(desk)
    page.locator("#title").fill("The badge reader blinks red")
    page.locator("#issue").fill("The reader at the door blinks red\nBadge refused with E77")
    page.locator("#environment").fill("HID reader, Building B")
    secret, markup = "2. The password is: Winter2026!x", "<img src=x onerror=alert(1)>"
    page.locator("#resolution").fill(f"1. Open **Badges**.\n{secret}\n\n{markup}")
    preview = page.locator("#preview")
    expect(preview.locator(".steps li").first).to_have_text("Open Badges.")
    expect(preview.locator(".redacted")).to_contain_text("passwords and secrets: 1")
    assert preview.locator("img").count() == 0
    page.keyboard.press("Control+s")
    page.wait_for_url("**/article?*")
    expect(page.locator("h1")).to_have_text("The badge reader blinks red")
    expect(page.locator(".state")).to_have_text("being written")
    assert "Winter2026" not in page.content()
    page.get_by_role("link", name="Edit").click()
    page.locator("#state").select_option("not_validated")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/article?*")
    [first, *_] = desk.knowledge.suggest(Scope(ACME), Ticket("Badge refused with E77")).solutions
    assert first.solution.title == "The badge reader blinks red"
    assert set(first.solution.environment) == {"HID reader", "Building B"}


def test_the_history_shows_what_each_change_was(desk: Desk) -> None:
    for wait in ("", "\n2. Wait a minute.", "\n2. Wait two minutes."):
        desk.knowledge.articles.put(ACME, replace(FAX, resolution=f"1. Restart the fax.{wait}"))
    page = desk.signed_in(Role.ENGINEER, path="/article/history?id=fax")
    latest = page.locator(".card").first
    expect(latest.locator("h2")).to_have_text("Version 3")
    expect(latest.locator("del")).to_have_text(["a", "minute"])
    expect(latest.locator("ins")).to_have_text(["two", "minutes"])
    expect(page.locator(".card")).to_have_count(2)


def test_a_change_in_between_is_shown_and_nothing_typed_is_lost(desk: Desk) -> None:
    desk.knowledge.articles.put(ACME, replace(FAX, id="fax-2"))
    page = editor(desk, Role.ENGINEER, "fax-2")
    page.locator("#resolution").fill("1. Unplug the fax.")
    desk.knowledge.articles.put(ACME, replace(FAX, id="fax-2", resolution="1. Kick the fax."))
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#failure")).to_contain_text("Somebody changed this article meanwhile")
    expect(page.locator("#failure del")).to_have_text("Kick")
    expect(page.locator("#failure ins")).to_have_text("Unplug")
    expect(page.locator("#resolution")).to_have_value("1. Unplug the fax.")
    assert stored(desk, "fax-2").resolution == "1. Kick the fax."
    page.get_by_role("button", name="Save mine over it").click()
    page.wait_for_url("**/article?*")
    assert stored(desk, "fax-2").resolution == "1. Unplug the fax."


def test_what_is_typed_outlives_a_reload(desk: Desk) -> None:
    page = editor(desk)
    page.locator("#title").fill("The lift stops between floors")
    page.reload()
    expect(page.locator("#title")).to_have_value("The lift stops between floors")


@pytest.mark.parametrize(
    ("role", "state", "offered"),
    [
        (Role.ENGINEER, ArticleState.WIP, ["wip", "not_validated", "archived"]),
        (Role.ENGINEER, ArticleState.VALIDATED, ["validated"]),
        (Role.LEAD, ArticleState.WIP, ["wip", "not_validated", "validated", "archived"]),
    ],
)
def test_each_role_gives_the_states_that_it_may(
    desk: Desk, role: Role, state: ArticleState, offered: list[str]
) -> None:
    id = f"states-{role}-{state}"
    desk.knowledge.articles.put(ACME, Article(id, "States", resolution="1. Nothing.", state=state))
    page = editor(desk, role, id)
    values = page.locator("#state option").evaluate_all("(options) => options.map((one) => one.value)")
    assert sorted(values) == sorted(offered)
    expect(page.locator("#state")).to_have_value(state)


def test_an_engineer_s_correction_leaves_a_validated_article_validated(desk: Desk) -> None:
    desk.knowledge.articles.put(ACME, article("scanner", "The scanner is offline", "1. Restart it."))
    page = editor(desk, Role.ENGINEER, "scanner")
    page.locator("#cause").fill("It sleeps.")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/article?*")
    changed = stored(desk, "scanner")
    assert (changed.cause, changed.state) == ("It sleeps.", ArticleState.VALIDATED)


def test_a_client_gets_its_own_edition_of_a_shared_article(desk: Desk) -> None:
    page = desk.signed_in(Role.ENGINEER, path="/article?id=projector")
    expect(page.locator(".facts").first).to_contain_text("shared with every client")
    page.get_by_role("link", name="Write an edition for acme").click()
    page.locator("#resolution").fill("Press *Input* instead.")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/article?*")
    assert stored(desk, "projector").resolution == "Press *Input* instead."
    assert desk.knowledge.articles.get(Scope(SHARED), "projector").article.resolution.startswith("Press *Source*")
    assert desk.knowledge.articles.get(Scope(GLOBEX), "projector").tenant == SHARED


def test_agents_read_and_do_not_write(desk: Desk) -> None:
    page = desk.signed_in(path="/article?id=printer.en")
    expect(page.locator("h1")).to_have_text("The printer does not print")
    assert page.get_by_role("link", name="Edit").count() == 0
    for path in ("/article/edit", "/article/history?id=printer.en"):
        page.goto(f"{desk.address}{path}")
        expect(page.locator("h1")).to_have_text("This did not work")


def test_another_client_s_article_is_not_there(desk: Desk) -> None:
    page = desk.signed_in(Role.LEAD, path="/article?id=forklift")
    expect(page.locator("main")).to_contain_text("This is not here any more")


def test_differences_are_found_word_by_word() -> None:
    old = Article("a", "Old title", resolution="1. Press start.\n2. Wait.", tags=("x",))
    new = Article("a", "New title", resolution="1. Press stop.\n2. Wait.", tags=("x",))
    found = {change.field: str(change.marked) for change in changes(old, new)}
    assert found == {
        "title": "<del>Old</del><ins>New</ins> title",
        "resolution": "1. Press <del>start</del><ins>stop</ins>.\n2. Wait.",
    }


def test_differences_escape_what_stands_in_the_text() -> None:
    assert "<b>" not in marked("<b>a</b>", "x")
    assert "<i>" not in marked("x", "<i>a</i>")
    assert "\u202e" not in marked("a", "\u202e")


def test_a_text_of_one_long_line_is_compared_as_a_whole() -> None:
    old, new = "a b " * 20_000, "b a " * 20_000
    assert str(marked(old, new)).startswith("<del>a b")
