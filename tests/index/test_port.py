"""The contract of the index, the same for every adapter (index.port)."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from index.exact import ExactIndexes, ExactVectors
from kbsearch.errors import SnapshotInvalid
from kbsearch.index.bm25 import plan
from kbsearch.index.local.index import LocalIndexes
from kbsearch.index.vectors import vector_bytes
from kbsearch.model import SHARED, Generation, GenerationState, IndexEntry, Scope, TenantId
from kbsearch.text.term_counts import packed
from kbsearch.text.words import Query

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
TENANTS = (ACME, GLOBEX, SHARED)
DIMENSION = 4
GENERATION = Generation(1, "hashing", "hashing@4", DIMENSION, "recipe", GenerationState.CURRENT, 0)
TERMS = ("printer", "spooler", "password", "vpn", "0x80070005")
# Unit vectors whose inner products are exact, many of them equal.
_AXES = [tuple(float(sign * (i == axis)) for i in range(DIMENSION)) for axis in range(DIMENSION) for sign in (1, -1)]
_VECTORS = st.one_of(st.sampled_from(_AXES), st.tuples(*[st.sampled_from([-0.5, 0.5])] * DIMENSION))
_CONTENT = st.tuples(st.lists(st.sampled_from(TERMS), max_size=6), st.lists(_VECTORS, max_size=3))
_CHANGES = st.lists(st.tuples(st.sampled_from(TENANTS), st.integers(1, 6), st.none() | _CONTENT), max_size=25)


def _exact_vectors(folder):
    """The words in this process, the vectors elsewhere."""
    kept = {}
    return LocalIndexes(folder, lambda of, _: kept.setdefault(of.id, ExactVectors(of.dimension)))


ADAPTERS = {
    "local": LocalIndexes,
    "local words, exact vectors": _exact_vectors,
    "exact": lambda folder: ExactIndexes(),
}


@pytest.fixture(params=ADAPTERS.values(), ids=list(ADAPTERS))
def indexes(request, tmp_path):
    return request.param(tmp_path)


def entry(number, tenant, words="", vectors=(), gone=False):
    """Ids of documents are a tenant's own, ids of passages rise within a document, as in the store."""
    document = number * len(TENANTS) + TENANTS.index(tenant)
    some = words.split() if isinstance(words, str) else words
    blobs = vector_bytes(np.array(vectors, np.float32).reshape(-1, DIMENSION))
    passages = () if gone else tuple((100 * document + n, blob) for n, blob in enumerate(blobs))
    return IndexEntry(document, tenant, 0 if gone else len(some), None if gone else packed([], some, []), passages)


def entries(changes):
    return [entry(n, tenant, *(content or ()), gone=content is None) for tenant, n, content in changes]


def filled(indexes, generation=GENERATION):
    index = indexes.create(generation)
    index.take_in([entry(1, ACME, "printer spooler", [_AXES[0]]), entry(2, ACME, "vpn", [_AXES[2], _AXES[3]])], 2)
    index.take_in([entry(1, GLOBEX, "printer password", [_AXES[0]]), entry(1, SHARED, "printer", [_AXES[4]])], 4)
    return index


def answers(index, tenant):
    """All that can be asked of an index, for one tenant."""
    scope, queries = Scope(tenant), np.array([_AXES[0], [0.5, 0.5, 0.5, 0.5]], np.float32)
    words = index.vocabulary(scope)
    frequencies = words.frequencies([*TERMS, "nowhere"])
    query = plan(Query(TERMS, (), frozenset({"0x80070005"}), ()), *words.size(), frequencies)
    matching = words.match(query, frequencies)
    scores = matching.scores(range(30))
    best = matching.best(10)
    near = index.cosines(scope, queries, range(30))
    return {
        "size": words.size(),
        "frequencies": frequencies,
        "scores": {id: (round(one.score, 9), one.identifiers) for id, one in scores.items()},
        "best": (set(best), [round(scores[id].score, 9) for id in best]),
        "contributions": {
            id: {term: round(score, 9) for term, score in one.items()}
            for id, one in matching.contributions(range(30)).items()
        },
        "cosines": (near.passages.tolist(), near.documents.tolist(), near.values.tolist()),
        "candidates": [index.candidates(scope, queries, k) for k in (1, 3, 50)],
        "centre": index.centre(scope).tolist(),
        "typicality": index.typicality(scope, queries),
    }


def all_answers(index):
    return [answers(index, tenant) for tenant in TENANTS]


def test_a_document_is_found_by_its_words_and_its_vectors(indexes):
    found = answers(filled(indexes), ACME)
    assert found["size"] == (3, 4)
    assert found["frequencies"] == {"printer": 2, "spooler": 1, "vpn": 1}
    printer, vpn, shared = 3, 6, 5
    assert found["best"][0] == {printer, vpn, shared}
    assert found["cosines"][1] == [printer, shared, vpn, vpn]
    assert found["cosines"][2] == [[1.0, 0.5], [0.0, 0.5], [0.0, 0.5], [0.0, -0.5]]
    assert found["candidates"][0] == {printer}
    assert found["scores"].keys() == {printer, shared, vpn}


def test_another_tenants_documents_change_nothing(indexes):
    index = filled(indexes)
    before = answers(index, ACME)
    index.take_in([entry(n, GLOBEX, "printer vpn", [_AXES[n]]) for n in range(1, 6)], 9)
    assert answers(index, ACME) == before


