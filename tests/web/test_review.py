"""The lead's review queue: each item is decided by one key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from api.conftest import serving
from clocks import FakeClock
from playwright.sync_api import Page, expect

from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import Article, ArticleState, Feedback, FeedbackOutcome, Resolution, Role, Scope, Ticket
from kbsearch.web.pages import add_pages
from scripts.harness.hashing import HashingEmbedder
from web.conftest import ACME, Desk

TONER = "1. Open the front door.\n2. Take the magenta toner out and shake it.\n3. Put it back until it clicks."


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory, opened: Callable[..., Page]) -> Iterator[Desk]:
    knowledge = embedded(tmp_path_factory.mktemp("review"), lambda model: HashingEmbedder())
    for id in ("toner-a", "toner-b"):
        issue = ("The magenta toner is reported as missing",)
        article = Article(
            id, "Toner is missing", issue, resolution=TONER, state=ArticleState.NOT_VALIDATED, language="en"
        )
        knowledge.articles.put(ACME, article)
    for id, solution, text in (
        ("RT-1", "toner-a", "Shook the magenta toner until it clicked."),
        ("RT-3", "toner-a", "Shook the magenta toner again."),
        ("RT-2", None, "Done, closed."),
    ):
        ticket = Ticket(f"Toner is missing {id}")
        knowledge.tickets.resolve(ACME, ResolvedTicketIn(id, ticket, Resolution(text, solution_id=solution)))
    suggestion = knowledge.suggest(Scope(ACME), Ticket("The magenta toner is missing"))
    said = Feedback(suggestion.id, "toner-b", FeedbackOutcome.OUTDATED, "key:ana", "The door is at the back now.")
    knowledge.give_feedback(ACME, said)
    with serving(add_pages(create_app(Service(knowledge)))) as address:
        yield Desk(address, knowledge, opened)
    knowledge.close()


def test_the_queue_is_worked_off_with_the_keyboard(desk: Desk) -> None:
    page = desk.signed_in(Role.LEAD, path="/review")
    expect(page.locator("h2")).to_have_text(
        ["Tickets without a clear fix", "Flags", "Articles that may be one", "Not validated, but worked"]
    )
    expect(page.locator("main")).to_contain_text("The door is at the back now.")
    for key, said in (("s", "Linked."), ("x", "Closed."), ("d", "Kept apart."), ("v", "Validated.")):
        page.keyboard.press(key)
        expect(page.locator(".noted", has_text=said)).to_be_visible()
    page.reload()
    expect(page.locator("main")).to_contain_text("Nothing waits.")
    assert desk.knowledge.tickets.get(ACME, "RT-2").outcome == "linked"
    assert desk.knowledge.articles.flags(Scope(ACME)) == []
    assert desk.knowledge.articles.get(Scope(ACME), "toner-a").article.state == ArticleState.VALIDATED


def test_old_and_failing_articles_are_decided(desk: Desk) -> None:
    clock = desk.knowledge.store._clock = FakeClock(datetime(2024, 1, 1, tzinfo=UTC))
    for id in ("old", "failing"):
        text = f"Press the {id} button behind the cover of the {id} device."
        desk.knowledge.articles.put(ACME, Article(id, f"The {id} one", resolution=text, state=ArticleState.VALIDATED))
    clock.now = datetime.now(UTC)
    for id in ("RT-8", "RT-9"):
        resolution = Resolution("Pressed it twice.", solution_id="failing")
        desk.knowledge.tickets.resolve(ACME, ResolvedTicketIn(id, Ticket("The failing one"), resolution))
        desk.knowledge.tickets.reopen(ACME, id)
    page = desk.signed_in(Role.LEAD, path="/review")
    page.locator(".card", has_text="The old one").get_by_role("button", name="Archive").click()
    expect(page.locator(".noted")).to_have_text("Archived.")
    page.locator(".card", has_text="The failing one").get_by_role("button", name="No longer validated").click()
    expect(page.locator(".noted", has_text="No longer validated.")).to_be_visible()
    page.reload()
    expect(page.locator(".card", has_text="The old one")).to_have_count(0)
    assert desk.knowledge.articles.get(Scope(ACME), "failing").article.state == ArticleState.NOT_VALIDATED


def test_two_articles_are_merged(desk: Desk) -> None:
    page = desk.signed_in(Role.LEAD, path="/review")
    page.get_by_role("button", name="Merge into the second").click()
    expect(page.locator(".noted")).to_have_text("Merged.")
    merged = [desk.knowledge.articles.get(Scope(ACME), id).merged_into for id in ("toner-a", "toner-b")]
    assert sum(one is not None for one in merged) == 1


@pytest.mark.parametrize("role", [Role.AGENT, Role.ENGINEER])
def test_only_leads_review(desk: Desk, role: Role) -> None:
    page = desk.signed_in(role)
    expect(page.get_by_role("link", name="Review")).to_have_count(0)
    page.goto(f"{desk.address}/review")
    expect(page.locator("main")).to_contain_text("Your key does not allow this.")


def test_a_tickets_fix_that_worked_becomes_an_article(desk: Desk) -> None:
    fix = "Opened the quartz hatch of the fax and pulled the green lever until it clicked."
    for id, solution in (("RT-20", None), ("RT-21", "of RT-20")):
        named = solution and desk.knowledge.tickets.get(ACME, "RT-20").solution.id
        given = ResolvedTicketIn(id, Ticket("Fax E12 paper hatch"), Resolution(fix, solution_id=named))
        desk.knowledge.tickets.resolve(ACME, given)
    page = desk.signed_in(Role.LEAD, path="/review")
    card = page.locator(".card", has_text="Fax E12 paper hatch").filter(has_text="2 tickets resolved with it")
    card.focus()
    page.keyboard.press("m")
    page.wait_for_url("**/article/edit?*")
    expect(page.locator("[name=resolution]")).to_have_value(fix)


def test_an_old_article_that_is_still_right_is_no_longer_stale(desk: Desk) -> None:
    clock = desk.knowledge.store._clock = FakeClock(datetime(2025, 1, 1, tzinfo=UTC))
    article = Article("old", "The old one", resolution="Press the old button.", state=ArticleState.VALIDATED)
    desk.knowledge.articles.put(ACME, article)
    clock.now = datetime.now(UTC)
    page = desk.signed_in(Role.LEAD, path="/review")
    card = page.locator(".card", has_text="The old one")
    card.focus()
    page.keyboard.press("r")
    expect(page.locator(".noted", has_text="Noted as still right.")).to_be_visible()
    page.reload()
    expect(card).to_have_count(0)
    stored = desk.knowledge.articles.get(Scope(ACME), "old").article
    assert (stored.metadata["reviewed_on"], stored.state) == (str(clock.now.date()), ArticleState.VALIDATED)
    page.goto(f"{desk.address}/article?id=old")
    expect(page.locator(".facts").first).to_contain_text("reviewed on")
