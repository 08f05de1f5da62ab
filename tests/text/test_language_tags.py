"""Language tags from what ticket systems send."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.text.language_tags import language_tag


@pytest.mark.parametrize(
    ("sent", "tag"),
    [
        ("bg", "bg"), ("BG", "bg"), (" bg ", "bg"), ("bg-BG", "bg-BG"), ("bg_bg", "bg-BG"), ("bul", "bg"),
        ("Bulgarian", "bg"), ("БЪЛГАРСКИ", "bg"), ("en-GB", "en-GB"), ("EN-gb", "en-GB"), ("en_US.UTF-8", "en-US"),
        ("english", "en"), ("English (United Kingdom)", "en"), ("eng", "en"), ("ger", "de"), ("Deutsch", "de"),
        ("sr-latn-rs", "sr-Latn-RS"), ("es-419", "es-419"), ("fil", "fil"), ("zh-hant", "zh-Hant"),
    ],
)  # fmt: skip
def test_what_is_clear_is_normalised(sent: str, tag: str) -> None:
    assert language_tag(sent) == tag


@pytest.mark.parametrize(
    "sent", ["", "-", "e", "english language", "en GB", "1", "klingonish", "en-", "en--GB", "x" * 99]
)
def test_what_is_not_clear_is_none(sent: str) -> None:
    assert language_tag(sent) is None


@given(st.text(max_size=60))
def test_a_tag_is_a_tag_and_stays_one(text: str) -> None:
    tag = language_tag(text)
    if tag is not None:
        assert re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag)
        assert len(tag) <= 35
        assert language_tag(tag) == tag
