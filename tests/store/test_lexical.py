import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbsearch.model import SHARED
from kbsearch.store import documents, generations
from kbsearch.text.words import parse_query, surface
from store.made import ACME, ACMES, GLOBEX, GLOBEXS, make_document


@pytest.fixture
def generation(store):
    with store.write() as tx:
        return generations.create(tx, "hashing", "hashing@4", 4, "recipe", "current").id


def _found(tx, generation, *phrases, scope=ACMES, limit=100):
    found = documents.with_phrases(tx, generation, scope, [phrase.split() for phrase in phrases], limit)
    return sorted(one.source.id for one in documents.located(tx, scope, found).values())


def test_all_of_the_phrases_must_stand_there(store, generation):
    with store.write() as tx:
        documents.put(tx, generation, make_document(id="a", title="printer", resolution="restart spooler"))
        documents.put(tx, generation, make_document(id="b", title="vpn", issue="access denied printer"))
        documents.put(tx, generation, make_document(id="c", title="vpn", issue="denied access"))
        assert _found(tx, generation, "access denied") == ["b"]
        assert _found(tx, generation, "access denied", "vpn") == ["b"]
        assert _found(tx, generation, "access denied", "spooler") == []
        assert _found(tx, generation, "unknown") == []


def test_a_replaced_document_is_found_by_its_new_words_only(store, generation):
    with store.write() as tx:
        documents.put(tx, generation, make_document(title="printer"))
        documents.put(tx, generation, make_document(title="scanner"))
        assert _found(tx, generation, "printer") == []
        assert _found(tx, generation, "scanner") == ["T-1"]
        documents.remove(tx, make_document().source)
        assert _found(tx, generation, "scanner") == []


def test_nothing_is_found_out_of_scope_or_in_another_generation(store, generation):
    with store.write() as tx:
        documents.put(tx, generation, make_document(ACME, title="printer"))
        documents.put(tx, generation, make_document(SHARED, id="everyone's", title="printer"))
        assert _found(tx, generation, "printer", scope=GLOBEXS) == ["everyone's"]
        assert _found(tx, generation, "printer") == ["T-1", "everyone's"]
        assert _found(tx, generation + 1, "printer") == []


def test_no_more_are_given_than_asked_for(store, generation):
    with store.write() as tx:
        for number in range(10):
            documents.put(tx, generation, make_document(id=f"T-{number}", issue="printer"))
            documents.put(tx, generation, make_document(GLOBEX, id=f"T-{number}", issue="printer"))
        assert _found(tx, generation, "printer", limit=4) == ["T-6", "T-7", "T-8", "T-9"]


def test_a_dropped_generation_leaves_the_others(store, generation):
    with store.write() as tx:
        more = [generations.create(tx, "m", "m@4", 4, "r", "building").id for _ in range(generation, 11)]
        for one in (generation, *more):
            documents.put(tx, one, make_document(title="printer"))
        tx.phrases.drop(generation)
        assert _found(tx, generation, "printer") == []
        assert all(_found(tx, one, "printer") == ["T-1"] for one in more)


_TOKENS = st.one_of(
    st.sampled_from(
        ["принтерът", "0x80070005", "srv-print01.corp.local", "C:\\Temp\\a_b", "C++", "don't", "e-mail", "_"]
    ),
    st.text(st.characters(categories=["L", "N", "P", "S"], max_codepoint=0x24FF), min_size=1, max_size=8),
)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_TOKENS, min_size=1, max_size=6))
def test_every_phrase_of_a_text_finds_it(store, generation, tokens):
    words = surface(" ".join(tokens))
    with store.write() as tx:
        document = make_document(title=" ".join(words))
        documents.put(tx, generation, document)
        for start in range(len(words)):
            assert _found(tx, generation, " ".join(words[start : start + 3])) == ["T-1"]


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_query_can_be_asked(store, generation, text):
    query = parse_query(text)
    with store.write() as tx:
        documents.put(tx, generation, make_document(title="printer"))
        if query.phrases:
            documents.with_phrases(tx, generation, ACMES, query.phrases, 10)
