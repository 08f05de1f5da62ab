from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.index.bm25 import MOST_TERMS, plan
from kbsearch.index.local import lexical
from kbsearch.index.local.lexical import LexicalIndex
from kbsearch.index.local.lexical_segments import IndexedTerms
from kbsearch.model import SHARED, Scope, TenantId
from kbsearch.text.term_counts import packed
from kbsearch.text.words import Query, parse_ticket

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
TENANTS = (ACME, GLOBEX, SHARED)
TERMS = ("printer", "spooler", "password", "vpn", "0x80070005")
OTHER = ("alpha", "beta", "gamma")
WEIGHTS = (3, 1, 1)

_WORDS = st.lists(st.sampled_from(TERMS + OTHER), max_size=8)
_STREAMS = st.tuples(_WORDS, _WORDS, _WORDS)
_CHANGES = st.lists(st.tuples(st.sampled_from(TENANTS), st.integers(1, 9), st.one_of(st.none(), _STREAMS)), max_size=30)


@dataclass
class Counted:
    """What the index must equal: documents in a dictionary, counted word by word."""

    documents: dict[tuple[TenantId, int], tuple[list[str], ...]] = field(default_factory=dict)

    def seen(self, scope):
        return {id: streams for (tenant, id), streams in self.documents.items() if tenant in scope.tenants}

    def frequencies(self, scope, terms):
        found = {term: sum(any(term in one for one in s) for s in self.seen(scope).values()) for term in terms}
        return {term: count for term, count in found.items() if count}

    def score(self, asked, streams):
        """BM25F as the paper has it."""
        counts = Counter()
        for weight, words in zip(WEIGHTS, streams, strict=True):
            for word in words:
                counts[word] += weight
        damping = 2.0 * (0.25 + 0.75 * sum(map(len, streams)) / asked.average_length)
        return sum(w * counts[t] * 3.0 / (counts[t] + damping) for t, w in asked.weights.items() if counts[t])


def _terms(document, streams):
    return IndexedTerms(document, sum(map(len, streams)), packed(*streams))


def _index(changes):
    """Document ids are a tenant's own, as in the store."""
    index, counted = LexicalIndex(), Counted()
    for tenant, number, streams in changes:
        id = number * len(TENANTS) + TENANTS.index(tenant)
        index.replace(tenant, [id], [] if streams is None else [_terms(id, streams)])
        counted.documents.pop((tenant, id), None)
        if streams is not None:
            counted.documents[tenant, id] = streams
    return index, counted


def _query(terms):
    return Query(tuple(terms), (), frozenset(term for term in terms if term.startswith("0x")), ())


def _asked(index, scope, terms=TERMS):
    view = index.view(scope)
    frequencies = view.frequencies(terms)
    asked = plan(_query(terms), *view.size(), frequencies)
    return asked, view.match(asked, frequencies)


def _one(*streams, query=("printer",), more=5):
    """The match of one document among others that don't have the query's words."""
    index = LexicalIndex()
    index.replace(ACME, [], [_terms(1, streams), *(_terms(n, (["alpha"], [], [])) for n in range(2, 2 + more))])
    asked, matching = _asked(index, Scope(ACME), query)
    return asked, matching.scores([1])[1]


@given(_CHANGES, st.sampled_from(TENANTS))
def test_any_sequence_of_changes_equals_counting_word_by_word(changes, tenant):
    index, counted = _index(changes)
    scope = Scope(tenant)
    seen = counted.seen(scope)
    assert index.view(scope).size() == (len(seen), sum(len(one) for s in seen.values() for one in s))
    assert index.view(scope).frequencies(TERMS) == counted.frequencies(scope, TERMS)
    asked, matching = _asked(index, scope)
    expected = {id: counted.score(asked, streams) for id, streams in seen.items()}
    assert {id: match.score for id, match in matching.scores(list(expected)).items()} == pytest.approx(expected)
    best = sorted((id for id in expected if expected[id] > 0), key=lambda id: (-round(expected[id], 9), id))
    found = matching.best(len(best) + 1)
    assert set(found) == set(best)
    assert [expected[id] for id in found] == pytest.approx([expected[id] for id in best])


@given(_CHANGES)
def test_another_tenants_changes_are_never_seen(changes):
    alone, _ = _index([change for change in changes if change[0] != GLOBEX])
    together, _ = _index(changes)
    assert alone.view(Scope(ACME)).size() == together.view(Scope(ACME)).size()
    (asked, one), (other_asked, other) = _asked(alone, Scope(ACME)), _asked(together, Scope(ACME))
    assert asked == other_asked
    ids = list(range(40))
    assert one.scores(ids) == other.scores(ids)
    assert one.best(5) == other.best(5)


@given(_CHANGES)
def test_merging_changes_no_answer(changes):
    index, _ = _index(changes)
    before = _asked(index, Scope(ACME))[1].scores(range(40))
    for tenant, segments in index.segments.all().items():
        if segments:
            assert index.segments.exchange(tenant, segments, index._merge(segments))
    assert _asked(index, Scope(ACME))[1].scores(range(40)) == before


