"""Jira's wiki markup is read as Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.text.fixes import fingerprint, is_thin
from kbsearch.text.intake import plain_text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{color:red}Stop{color} the agent", "Stop the agent"),
        ("{color:#ff0000}*Stop*{color} it", "*Stop* it"),
        ("{panel:title=Fix|borderStyle=dashed}Renew it{panel}", "Renew it"),
        ("{quote}as before{quote}", "as before"),
        ("Run {{gpupdate /force}}", "Run `gpupdate /force`"),
        ("{code:bash}\n# stop\nkill 1\n{code}", "```\n# stop\nkill 1\n```\n"),
        ("{noformat}C:\\temp{noformat}", "```\nC:\\temp\n```\n"),
        ("h3. Steps\nh4.  More", "### Steps\n#### More"),
        ("see [the guide|https://kb.example/x] and [mail|mailto:a@b.example]",
         "see [the guide](https://kb.example/x) and [mail](mailto:a@b.example)"),
        ("black !image-2026.png|width=600! screen", "black  screen"),
        ("!shot.PNG|thumbnail!", ""),
    ],
)  # fmt: skip
def test_macros_headings_links_and_pictures(written, read):
    assert plain_text(written) == read


@pytest.mark.parametrize(
    "text",
    ['{"color": "red"}', "a {placeholder} here", "{code} once", "Warning! Stop.", "cell | cell", "h2 title", "C++!",
     "[x|y] and [a|b]", "${var} {0} {{", "oh. no"],
)  # fmt: skip
def test_what_only_looks_like_it_stays(text):
    assert plain_text(text) == text


@given(st.text("{}:colrpanecdqutinformh1. !|[]abc\n", max_size=80))
def test_what_was_read_is_read_as_it_is(text):
    once = plain_text(text)
    assert plain_text(once) == once


def test_a_fix_is_the_same_with_and_without_it():
    assert fingerprint(plain_text("{color:red}Restarted the spooler.{color}")) == fingerprint("Restarted the spooler.")
    assert is_thin(plain_text("{panel:title=Resolution}Fixed{panel}"))
    assert is_thin(plain_text("{color:green}*Done*{color}"))
