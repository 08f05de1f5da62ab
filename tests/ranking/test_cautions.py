from datetime import timedelta

import pytest

from kbsearch.model import ArticleState, Ticket
from kbsearch.ranking.cautions import cautions
from ranking.made import NOW, make_solution


def _cautions(ticket_environment=(), subject="Printer", language="en", **solution):
    return cautions(Ticket(subject, environment=ticket_environment), make_solution(**solution), NOW, language)


def test_a_sound_solution_has_none():
    assert _cautions() == ()


@pytest.mark.parametrize(
    ("asked", "known", "differs"),
    [
        (("Windows 11",), ("Windows 10",), True),
        (("windows 11",), ("Windows 10",), True),
        (("Windows 11",), ("Windows 10", "Windows 11"), False),
        (("Windows 11",), ("Windows 11",), False),
        (("Windows 11",), ("macOS 14",), True),
        (("Windows 11",), (), False),
        ((), ("Windows 10",), False),
        (("Outlook",), ("Outlook 2019",), False),
        (("GlobalProtect v6.1",), ("GlobalProtect v5.2",), True),
        (("Windows 11", "Outlook 2019"), ("Windows 11", "Outlook 2016"), True),
    ],
)
def test_another_version_of_the_same_product_is_a_doubt(asked, known, differs):
    assert any("environment differs" in caution for caution in _cautions(asked, environment=known)) == differs


def test_the_version_it_was_written_for_is_named():
    [caution] = _cautions(("Windows 11",), environment=("Windows 8", "Windows 10"))
    assert "Windows 10, 8" in caution


@pytest.mark.parametrize(
    ("asked", "title", "named"),
    [
        ("Error 0x80070005", "Error 0x0000011B when printing", "0x0000011B"),
        ("Mail returns 5.7.139", "5.7.1 and 5.7.57 from the server", "5.7.1, 5.7.57"),
        ("Error 0x80070005", "Error 0X80070005 and 0x0000011b", None),
        ("Error 0x80070005", "Printer offline", None),
        ("Printer", "Error 0x0000011b", None),
    ],
)
def test_another_error_code_is_a_doubt(asked, title, named):
    found = _cautions(subject=asked, title=title)
    assert found == (() if named is None else (f"it is about another code: {named}",))


@pytest.mark.parametrize(
    ("state", "said"),
    [(ArticleState.WIP, "working on"), (ArticleState.NOT_VALIDATED, "not validated"), (ArticleState.VALIDATED, None)],
)
def test_an_unconfirmed_state_is_a_doubt(state, said):
    found = _cautions(state=state)
    assert (said in found[0] and len(found) == 1) if said else found == ()


def test_age_is_a_doubt():
    assert _cautions(updated_at=NOW - timedelta(days=700)) == ()
    [caution] = _cautions(updated_at=NOW - timedelta(days=800))
    assert "2024" in caution


def test_a_long_time_without_success_is_a_doubt():
    assert _cautions(last_used_at=NOW - timedelta(days=300), solved=1) == ()
    [caution] = _cautions(last_used_at=NOW - timedelta(days=400), solved=1)
    assert caution == "last solved a ticket in 2025"


def test_more_failures_than_successes_are_a_doubt():
    assert _cautions(solved=2, failed=2) == ()
    [caution] = _cautions(solved=1, failed=2)
    assert caution == "tickets that it failed: 2, that it solved: 1"
    assert _cautions(agents_solved=2, agents_failed=2) == ()
    [caution] = _cautions(agents_solved=1, agents_failed=2, solved=9)
    assert caution == "agents who found it wrong or outdated: 2, who solved a ticket with it: 1"


@pytest.mark.parametrize("language", ["bg", "bg-BG"])
def test_doubts_are_said_in_the_language_of_the_ticket(language):
    found = _cautions(
        ("Windows 11",), environment=("Windows 10",), language=language, state=ArticleState.WIP, solved=0, failed=1
    )
    assert found == (
        "средата е друга: написано е за Windows 10",
        "заявки, при които не е помогнало: 1, решени с него: 0",
        "по тази статия още се работи",
        "написано е на английски",
    )


def test_another_language_is_a_doubt_in_english_for_the_rest():
    assert _cautions(language="de") == ("written in English",)
    assert _cautions(language="en-GB") == ()


def test_a_rival_is_a_doubt_until_tickets_have_proven_the_solution():
    [caution] = cautions(Ticket("Printer"), make_solution(tickets=1, solved=1), NOW, "en", has_rival=True)
    assert caution.startswith("another fix fits better")
    assert cautions(Ticket("Printer"), make_solution(tickets=3, solved=3), NOW, "en", has_rival=True) == ()