@pytest.mark.parametrize("budget", [1, 40, 100_000])
def test_scores_are_exact_however_few_postings_are_added_up(monkeypatch, budget):
    index, counted = _index(
        [(ACME, n, (["printer"] * (n % 3), ["vpn", "spooler"][: n % 2 + 1], [])) for n in range(30)]
    )
    monkeypatch.setattr(lexical, "_MOST_POSTINGS", budget)
    asked, matching = _asked(index, Scope(ACME))
    expected = {id: counted.score(asked, streams) for id, streams in counted.seen(Scope(ACME)).items()}
    assert {id: match.score for id, match in matching.scores(list(expected)).items()} == pytest.approx(expected)


def test_the_best_are_given_in_order_and_no_more_than_asked_for():
    index = LexicalIndex()
    index.replace(
        ACME, [], [_terms(n, (["printer"] if n == 7 else [], ["printer"], ["alpha"] * n)) for n in range(1, 9)]
    )
    _, matching = _asked(index, Scope(ACME))
    assert matching.best(3) == [7, 1, 2]
    assert matching.best(100) == [7, 1, 2, 3, 4, 5, 6, 8]


@given(_STREAMS)
def test_a_score_lies_between_nothing_and_the_ceiling(streams):
    asked, match = _one(*streams, query=TERMS)
    assert 0 <= match.score <= asked.ceiling
    assert (match.score > 0) == any(word in TERMS for words in streams for word in words)


def test_unknown_terms_change_no_score():
    known = _one(["printer"], [], [])
    asked = _one(["printer"], [], [], query=("printer", "unheard-of", "0xdeadbeef"))
    assert (asked[0].weights, asked[0].identifiers) == (known[0].weights, known[0].identifiers)
    assert asked[1] == known[1]
    assert asked[0].ceiling > known[0].ceiling


def test_a_longer_document_scores_lower():
    assert _one([], ["printer"], ["alpha"] * 20)[1].score < _one([], ["printer"], [])[1].score


def test_one_more_occurrence_scores_higher():
    assert _one([], ["printer", "printer"], [])[1].score > _one([], ["printer", "alpha"], [])[1].score


def test_a_match_in_the_title_weighs_more():
    title, issue, resolution = (
        _one(*(["printer"] if n == place else ["beta"] for n in range(3))) for place in range(3)
    )
    assert title[1].score > issue[1].score == resolution[1].score


def test_identifiers_of_a_document_are_counted():
    assert _one([], ["0x80070005"], [], query=("printer", "0x80070005"))[1].identifiers == 1
    assert _one(["printer"], [], [], query=("printer", "0x80070005"))[1].identifiers == 0


def test_a_word_more_often_than_a_byte_can_count_still_counts_most():
    assert _one([], ["printer"] * 1000, [])[1].score > _one([], ["printer"] * 20 + ["alpha"] * 980, [])[1].score


def test_a_rarer_term_weighs_more():
    asked = plan(_query(TERMS), 100, 2000, {"printer": 50, "spooler": 2, "vpn": 100})
    assert asked.weights["spooler"] > asked.weights["printer"] > asked.weights["vpn"] > 0
    assert math.isclose(asked.weights["printer"], math.log(1 + 50.5 / 50.5))


def test_a_query_of_unknown_terms_asks_for_nothing():
    asked = plan(_query(TERMS), 100, 2000, {})
    assert (asked.weights, asked.identifiers) == ({}, frozenset())


def test_an_empty_collection_can_be_asked():
    asked, matching = _asked(LexicalIndex(), Scope(ACME))
    assert asked.average_length == 1
    assert (matching.best(10), matching.scores([1, 2])) == ([], {})


def test_of_a_long_query_the_rarest_terms_are_looked_up():
    frequencies = {f"term{number}": number + 1 for number in range(200)}
    asked = plan(_query(frequencies), 1000, 20_000, frequencies)
    assert set(asked.weights) == {f"term{number}" for number in range(MOST_TERMS)}


@pytest.mark.parametrize("text", ["", "  \n", "!?"])
def test_a_query_without_words_can_be_planned(text):
    assert plan(parse_ticket(text, text), 10, 100, {}).ceiling == 0


@given(_CHANGES, st.sampled_from(TENANTS))
def test_what_each_term_brings_adds_up_to_the_score(changes, tenant):
    index, counted = _index(changes)
    scope = Scope(tenant)
    documents = list(counted.seen(scope))
    asked, matching = _asked(index, scope)
    brought, scores = matching.contributions(documents), matching.scores(documents)
    assert brought.keys() == scores.keys() == set(documents)
    for document, by_term in brought.items():
        assert sum(by_term.values()) == pytest.approx(scores[document].score)
        assert by_term.keys() == {
            term for term in asked.weights if any(term in stream for stream in counted.seen(scope)[document])
        }
