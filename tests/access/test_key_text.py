"""What a key looks like."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.access.key_text import PATTERN, KeyText

KEY = KeyText("AbCdEfGhIj", "0123456789abcdefghijklmnopqrstuv")


def test_it_is_written_as_scanners_know_it() -> None:
    # Written out by hand: keys that are out there must be found and taken for ever.
    assert KEY.written() == "kbs_AbCdEfGhIj0123456789abcdefghijklmnopqrstuv05L2ab"
    assert re.fullmatch(r"kbs_[0-9A-Za-z]{48}", KEY.written())


def test_what_is_written_is_read() -> None:
    for _ in range(200):
        key = KeyText.new()
        assert KeyText.parse(key.written()) == key


def test_no_two_are_the_same() -> None:
    made = {KeyText.new().written() for _ in range(2_000)}
    assert len(made) == 2_000
    assert len({text[14:46] for text in made}) == 2_000


@given(place=st.integers(0, 51), character=st.sampled_from("0aZ_-é \n"))
def test_a_mistyped_key_is_none(place: int, character: str) -> None:
    text = KEY.written()
    changed = text[:place] + character + text[place + 1 :]
    assert KeyText.parse(changed) == (KEY if changed == text else None)


@pytest.mark.parametrize("text", ["", "kbs_", KEY.written()[:-1], KEY.written() + "0", KEY.written() + "\n", "a.b.c"])
def test_other_texts_are_none(text: str) -> None:
    assert KeyText.parse(text) is None


def test_the_digest_tells_keys_apart_and_is_not_the_secret() -> None:
    assert KEY.digest() == KeyText(KEY.id, KEY.secret).digest()
    assert KEY.digest() != KeyText(KEY.id, KEY.secret[::-1]).digest()
    assert KEY.digest() != KeyText(KEY.id[::-1], KEY.secret).digest()
    assert KEY.secret.encode() not in KEY.digest()


def test_it_does_not_show_itself() -> None:
    assert KEY.secret not in repr(KEY)
    assert KEY.secret not in f"{KEY} {[KEY]}"
    assert PATTERN.search(repr(KEY)) is None
