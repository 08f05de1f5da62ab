from dataclasses import replace

import pytest

from kbsearch.model import Action, Status, Verdict
from kbsearch.ranking.languages import in_own_language, language_name, with_language
from ranking.made import make_solution

VERDICT = Verdict(Status.KNOWN, Action.APPLY, 0.9, "It is here.")


def test_the_own_language_passes_what_is_about_as_relevant_and_nothing_better():
    assert in_own_language(0.50, "bg-BG", "bg") > in_own_language(0.51, "en", "bg")
    assert in_own_language(0.50, "bg", "bg") < in_own_language(0.55, "en", "bg")
    assert in_own_language(0.50, None, "bg") == in_own_language(0.50, "en", "bg") == 0.50


@pytest.mark.parametrize(
    ("asked", "reason"),
    [("bg", "It is here. Написано е на английски."), ("de", "It is here. It is written in English."), ("en", None)],
)
def test_the_verdict_names_another_language(asked, reason):
    assert with_language(VERDICT, make_solution(), asked).reason == (reason or VERDICT.reason)


def test_nothing_is_said_of_an_unknown_language_or_an_empty_list():
    assert with_language(VERDICT, None, "bg") == VERDICT
    assert with_language(VERDICT, replace(make_solution(), language=None), "bg") == VERDICT


def test_a_language_without_a_name_is_called_by_its_code():
    assert language_name("bg-BG", "en") == "Bulgarian"
    assert language_name("eu", "bg") == "eu"