def test_a_document_is_replaced_whole(indexes):
    index = filled(indexes)
    index.take_in([entry(1, ACME, "password", [_AXES[1]])], 5)
    found = answers(index, ACME)
    assert "spooler" not in found["frequencies"]
    assert found["frequencies"]["password"] == 1
    assert index.applied == 5


def test_a_removed_document_is_found_no_more(indexes):
    index = filled(indexes)
    index.take_in([entry(1, ACME, gone=True)], 5)
    found = answers(index, ACME)
    assert 3 not in found["scores"]
    assert 3 not in found["candidates"][2]
    assert index.size() == (3, 4)


def test_taking_in_a_change_again_changes_nothing(indexes):
    index = filled(indexes)
    before = all_answers(index)
    index.take_in([entry(1, ACME, "printer spooler", [_AXES[0]])], 4)
    assert all_answers(index) == before


@pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=list(ADAPTERS))
@given(changes=_CHANGES)
@settings(max_examples=examples(25))
def test_any_changes_one_by_one_equal_the_last_state_at_once(tmp_path_factory, adapter, changes):
    indexes = adapter(tmp_path_factory.mktemp("index"))
    one_by_one, whole = indexes.create(GENERATION), ExactIndexes().create(GENERATION)
    for seq, change in enumerate(entries(changes), start=1):
        one_by_one.take_in([change], seq)
    last = {change.document: change for change in entries(changes)}
    whole.take_in(list(last.values()), len(changes))
    while one_by_one.compact():
        pass
    assert all_answers(one_by_one) == all_answers(whole)
    assert one_by_one.contents() == whole.contents()
    assert one_by_one.size() == whole.size()
    assert (one_by_one.applied, one_by_one.saved) == (len(changes), 0)


def test_what_was_saved_is_opened(indexes):
    index = filled(indexes)
    index.take_in([entry(1, ACME, gone=True)], 5)
    before = all_answers(index)
    assert index.save() == index.saved == 5
    opened = indexes.open(GENERATION, lambda: 5)
    assert (opened.applied, opened.saved) == (5, 5)
    assert all_answers(opened) == before
    opened.take_in([entry(1, ACME, "printer", [_AXES[0]])], 6)
    assert 3 in answers(opened, ACME)["scores"]


def test_nothing_is_opened_where_nothing_was_saved(indexes):
    filled(indexes)
    assert indexes.open(GENERATION, lambda: 9) is None
    assert indexes.examine(GENERATION, 9) is None
    assert indexes.saved() == []


@pytest.mark.parametrize("other", [replace(GENERATION, model_id="other@4"), None], ids=["model", "store"])
def test_a_snapshot_of_another_model_or_store_is_reported_and_not_used(indexes, other):
    filled(indexes).save()
    of, last = other or GENERATION, 9 if other else 3
    with pytest.raises(SnapshotInvalid):
        indexes.examine(of, last)
    assert indexes.open(of, lambda: last) is None
    assert indexes.examine(of, last) is None


def test_erased_documents_are_kept_nowhere(indexes):
    index = filled(indexes)
    index.save()
    assert indexes.holds_any(1, [3])
    assert not indexes.holds_any(1, [30])
    index.take_in([entry(1, ACME, gone=True)], 5)
    index.forget([3])
    index.save()
    assert indexes.erase(1, [3])
    assert not indexes.holds_any(1, [3])
    assert 3 not in answers(indexes.open(GENERATION, lambda: 5), ACME)["scores"]


def test_a_snapshot_that_holds_what_was_erased_goes(indexes):
    filled(indexes).save()
    assert indexes.erase(1, [3])
    assert not indexes.holds_any(1, [3])
    assert indexes.open(GENERATION, lambda: 9) is None


def test_generations_are_kept_apart(indexes):
    other = replace(GENERATION, id=2)
    filled(indexes).save()
    filled(indexes, other).save()
    assert sorted(indexes.saved()) == [1, 2]
    indexes.keep_only([2])
    assert indexes.saved() == [2]
    assert indexes.open(GENERATION, lambda: 9) is None
    assert indexes.open(other, lambda: 9) is not None
    indexes.discard(2)
    assert indexes.open(other, lambda: 9) is None


def test_a_search_beside_changes_sees_a_document_before_or_after_them(indexes):
    """Both halves of a document change while it is searched; each search sees one state of each half."""
    index, stop = filled(indexes), threading.Event()
    states = {"printer spooler": _AXES[0], "password": _AXES[2]}

    def change():
        for seq in range(5, 200):
            words, vector = list(states.items())[seq % 2]
            index.take_in([entry(1, ACME, words, [vector])], seq)
        stop.set()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        query = np.array([_AXES[0]], np.float32)
        while not stop.is_set():
            words = index.vocabulary(Scope(ACME))
            assert words.size() in ((3, 4), (3, 3))
            assert len(words.frequencies(["spooler", "password"])) == 1
            assert index.cosines(Scope(ACME), query, [3]).passages.tolist() == [300]
    finally:
        thread.join()


def test_the_vectors_of_another_kind_are_not_taken_for_those_of_the_snapshot(tmp_path):
    filled(_exact_vectors(tmp_path)).save()
    with pytest.raises(SnapshotInvalid, match="kept in exact, not in segments"):
        LocalIndexes(tmp_path).examine(GENERATION, 9)
