from datetime import timedelta

import pytest

from kbsearch.model import ArticleState, Ticket
from kbsearch.ranking.cautions import cautions
from ranking.made import NOW, make_solution


def _cautions(ticket_environment=(), **solution):
    return cautions(Ticket("Printer", environment=ticket_environment), make_solution(**solution), NOW)


def test_a_sound_solution_has_none():
    assert _cautions() == ()


@pytest.mark.parametrize(
    ("asked", "known", "differs"),
    [
        (("Windows 11",), ("Windows 10",), True),
        (("Windows 11",), ("Windows 10", "Windows 11"), False),
        (("Windows 11",), ("Windows 11",), False),
        (("Windows 11",), ("macOS 14",), False),
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


def test_more_failures_than_successes_are_a_doubt():
    assert _cautions(solved=2, failed=2) == ()
    [caution] = _cautions(solved=1, failed=2)
    assert "2" in caution
    assert "1" in caution
