"""Boilerplate of a desk, learned from its tickets, in a language that no rule knows."""

from __future__ import annotations

import pytest

from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.indexing import boilerplate
from kbsearch.knowledge.indexing.documents import current_texts
from kbsearch.model import DocumentKind, Source, Ticket
from kbsearch.store import boilerplate as stored
from kbsearch.text.intake import said
from knowledge.made import ACME, ACMES, GLOBEX, resolve, suggest

FOOTER = "Tämä viesti on lähetetty palvelupisteen kautta, numero {number} löytyy sivulta"  # Finnish
SECOND = "Käsittelemme pyynnöt arkisin kello kahdeksasta neljään"
THINGS = [
    "printer",
    "scanner",
    "laptop",
    "dock",
    "keyboard",
    "camera",
    "badge",
    "projector",
    "phone",
    "router",
    "tablet",
    "mixer",
]
PARTS = ("fan", "lens", "hinge", "cable")
FAULTS = ("hums loudly", "shows green stripes", "smells burnt", "lost its colour", "blinks twice")
DEEDS = ("Replaced", "Cleaned", "Tightened", "Lubricated", "Swapped")


def ticket(number: int) -> tuple[str, str, str]:
    thing, fault, deed = THINGS[number % 12], FAULTS[number % 5], DEEDS[number // 12 % 5]
    part = PARTS[number // 15 % 4]
    footer = f"{FOOTER.format(number=4000 + number)}\n{SECOND}"
    return (
        f"{thing} {fault}",
        f"The {part} of my {thing} {fault} since lunch.\n\n{footer}",
        f"{deed} the {part} of the {thing} in room {number * 7}.\n\n{footer}",
    )


@pytest.fixture
def desk(kb: KnowledgeBase) -> KnowledgeBase:
    for number in range(60):
        subject, description, fix = ticket(number)
        resolve(kb, f"T-{number}", subject, fix, ticket={"description": description})
    boilerplate.catch_up(kb.store)
    return kb


def read(kb: KnowledgeBase, description: str) -> str:
    with kb.store.read() as tx:
        return said(Ticket("?", description), boilerplate.of_tenant(tx, ACME)).ticket.description.strip()


def indexed(kb: KnowledgeBase, id: str) -> str:
    source = Source(ACME, DocumentKind.TICKET, id)
    with kb.store.read() as tx:
        return "\n".join(text for _, text in current_texts(tx, [source])[source].fields)


def test_a_footer_of_unrelated_tickets_is_left_out_of_questions(desk):
    asked = f"The plotter draws circles.\n\n{FOOTER.format(number=9)}\n{SECOND}"
    assert read(desk, asked) == "The plotter draws circles."


def test_it_is_left_out_of_tickets_and_resolutions_that_are_indexed(desk):
    assert "palvelupisteen" not in indexed(desk, "T-3")
    assert "of the dock in room 21" in indexed(desk, "T-3")
    assert desk.tickets.get(ACME, "T-3").resolution.text.endswith(SECOND)  # it is still shown


def test_a_fix_of_nothing_but_the_footer_is_no_solution(desk):
    written = resolve(desk, "T-done", "Plotter draws circles", f"Done.\n\n{FOOTER.format(number=9)}\n{SECOND}")
    assert written.solution_id is None


def test_a_footer_decides_nothing(desk):
    plain = suggest(desk, "dock shows green stripes", description="It began today.")
    with_footer = suggest(desk, "dock shows green stripes", description=f"It began today.\n\n{SECOND}")
    assert [one.solution.ref for one in with_footer.solutions] == [one.solution.ref for one in plain.solutions]
    assert with_footer.verdict == plain.verdict


def test_another_tenant_learns_nothing_of_it(desk):
    with desk.store.read() as tx:
        assert not boilerplate.of_tenant(tx, GLOBEX)(SECOND)
        assert stored.get(tx, GLOBEX) == b""


def test_no_word_of_a_line_is_stored(desk):
    with desk.store.read() as tx:
        lines = stored.get(tx, ACME)
    assert lines
    assert b"palvelu" not in lines


def test_a_reindex_makes_the_same_documents(desk):
    desk.reindexing.run()
    before = suggest(desk, "dock shows green stripes").solutions
    desk.reindexing.run()
    assert [one.solution.ref for one in suggest(desk, "dock shows green stripes").solutions] == [
        one.solution.ref for one in before
    ]
    assert "palvelupisteen" not in indexed(desk, "T-3")


def test_lines_are_forgotten_when_their_tickets_are_erased(desk):
    for number in range(55):
        desk.tickets.erase(ACME, f"T-{number}")
    boilerplate.catch_up(desk.store)
    with desk.store.read() as tx:
        assert stored.get(tx, ACME) == b""


def test_nothing_is_learned_again_while_nothing_changed(desk):
    with desk.store.read() as tx:
        assert stored.due(tx, 30) == []


SYMPTOM = "Outlook does not start any more"
OUTAGE = ("Outlook down", "Cannot open Outlook", "Outlook closes at once", "mail program does not start", "No Outlook")


@pytest.mark.parametrize("one_fix", [True, False])
def test_the_symptom_of_an_outage_stays(kb, one_fix):
    for number in range(60):
        fix = "Rolled back the update of Outlook." if one_fix else f"Repaired profile {number} of Outlook by hand."
        description = f"{SYMPTOM}\nI sit in room {number}, it began at {number % 24}:{number % 60:02}."
        resolve(kb, f"T-{number}", OUTAGE[number % 5], fix, ticket={"description": description})
    boilerplate.catch_up(kb.store)
    assert SYMPTOM in read(kb, f"{SYMPTOM}\nPlease help.")
    assert SYMPTOM in indexed(kb, "T-7")


def test_a_fix_that_helps_with_many_things_stays(kb):
    for number in range(60):
        subject, description, _ = ticket(number)
        fix = f"Käynnistin koneen uudelleen.\nVaihdoin osan {THINGS[number % 12]} ja {FAULTS[number % 5]}."
        if number % 3:
            fix = f"Vaihdoin {THINGS[number % 12]} {number} {FAULTS[number % 5]}."
        elif number % 2:
            fix = "Käynnistin koneen uudelleen."
        resolve(kb, f"T-{number}", subject, fix, ticket={"description": description.split("\n")[0]})
    boilerplate.catch_up(kb.store)
    with kb.store.read() as tx:
        assert not boilerplate.of_tenant(tx, ACME)("Käynnistin koneen uudelleen.")


def test_a_young_desk_has_none(kb):
    for number in range(20):
        subject, description, fix = ticket(number)
        resolve(kb, f"T-{number}", subject, fix, ticket={"description": description})
    boilerplate.catch_up(kb.store)
    assert SECOND in read(kb, f"The plotter draws circles.\n\n{SECOND}")
    assert suggest(kb, "nothing", scope=ACMES) is not None


@pytest.mark.parametrize("left", [0, 3])
def test_of_erased_tickets_no_hash_of_a_line_is_left_once_the_files_are_clean(desk, left):
    with desk.store.read() as tx:
        assert stored.get(tx, ACME)
    for number in range(left, 60):
        desk.tickets.erase(ACME, f"T-{number}")
    assert desk.purges.run()
    with desk.store.read() as tx:
        assert stored.get(tx, ACME) == b""
