"""The agent's panel in a browser: asking, using a fix, saying what came of it, handing over."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from kbsearch.model import Role, Scope, Ticket
from web.conftest import ACME, GLOBEX, Desk, ask

QUESTION = "The printer does not print"
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def test_suggest_copy_worked(desk: Desk) -> None:
    page = desk.signed_in(permissions=CLIPBOARD)
    ask(page, QUESTION)
    expect(page.locator("#headline")).to_have_text(re.compile("Known|Likely|Unsure"))
    expect(page.locator("#verdict")).to_contain_text("Asked for: acme")
    card = page.locator(".card").first
    expect(card.locator("h3")).to_contain_text("The printer does not print")
    expect(card).to_contain_text("internal")
    expect(card.locator(".match mark", has_text="print").first).to_be_visible()
    card.locator(".copy").click()
    expect(page.locator("#toast")).to_have_text("Copied. Internal text: do not send it to the caller as it is.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (
        "1. Open Print queues at https://print.example.org.\n"
        "2. Run net stop spooler and remove the files of \\\\server\\queue$.\n"
        "   - Leave the rest."
    )
    card.get_by_role("button", name="It worked").click()
    expect(card.locator(".noted")).to_have_text("Noted: it worked.")
    expect(card.get_by_role("button", name="It worked")).to_have_attribute("aria-pressed", "true")
    [told, *_] = desk.knowledge.suggest(Scope(ACME), Ticket(QUESTION)).solutions
    assert told.solution.evidence.agents_solved == 1


def test_a_fix_is_shown_as_steps_with_safe_links(desk: Desk) -> None:
    page = desk.signed_in()
    ask(page, QUESTION)
    card = page.locator(".card").first
    if not card.locator(".steps").first.is_visible():
        card.locator("summary").first.click()
    expect(card.locator(".steps ol > li")).to_have_count(2)
    expect(card.locator(".steps a")).to_have_attribute("rel", "noopener noreferrer")
    expect(card.locator(".escalation")).to_contain_text("Escalate if the queue fills again")


def test_language_twins_are_one_card_in_the_readers_language(desk: Desk) -> None:
    page = desk.signed_in(locale="bg-BG")
    ask(page, "Принтерът не печата printer print")
    card = page.locator(".card").first
    expect(card.locator("h3 bdi")).to_have_attribute("lang", "bg")
    expect(page.locator(".card", has_text="The printer does not print")).to_have_count(1)
    card.locator("summary").first.click()
    expect(card.locator(".twin summary")).to_contain_text("английски")


def test_another_clients_fix_is_never_shown(desk: Desk) -> None:
    page = desk.signed_in()
    ask(page, "The forklift terminal does not print labels")
    page.wait_for_selector("#verdict")
    expect(page.locator("#answer")).not_to_contain_text("forklift terminal does not print labels", use_inner_text=True)


def test_the_client_is_chosen_and_always_visible(desk: Desk) -> None:
    page = desk.signed_in(Role.AGENT, ACME, GLOBEX)
    expect(page.locator("#answer")).to_contain_text("Choose the client above first")
    expect(page.locator("#client option")).to_have_text(["Choose …", "acme", "globex"])
    ask(page, "The forklift terminal does not print labels")
    page.locator("#client").select_option("globex")
    page.wait_for_url("**/?client=globex")
    expect(page.locator("#words")).to_have_value("The forklift terminal does not print labels")
    expect(page.locator("#verdict")).to_contain_text("Asked for: globex")
    expect(page.locator(".card h3").first).to_contain_text("forklift")
    page.goto(f"{desk.address}/?client=initech")
    expect(page.locator("main")).to_contain_text("Your key does not cover this client.")


def test_a_reload_and_another_language_keep_the_question(desk: Desk) -> None:
    page = desk.signed_in()
    ask(page, QUESTION)
    page.wait_for_selector("#verdict")
    page.reload()
    expect(page.locator("#words")).to_have_value(QUESTION)
    expect(page.locator("#verdict")).to_be_visible()
    page.get_by_role("link", name="Български").click()
    expect(page.locator("html")).to_have_attribute("lang", "bg")
    expect(page.locator("#words")).to_have_value(QUESTION)
    expect(page.locator("#verdict")).to_contain_text("За клиент: acme")
    expect(page.locator(".reason")).to_contain_text(re.compile("[а-я]{4}"))
    page.locator("#anew").click()
    page.reload()
    expect(page.locator("#words")).to_have_value("")


def test_a_stale_answer_never_replaces_a_newer_one(desk: Desk) -> None:
    page = desk.signed_in()
    held = []
    page.route("**/ask?*", lambda route: held.append(route) if not held else route.continue_())
    ask(page, QUESTION)
    page.wait_for_function("performance.now() > 0")
    page.wait_for_timeout(300)
    ask(page, "The projector shows nothing")
    expect(page.locator(".card h3").first).to_contain_text("projector")
    assert len(held) == 1
    held[0].abort()
    page.wait_for_timeout(200)
    expect(page.locator(".card h3").first).to_contain_text("projector")
    expect(page.locator("#failure")).to_be_empty()


def test_the_old_answer_stays_until_the_new_one_is_there(desk: Desk) -> None:
    page = desk.signed_in()
    ask(page, QUESTION)
    page.wait_for_selector(".card")
    held = []
    page.route("**/ask?*", lambda route: held.append(route))
    ask(page, "The projector shows nothing")
    page.wait_for_timeout(400)
    expect(page.locator(".card h3").first).to_contain_text("printer")
    held[0].continue_()
    expect(page.locator(".card h3").first).to_contain_text("projector")


def test_escalating_makes_a_note_with_what_was_tried(desk: Desk) -> None:
    page = desk.signed_in(permissions=CLIPBOARD)
    page.locator(".ticket summary").click()
    page.locator("#ticket").fill("RT-7")
    page.locator("#environment").fill("Windows 11")
    ask(page, f"{QUESTION}\nsince this morning")
    card = page.locator(".card").first
    card.get_by_role("button", name="Tried, did not work").click()
    expect(card.locator(".noted")).to_have_text("Noted: tried, it did not work.")
    page.locator("#escalate").click()
    note = page.locator("#note-text").input_value()
    suggestion = page.locator("#verdict").get_attribute("data-suggestion")
    for part in ("Client: acme", "Ticket: RT-7", "Environment: Windows 11", f"{QUESTION}\nsince this morning",
                 "- The printer does not print: did not work", suggestion,
                 "Escalate if the queue fills again"):  # fmt: skip
        assert part in note
    page.locator("#note-copy").click()
    expect(page.locator("#note-copied")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == note


def test_keyboard_only(desk: Desk) -> None:
    page = desk.signed_in(permissions=CLIPBOARD)
    page.locator("body").press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("The projector shows nothing")
    expect(page.locator(".card h3").first).to_contain_text("projector")
    page.keyboard.press("Escape")
    fix = page.locator(".card").first.locator("[data-fix]")
    was_open = fix.get_attribute("open") is not None
    page.keyboard.press("1")
    expect(fix).to_have_js_property("open", not was_open)
    page.keyboard.press("c")
    expect(page.locator("#toast")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "Press Source until the picture comes."
    for key, said in (("u", "it worked"), ("w", "tried, it did not work"), ("n", "it does not fit this problem")):
        page.keyboard.press(key)
        expect(page.locator(".card").first.locator(".noted")).to_have_text(f"Noted: {said}.")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("#note")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("#note")).to_be_hidden()


def test_an_address_fills_the_question_in_and_holds_it_no_longer(desk: Desk) -> None:
    due = (datetime.now(UTC) + timedelta(minutes=34, seconds=30)).isoformat()
    query = urlencode({"subject": QUESTION, "description": "no paper jam", "ticket": "RT-9", "resolve_by": due})
    page = desk.signed_in()
    page.goto(f"{desk.address}/?client=acme&{query}")
    expect(page.locator("#words")).to_have_value(f"{QUESTION}\nno paper jam")
    expect(page.locator(".due")).to_have_text("34 minutes left")
    assert page.url == f"{desk.address}/?client=acme"


def test_what_is_cut_is_reported(desk: Desk) -> None:
    page = desk.signed_in()
    ask(page, f"{QUESTION}\n" + "🖨 <script>alert(1)</script> " * 2_000)
    expect(page.locator("#words-cut")).to_be_visible()
    expect(page.locator("#verdict")).to_contain_text("Only the first 50,000 characters were read")


HOSTILE = [
    "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7}",
    "evil\u202etxt.exe \u202dforce",
    "👩‍💻🖨️🔥 مرحبا 打印机",
    "</textarea></template><b>bold</b>",
]


@pytest.mark.parametrize("text", HOSTILE, ids=["markup", "templates", "overrides", "emoji", "closing"])
def test_hostile_text_is_harmless(desk: Desk, text: str) -> None:
    page = desk.signed_in()
    page.goto(f"{desk.address}/?{urlencode({'client': 'acme', 'words': f'{QUESTION} {text}', 'ticket': text[:80]})}")
    page.wait_for_selector("#verdict")
    assert page.evaluate("window.hacked") is None
    assert page.locator("#answer b, #answer script, #answer img").count() == 0
    expect(page.locator("#words")).to_have_value(
        re.compile(re.escape(text.replace("\u202e", "⟨RLO⟩").replace("\u202d", "⟨LRO⟩")))
    )
    page.locator("#escalate").click()
    assert text.split()[0].replace("\u202e", "⟨RLO⟩") in page.locator("#note-text").input_value()


def test_without_a_clipboard_the_fix_is_copied_all_the_same(desk: Desk) -> None:
    page = desk.signed_in(permissions=CLIPBOARD)
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.reload()
    ask(page, "The projector shows nothing")
    page.locator(".copy").first.click()
    expect(page.locator("#toast")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "Press Source until the picture comes."


def test_where_nothing_copies_the_text_is_selected(desk: Desk) -> None:
    page = desk.signed_in()
    page.add_init_script(
        "Object.defineProperty(window, 'isSecureContext', { value: false }); document.execCommand = () => false"
    )
    page.reload()
    ask(page, "The projector shows nothing")
    page.locator(".copy").first.click()
    expect(page.locator("#toast")).to_contain_text("Press Ctrl+C")
    expect(page.locator("textarea.copying")).to_have_value("Press Source until the picture comes.")


def test_unlikely_solutions_are_not_shown(desk: Desk) -> None:
    page: Page = desk.signed_in()
    ask(page, "Kaffeemaschine leckt")
    expect(page.locator("#headline")).to_have_text("New – escalate now")
    for share in page.locator(".likely").all_inner_texts():
        assert int(re.sub(r"\D", "", share)) >= 5


def test_a_question_typed_with_pauses_counts_once(desk: Desk) -> None:
    def stored() -> set[str]:
        desk.knowledge._suggestions.flush()
        with desk.knowledge.store.read() as tx:
            return {row["id"] for row in tx.rows("SELECT id FROM suggestions")}

    page = desk.signed_in()
    before = stored()
    seen = set()
    for words in (
        "The projector",
        "The projector shows",
        "The projector shows nothing",
        "The projector shows nothing now",
    ):
        ask(page, words)
        expect(page.locator("#verdict")).not_to_have_attribute("data-suggestion", " ".join(seen) or "none")
        page.wait_for_timeout(400)
        seen = {page.locator("#verdict").get_attribute("data-suggestion") or ""}
    assert stored() - before == seen
    page.locator(".card").first.get_by_role("button", name="It worked").click()
    expect(page.locator(".card").first.locator(".noted")).to_have_text("Noted: it worked.")
    ask(page, "The projector shows nothing again")
    page.wait_for_timeout(400)
    last = {page.locator("#verdict").get_attribute("data-suggestion")}
    assert stored() - before == seen | last
