"""Not found, escalated, written back, found: the second line's page and the search, in a browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import Resolution, Role, Ticket
from web.conftest import ACME, Desk, ask

FAX = "Fax E12 paper hatch"


def test_not_found_escalated_written_back_and_found_by_the_next_agent(desk: Desk) -> None:
    page = desk.signed_in()
    ask(page, f"{FAX}\nquartz hatch blinks, call maria.petrova@example.org")
    expect(page.locator("#headline")).to_have_text("New – escalate now")
    page.locator("#escalate").click()
    expect(page.locator("#note-text")).to_have_value(re.compile(FAX))
    expect(page.get_by_role("link", name="Write the fix back")).to_have_count(0)

    second = desk.signed_in(Role.ENGINEER)
    second.locator(".ticket summary").click()
    second.locator("#ticket").fill("RT-12")
    ask(second, f"{FAX}\nquartz hatch blinks, call maria.petrova@example.org")
    second.get_by_role("link", name="Write the fix back").click()
    expect(second.locator("#ticket_id")).to_have_value("RT-12")
    expect(second.locator("#subject")).to_have_value(FAX)
    second.locator("#resolution").fill("Opened the quartz hatch of the fax.\nPulled the green lever until it clicked.")
    expect(second.locator(".redacted")).to_contain_text("e-mail addresses: 1")
    expect(second.locator(".redacted mark").first).to_have_text("<EMAIL>")
    second.get_by_role("button", name="Save").click()
    expect(second.locator("#outcome")).to_contain_text("Saved: a new fix")

    page.locator("#note").press("Escape")
    ask(page, f"{FAX}: the quartz hatch blinks")
    expect(page.locator(".card h3").first).to_contain_text(FAX)
    expect(page.locator(".card").first).to_contain_text("Worked in 1 of 1 ticket, last used today")
    page.locator(".card").first.locator("summary").first.click()
    page.get_by_role("link", name="RT-12").click()
    expect(page.locator("h1")).to_contain_text(FAX)
    expect(page.locator("main")).not_to_contain_text("maria.petrova")


def test_a_fix_that_is_there_already_is_reported_while_typing_and_taken_with_one_click(desk: Desk) -> None:
    fix = "Replaced the worn magenta drum of the plotter and ran the calibration twice."
    desk.knowledge.tickets.resolve(
        ACME, ResolvedTicketIn("RT-20", Ticket("Plotter prints magenta stripes"), Resolution(fix))
    )
    page = desk.signed_in(Role.ENGINEER, path="/solve")
    page.locator("#ticket_id").fill("RT-21")
    page.locator("#subject").fill("Stripes in magenta on the plotter")
    page.locator("#resolution").fill("Replaced the worn magenta drum of the plotter and ran the calibration once.")
    expect(page.locator("#check")).to_contain_text("Plotter prints magenta stripes")
    page.locator("#check").get_by_role("button", name="This solved it").first.click()
    expect(page.locator("#outcome")).to_contain_text("Saved: joined to a fix that is known")
    assert desk.knowledge.tickets.get(ACME, "RT-21").solution == desk.knowledge.tickets.get(ACME, "RT-20").solution


def test_this_solved_it_is_one_click_from_the_suggestion(desk: Desk) -> None:
    page = desk.signed_in(Role.ENGINEER)
    page.locator(".ticket summary").click()
    page.locator("#ticket").fill("RT-30")
    ask(page, "The projector shows nothing")
    page.get_by_role("link", name="This solved it").first.click()
    expect(page.locator("#linked")).to_contain_text("The projector shows nothing")
    expect(page.locator("#resolution")).to_have_value("Press Source until the picture comes.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#outcome")).to_contain_text("Saved: joined to a fix that is known")
    stored = desk.knowledge.tickets.get(ACME, "RT-30")
    assert stored.solution is not None
    assert stored.solution.id == "projector"


def test_what_is_missing_is_said_and_nothing_typed_is_lost(desk: Desk) -> None:
    page = desk.signed_in(Role.ENGINEER, path="/solve")
    page.locator("#resolution").fill("Pulled the lever of the hatch.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#failure")).to_have_text("Enter the ticket's number.")
    page.locator("#ticket_id").fill("RT-40")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#failure")).to_have_text("Type the problem first.")
    page.reload()
    expect(page.locator("#resolution")).to_have_value("Pulled the lever of the hatch.")
    expect(page.locator("#ticket_id")).to_have_value("RT-40")


def test_a_thin_resolution_is_reported_before_it_is_saved(desk: Desk) -> None:
    page = desk.signed_in(Role.ENGINEER, path="/solve")
    page.locator("#ticket_id").fill("RT-50")
    page.locator("#subject").fill("Keyboard dead")
    page.locator("#resolution").fill("Done, closed.")
    expect(page.locator("#thin")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#outcome")).to_contain_text("Saved: waits for review")


def test_agents_write_nothing_back(desk: Desk) -> None:
    page = desk.signed_in()
    expect(page.get_by_role("link", name="Write back")).to_have_count(0)
    page.goto(f"{desk.address}/solve")
    expect(page.locator("main")).to_contain_text("Your key does not allow this.")


def test_search_with_filters(desk: Desk) -> None:
    page = desk.signed_in(path="/find")
    page.locator("#q").fill("print")
    expect(page.locator("#hits h2").first).to_be_visible()
    expect(page.locator("#hits")).not_to_contain_text("forklift")
    page.locator("#language").select_option("bg")
    expect(page.locator("#hits h2 bdi[lang=en]")).to_have_count(0)
    page.locator("#language").select_option("")
    page.locator("#kind").select_option("ticket")
    expect(page.locator("#hits", has_text="article")).to_have_count(0)
    page.locator("#kind").select_option("article")
    page.locator("#days").select_option("30")
    expect(page.locator("#hits h2").first).to_be_visible()
    page.locator("#q").fill("zzzz qqqq")
    page.reload()
    expect(page.locator("#q")).to_have_value("zzzz qqqq")
