"""Every text of the pages is translated, and the catalogues hold nothing else."""

from __future__ import annotations

import re

import pytest

from kbsearch import errors
from kbsearch.api.problem_kinds import KINDS
from kbsearch.web.failures import SAID
from kbsearch.web.words import LANGUAGES, Words
from scripts.project import catalogues
from web.conftest import ROOT

OTHERS = sorted(set(LANGUAGES) - {"en"})


@pytest.mark.parametrize("code", OTHERS)
def test_each_text_is_translated(code: str) -> None:
    wanted = {one.id for one in catalogues.source_texts() if one.id}
    stored = {one.id: one for one in catalogues.catalogue(code) if one.id}
    assert wanted - stored.keys() == set(), "run python -m scripts.project.catalogues and translate what is new"
    assert stored.keys() - wanted == set(), "run scripts.project.catalogues: texts are no longer in the source"
    for one in stored.values():
        strings = one.string if isinstance(one.string, tuple) else (one.string,)
        assert all(strings), f"not translated: {one.id}"
        assert not one.fuzzy
        assert not list(one.check()), one.id
    assert not catalogues.catalogue(code).obsolete


@pytest.mark.parametrize("code", OTHERS)
def test_placeholders_and_markup_are_those_of_the_source(code: str) -> None:
    for one in catalogues.catalogue(code):
        ids = one.id if isinstance(one.id, tuple) else (one.id,)
        for string in one.string if isinstance(one.string, tuple) else (one.string,):
            for pattern in (r"%\(\w+\)\w", r"</?\w+>", r"#"):
                assert sorted(re.findall(pattern, string)) == sorted(re.findall(pattern, ids[-1]))


def test_bulgarian_says_vie() -> None:
    said = (ROOT / "kbsearch/web/locales/bg.po").read_text()
    assert not re.search(
        r"\b(ти|теб|твоя\w*|твой|твоите|копирай|напиши|опитай|въведи|избери|провери|влез|зареди)\b", said, re.I
    )


def test_plurals_and_shares() -> None:
    words = Words("bg")
    one, many = "%(number)s minute left", "%(number)s minutes left"
    assert words.ngettext(one, many, 1) == "остава %(number)s минута"
    assert words.ngettext(one, many, 21) == "остават %(number)s минути"
    assert (words.percent(0.874), Words("en").percent(0.874)) == ("87%", "87%")
    assert Words("en").language("bg") == "Bulgarian"
    assert Words("en").language("zz-made-up") == "zz-made-up"


@pytest.mark.parametrize("error", KINDS, ids=lambda one: one.__name__)
def test_each_error_is_said_in_words_of_its_own_or_of_its_kind(error: type[errors.KBSearchError]) -> None:
    assert any(kind in SAID for kind in error.__mro__ if kind is not errors.KBSearchError) or error in REPORTED


REPORTED = {errors.IdempotencyKeyReused, errors.BrokenFile, errors.ModelError, errors.ModelNotLoadable,
            errors.ModelMismatch, errors.SnapshotInvalid, errors.UnsupportedMediaType, errors.AlreadyRunning,
            errors.StillAtWork}  # fmt: skip
"""Nothing that a page does gives rise to them."""
