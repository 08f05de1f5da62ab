"""Fixes as safe HTML and as plain text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from kbsearch.web.highlighting import highlighted
from kbsearch.web.markdown import plain_text, sections

ALLOWED = {"p", "br", "strong", "em", "ol", "ul", "li", "a", "code", "pre"}
PIECES = [
    "<script>alert(1)</script>", "<b>", "</p>", "[x](javascript:alert(1))", "[x](https://a.example?q=\"'<)", "1. ",
    "- ", "\n", "\n\n", "    ", "```", "`", "**", "_", "# ", "> ", "![p](http://x/y.png)", "&lt;", "\\", "|", "🖨",
    "\u202e", "<http://a.example>", "<javascript:x>", "data:text/html,x", "[a]: javascript:x", "[a]", "text",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=200), st.booleans())
def test_only_text_lists_links_and_code_come_through(text: str, is_markdown: bool) -> None:
    for part in sections(text, is_markdown):
        tree = LexborHTMLParser(f"<main>{part.html}</main>").css_first("main")
        for node in tree.traverse():
            if node.tag in ("main", "-text"):
                continue
            assert node.tag in ALLOWED
            assert set(node.attributes) <= {"href", "rel", "target", "class", "start"}
            if node.tag == "a":
                assert re.match(r"(https?|mailto):", node.attributes["href"] or "", re.I)
                assert node.attributes["rel"] == "noopener noreferrer"
        assert "\u202e" not in part.html + part.plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1. **Open** `regedit`\n2. Go to [the portal](https://a.example)", "1. Open regedit\n2. Go to the portal (https://a.example)"),
        ("3. a\n4. b\n   - c\n   - d", "3. a\n4. b\n   - c\n   - d"),
        ("\\\\server\\share_a", "\\\\server\\share_a"),
        ("```\nnet stop x\n```", "net stop x"),
        ("https://a.example/?a=1&b=2", "https://a.example/?a=1&b=2"),
        ("a line\nanother", "a line\nanother"),
    ],
)  # fmt: skip
def test_plain_text_is_what_a_person_would_paste(text: str, plain: str) -> None:
    assert plain_text(text) == plain


def test_a_tickets_text_is_not_taken_for_markdown() -> None:
    assert (
        plain_text("Set __init__ to *.txt\n# not a heading", is_markdown=False)
        == "Set __init__ to *.txt\n# not a heading"
    )


@given(st.text(max_size=100), st.lists(st.text(max_size=8), max_size=4))
def test_highlighting_changes_no_text(text: str, terms: list[str]) -> None:
    marked = highlighted(text, terms)
    shown = marked.replace("<mark>", "").replace("</mark>", "")
    assert shown.unescape() == highlighted(text, []).unescape()
