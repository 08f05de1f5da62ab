import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbsearch.model import SHARED, Scope
from kbsearch.store import documents, generations, lexical
from kbsearch.text.words import parse_query, surface, terms
from store.made import ACME, ACMES, GLOBEX, GLOBEXS, make_document

WEIGHTS = (2.0, 1.0, 1.0)


@pytest.fixture
def generation(store):
    with store.write() as tx:
        return generations.create(tx, "hashing", "hashing@4", 4, "recipe", "current").id


def _match(tx, generation, scope=ACMES, words=(), phrases=(), limit=100):
    rows = lexical.match(tx, generation, scope, list(words), [tuple(phrase) for phrase in phrases], WEIGHTS, limit)
    return sorted(source.id for source in documents.sources(tx, scope, [row.document for row in rows]).values())


def test_any_of_the_terms_and_all_of_the_phrases(store, generation):
    with store.write() as tx:
        documents.put(tx, generation, make_document(id="a", title="printer", resolution="restart spooler"))
        documents.put(tx, generation, make_document(id="b", title="vpn", issue="access denied printer"))
        documents.put(tx, generation, make_document(id="c", title="vpn", issue="denied access"))
        assert _match(tx, generation, words=["printer"]) == ["a", "b"]
        assert _match(tx, generation, words=["spooler", "denied"]) == ["a", "b", "c"]
        assert _match(tx, generation, phrases=[("access", "denied")]) == ["b"]
        assert _match(tx, generation, phrases=[("access", "denied"), ("vpn",)]) == ["b"]
        assert _match(tx, generation, phrases=[("access", "denied"), ("spooler",)]) == []
        assert _match(tx, generation, words=["unknown"]) == []


def test_a_replaced_document_is_found_by_its_new_words_only(store, generation):
    with store.write() as tx:
        documents.put(tx, generation, make_document(title="printer"))
        documents.put(tx, generation, make_document(title="scanner"))
        assert _match(tx, generation, words=["printer"]) == []
        assert _match(tx, generation, words=["scanner"]) == ["T-1"]
        documents.remove(tx, make_document().source)
        assert _match(tx, generation, words=["scanner"]) == []
        assert lexical.frequencies(tx, generation, ACMES, ["scanner"]) == {}
        assert lexical.size(tx, generation, ACMES) == (0, 0)


def test_statistics_are_of_the_scope_only(store, generation):
    with store.write() as tx:
        documents.put(tx, generation, make_document(ACME, title="printer offline"))
        documents.put(tx, generation, make_document(SHARED, title="printer"))
        for number in range(5):
            documents.put(tx, generation, make_document(GLOBEX, id=f"T-{number}", title="printer password vpn"))
        asked = ["printer", "password", "offline", "nowhere"]
        assert lexical.frequencies(tx, generation, ACMES, asked) == {"printer": 2, "offline": 1}
        assert lexical.frequencies(tx, generation, GLOBEXS, asked) == {"printer": 6, "password": 5}
        assert lexical.frequencies(tx, generation, Scope(SHARED), asked) == {"printer": 1}
        assert lexical.size(tx, generation, ACMES) == (2, 3)
        assert lexical.size(tx, generation, GLOBEXS) == (6, 16)


def test_nothing_is_found_out_of_scope_or_in_another_generation(store, generation):
    with store.write() as tx:
        id = documents.put(tx, generation, make_document(ACME, title="printer"))
        assert _match(tx, generation, GLOBEXS, ["printer"]) == []
        assert _match(tx, generation + 1, ACMES, ["printer"]) == []
        assert lexical.rows(tx, generation, GLOBEXS, [id]) == []
        [row] = lexical.rows(tx, generation, ACMES, [id])
        assert (row.document, row.title, row.length) == (id, "printer", 1)


def test_the_best_of_each_tenant_are_given(store, generation):
    with store.write() as tx:
        for number in range(10):
            documents.put(tx, generation, make_document(id=f"T-{number}", issue="printer"))
        documents.put(tx, generation, make_document(id="best", title="spooler spooler"))
        assert _match(tx, generation, words=["spooler", "printer"], limit=1) == ["best"]
        assert len(_match(tx, generation, words=["printer"], limit=4)) == 4


def test_a_dropped_generation_leaves_the_others(store, generation):
    with store.write() as tx:
        more = [generations.create(tx, "m", "m@4", 4, "r", "building").id for _ in range(generation, 11)]
        for one in (generation, *more):
            documents.put(tx, one, make_document(title="printer"))
        lexical.drop(tx, generation)
        assert _match(tx, generation, words=["printer"]) == []
        assert all(_match(tx, one, words=["printer"]) == ["T-1"] for one in more)


def test_a_long_tickets_words_can_be_looked_up_with_any_sqlite(store, generation):
    words = [f"word{number}" for number in range(40_000)]
    with store.write() as tx:
        documents.put(tx, generation, make_document(title="word7 word39999"))
    with store.read() as tx:
        allowed = tx.db.conn.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32_766)  # what SQLite itself allows
        try:
            assert lexical.frequencies(tx, generation, ACMES, words) == {"word7": 1, "word39999": 1}
        finally:
            tx.db.conn.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, allowed)


_TOKENS = st.one_of(
    st.sampled_from(
        ["принтерът", "0x80070005", "srv-print01.corp.local", "C:\\Temp\\a_b", "C++", "don't", "e-mail", "_"]
    ),
    st.text(st.characters(categories=["L", "N", "P", "S"], max_codepoint=0x24FF), min_size=1, max_size=8),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_TOKENS, min_size=1, max_size=8).map(" ".join))
def test_every_term_of_a_text_finds_it(store, generation, text):
    """FTS5 takes the analysed terms as they are: it folds, splits and drops nothing."""
    words = terms(text)
    with store.write() as tx:
        documents.put(tx, generation, make_document(title=" ".join(words)))
        assert lexical.frequencies(tx, generation, ACMES, words) == dict.fromkeys(words, 1)
        for word in words:
            assert _match(tx, generation, words=[word]) == ["T-1"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_TOKENS, min_size=1, max_size=6))
def test_every_phrase_of_a_text_finds_it(store, generation, tokens):
    words = surface(" ".join(tokens))
    with store.write() as tx:
        document = make_document(title=" ".join(words))
        documents.put(tx, generation, document)
        for start in range(len(words)):
            assert _match(tx, generation, phrases=[words[start : start + 3]]) == ["T-1"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_query_can_be_asked(store, generation, text):
    query = parse_query(text)
    with store.write() as tx:
        documents.put(tx, generation, make_document(title="printer"))
        if query.terms or query.phrases:
            _match(tx, generation, words=query.terms, phrases=query.phrases)
        lexical.frequencies(tx, generation, ACMES, query.terms)
