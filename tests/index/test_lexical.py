from dataclasses import dataclass, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kbsearch.index.lexical import MOST_TERMS, plan
from kbsearch.text.words import Query, parse_ticket

TERMS = ("printer", "spooler", "password", "vpn", "0x80070005")
OTHER = ("alpha", "beta", "gamma")


@dataclass(frozen=True)
class Streams:
    title: str = ""
    issue: str = ""
    resolution: str = ""

    @property
    def length(self):
        return len(f"{self.title} {self.issue} {self.resolution}".split())


_STREAM = st.lists(st.sampled_from(TERMS + OTHER), max_size=12).map(" ".join)
_DOCUMENT = st.builds(Streams, _STREAM, _STREAM, _STREAM)
_FREQUENCIES = st.dictionaries(st.sampled_from(TERMS), st.integers(1, 50), min_size=1)


def _query(terms):
    return Query(tuple(terms), (), frozenset(term for term in terms if term.startswith("0x")), ())


@given(_DOCUMENT, _FREQUENCIES, st.integers(50, 1000), st.integers(0, 50_000))
def test_a_score_lies_between_nothing_and_the_ceiling(document, frequencies, documents, total_length):
    asked = plan(_query(TERMS), documents, total_length, frequencies)
    score = asked.score(document)
    assert 0 <= score < asked.ceiling
    matched = any(term in frequencies for term in f"{document.title} {document.issue} {document.resolution}".split())
    assert (score > 0) == matched


@given(_DOCUMENT, _FREQUENCIES, st.sampled_from(["title", "issue", "resolution"]), st.data())
def test_one_more_match_never_lowers_the_score(document, frequencies, stream, data):
    """A word that was not asked for becomes one that was; the length stays."""
    words = getattr(document, stream).split()
    unasked = [place for place, word in enumerate(words) if word not in frequencies]
    assume(unasked)
    words[data.draw(st.sampled_from(unasked))] = data.draw(st.sampled_from(sorted(frequencies)))
    asked = plan(_query(TERMS), 100, 2000, frequencies)
    assert asked.score(replace(document, **{stream: " ".join(words)})) > asked.score(document)


@given(_DOCUMENT, _FREQUENCIES)
def test_unknown_terms_change_no_score(document, frequencies):
    known = plan(_query([term for term in TERMS if term in frequencies]), 100, 2000, frequencies)
    asked = plan(_query((*TERMS, "unheard-of", "0xdeadbeef")), 100, 2000, frequencies)
    assert (asked.weights, asked.identifiers) == (known.weights, known.identifiers)
    assert asked.score(document) == known.score(document)
    assert asked.ceiling >= known.ceiling


@given(_DOCUMENT, _FREQUENCIES)
def test_a_longer_document_scores_no_higher(document, frequencies):
    asked = plan(_query(TERMS), 100, 2000, frequencies)
    longer = replace(document, resolution=f"{document.resolution} {'padding ' * 20}".strip())
    assert asked.score(longer) <= asked.score(document)


def test_a_rarer_term_weighs_more():
    asked = plan(_query(TERMS), 100, 2000, {"printer": 50, "spooler": 2})
    assert asked.score(Streams(issue="spooler")) > asked.score(Streams(issue="printer"))
    everywhere = plan(_query(TERMS), 100, 2000, {"printer": 100})
    assert everywhere.score(Streams(issue="printer")) > 0


def test_a_match_in_the_title_weighs_more():
    asked = plan(_query(TERMS), 100, 2000, {"printer": 5})
    assert asked.score(Streams(title="printer")) > asked.score(Streams(issue="printer"))
    assert asked.score(Streams(issue="printer")) == asked.score(Streams(resolution="printer"))


def test_a_query_of_unknown_terms_asks_for_nothing():
    asked = plan(_query(TERMS), 100, 2000, {})
    assert (asked.weights, asked.identifiers) == ({}, frozenset())
    assert asked.score(Streams(title="printer")) == 0


def test_an_empty_collection_can_be_asked():
    assert plan(_query(TERMS), 0, 0, {}).average_length == 1


def test_of_a_long_query_the_rarest_terms_are_looked_up():
    frequencies = {f"term{number}": number + 1 for number in range(200)}
    asked = plan(_query(frequencies), 1000, 20_000, frequencies)
    assert set(asked.weights) == {f"term{number}" for number in range(MOST_TERMS)}


def test_identifiers_of_a_document_are_told():
    asked = plan(parse_ticket("printer error 0x80070005", "on srv-print01"), 100, 2000, {"0x80070005": 2, "printer": 9})
    assert asked.identifiers == {"0x80070005"}
    assert asked.identifiers_in(Streams(resolution="code 0x80070005")) == {"0x80070005"}
    assert asked.identifiers_in(Streams(resolution="0x800700")) == frozenset()


@pytest.mark.parametrize("text", ["", "  \n", "!?"])
def test_a_query_without_words_can_be_planned(text):
    assert plan(parse_ticket(text, text), 10, 100, {}).ceiling == 0
