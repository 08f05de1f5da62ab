"""What is written as a file is read as the same article."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.model import Article, ArticleState, TenantId
from kbsearch.ticketing.article_folder import read_article
from kbsearch.ticketing.article_writing import file_name, file_text

STEPS = "1. Do\n\n---\n2. x"
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30)
SAID = TEXTS.filter(lambda text: text.strip() == text)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | st.just("two\nlines: # 2\n- x"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def read_again(folder, article):
    path = folder / file_name(article.id)
    path.write_text(file_text(article), "utf-8", newline="\n")
    return read_article(TenantId("acme"), path).wire


@given(
    title=SAID,
    issue=st.lists(SAID, max_size=3),
    tags=st.lists(SAID, max_size=3),
    metadata=st.dictionaries(SAID.filter(lambda name: name not in {"title", "issue", "tags"}), VALUES, max_size=4),
)
def test_any_article_is_read_as_it_was_written(tmp_path_factory, title, issue, tags, metadata):
    article = Article(
        "x.bg", title, tuple(issue), tags=tuple(tags), resolution="Do it.", language="bg", metadata=metadata
    )
    wire = read_again(tmp_path_factory.mktemp("written"), article)
    assert wire["title"] == title
    assert wire.get("issue", []) == issue
    assert wire.get("tags", []) == tags
    assert wire.get("metadata", {}) == metadata
    assert (wire["language"], wire["resolution"], wire["state"]) == ("bg", "Do it.", "not_validated")


def test_all_fields_are_written(tmp_path):
    article = Article(
        "vpn", "VPN: error #809", ("It says #809", "- no: yes"), ("Windows 11",), "The router: drops it", STEPS,
        ("809", "vpn"), "en-GB", "internal", ArticleState.VALIDATED, {"ms.date": "2026-03-02", "n": math.pi},
    )  # fmt: skip
    wire = read_again(tmp_path, article)
    assert wire == {
        "id": "vpn", "title": "VPN: error #809", "issue": ["It says #809", "- no: yes"], "environment": ["Windows 11"],
        "cause": "The router: drops it", "resolution": STEPS, "tags": ["809", "vpn"], "language": "en-GB",
        "audience": "internal", "state": "validated", "metadata": {"ms.date": "2026-03-02", "n": math.pi},
    }  # fmt: skip


@pytest.mark.parametrize("id", ["../etc/passwd", "a/b", ".hidden", "a\\b", "x" * 300, "a:b", "..", "a "])
def test_an_id_that_leads_elsewhere_names_no_file(id):
    assert file_name(id) is None


def test_dots_within_an_id_stay():
    assert file_name("msvcp140.dll") == "msvcp140.dll.md"
