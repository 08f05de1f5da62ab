import threading
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.index.local.dense import DenseHit, DenseIndex
from kbsearch.index.local.dense_segments import ClusteredSegment
from kbsearch.model import SHARED, Scope, TenantId

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
TENANTS = (ACME, GLOBEX, SHARED)
DIMENSION = 4


@dataclass
class BruteForce:
    """What the index must equal: rows in a list, searched with plain numpy."""

    rows: list[tuple[TenantId, int, int, np.ndarray]] = field(default_factory=list)  # tenant, passage, document, vector

    def replace(self, tenant, removed, vectors, passages, documents):
        self.rows = [row for row in self.rows if row[0] != tenant or row[2] not in removed]
        self.rows += [(tenant, int(p), int(d), v) for v, p, d in zip(vectors, passages, documents, strict=True)]

    def search(self, scope, queries, k):
        hits = [DenseHit(p, d, float((queries @ v).max())) for t, p, d, v in self.rows if t in scope.tenants]
        return sorted(hits, key=lambda hit: (-hit.similarity, hit.passage))[:k]


@dataclass(frozen=True)
class Change:
    tenant: TenantId
    removed: tuple[int, ...]
    added: tuple[tuple[int, tuple[int, ...]], ...]  # document, vector


# Unit vectors whose inner products are exact in float32, with many ties: axes and diagonals.
_AXES = [tuple(float(sign * (i == axis)) for i in range(DIMENSION)) for axis in range(DIMENSION) for sign in (1, -1)]
_VECTOR = st.one_of(st.sampled_from(_AXES), st.tuples(*[st.sampled_from([-0.5, 0.5])] * DIMENSION))
_CHANGES = st.lists(
    st.builds(
        Change,
        st.sampled_from(TENANTS),
        st.lists(st.integers(1, 12), max_size=4).map(tuple),
        st.lists(st.tuples(st.integers(1, 12), _VECTOR), max_size=12).map(tuple),
    ),
    max_size=15,
)
_QUERIES = st.lists(_VECTOR, min_size=1, max_size=3)


def _array(vectors):
    return np.array(list(vectors), np.float32).reshape(-1, DIMENSION)


def _apply(changes, *targets):
    """Passage ids rise over all tenants, as the store gives them."""
    passage = 0
    for change in changes:
        passages = np.arange(passage, passage + len(change.added), dtype=np.int64)
        passage += len(change.added)
        documents = np.array([document for document, _ in change.added], np.int64)
        vectors = _array(vector for _, vector in change.added)
        for target in targets:
            target.replace(change.tenant, change.removed, vectors, passages, documents)


@given(_CHANGES, _QUERIES, st.sampled_from(TENANTS), st.integers(1, 40))
def test_any_sequence_of_changes_equals_brute_force(changes, queries, tenant, k):
    index, expected = DenseIndex(DIMENSION), BruteForce()
    _apply(changes, index, expected)
    assert index.search(Scope(tenant), _array(queries), k) == expected.search(Scope(tenant), _array(queries), k)
    assert len(index) == len(expected.rows)


@given(_CHANGES, _QUERIES, st.sampled_from(TENANTS), st.lists(st.integers(1, 12), unique=True, max_size=12))
def test_the_cosines_of_documents_follow_brute_force(changes, queries, tenant, documents):
    index, expected = DenseIndex(DIMENSION), BruteForce()
    _apply(changes, index, expected)
    found = index.cosines(Scope(tenant), _array(queries), documents)
    best = {hit.passage: hit for hit in expected.search(Scope(tenant), _array(queries), len(expected.rows))}
    wanted = sorted((hit.document, hit.passage) for hit in best.values() if hit.document in documents)
    assert list(zip(found.documents.tolist(), found.passages.tolist(), strict=True)) == wanted
    assert found.values.shape == (len(wanted), len(queries))
    for passage, cosines in zip(found.passages.tolist(), found.values.tolist(), strict=True):
        assert max(cosines) == pytest.approx(best[passage].similarity, abs=1e-5)


@given(_CHANGES, st.sampled_from(TENANTS))
def test_the_centre_is_that_of_the_living_rows_whatever_came_before(changes, tenant):
    index, rows = DenseIndex(DIMENSION), BruteForce()
    _apply(changes, index, rows)
    seen = [vector for owner, _, _, vector in rows.rows if owner in Scope(tenant).tenants]
    mean = np.array(seen, np.float64).sum(axis=0) / (len(seen) + 200) if seen else np.zeros(DIMENSION)
    assert index.centre(Scope(tenant)) == pytest.approx(mean, abs=1e-3)


@given(_CHANGES, st.sampled_from(TENANTS))
def test_passages_are_typical_on_average_and_what_points_away_is_not(changes, tenant):
    index, rows = DenseIndex(DIMENSION), BruteForce()
    _apply(changes, index, rows)
    seen = [vector for owner, _, _, vector in rows.rows if owner in Scope(tenant).tenants]
    mean = np.array(seen, np.float64).sum(axis=0) / max(1, len(seen)) if seen else np.zeros(DIMENSION)
    if float(mean @ mean) < 1e-3:
        return
    assert index.typicality(Scope(tenant), mean[None].astype(np.float32)) == pytest.approx(1, abs=1e-2)
    assert index.typicality(Scope(tenant), -mean[None].astype(np.float32)) == 0
    assert index.typicality(Scope(tenant), mean[None].astype(np.float32) / 2) == pytest.approx(0.5, abs=1e-2)


def test_nothing_is_strange_to_an_empty_base():
    assert DenseIndex(2).typicality(Scope(ACME), np.eye(2, dtype=np.float32)) == 1


@pytest.mark.parametrize("dimension", [3, 64, 384])
def test_cosines_do_not_depend_on_the_order_of_changes(dimension):
    """To the last bit: documents that are equally near stay equal."""
    random = np.random.default_rng(dimension)
    vectors = random.standard_normal((60, dimension)).astype(np.float32)
    vectors[30:] = vectors[:30]
    vectors = vectors.astype(np.float16)
    queries, ids = random.standard_normal((2, dimension)).astype(np.float32), np.arange(60, dtype=np.int64)
    at_once, one_by_one = DenseIndex(dimension), DenseIndex(dimension)
    at_once.replace(ACME, [], vectors, ids, ids)
    for id in ids:
        one_by_one.replace(ACME, [], vectors[id : id + 1], ids[id : id + 1], ids[id : id + 1])
    found = at_once.cosines(Scope(ACME), queries, ids.tolist()).values
    assert (one_by_one.cosines(Scope(ACME), queries, ids.tolist()).values == found).all()
    assert (found[:30] == found[30:]).all()
    for some in ([7], [7, 37], list(range(7, 60, 3))):
        assert (at_once.cosines(Scope(ACME), queries, some).values == found[some]).all()
    assert (at_once.centre(Scope(ACME)) == one_by_one.centre(Scope(ACME))).all()


@given(_CHANGES, _QUERIES)
def test_another_tenants_changes_are_never_seen(changes, queries):
    alone, together = DenseIndex(DIMENSION), DenseIndex(DIMENSION)
    _apply(changes, together)
    rows = BruteForce()
    _apply(changes, rows)
    for tenant, passage, document, vector in rows.rows:
        if tenant != GLOBEX:
            alone.replace(tenant, [], _array([vector]), np.array([passage]), np.array([document]))
    assert alone.search(Scope(ACME), _array(queries), 50) == together.search(Scope(ACME), _array(queries), 50)


@pytest.mark.parametrize("dimension", [1, 3, 32, 384])
@pytest.mark.parametrize("rows", [1, 10, 500])
def test_real_vectors_are_found_exactly(dimension, rows):
    random = np.random.default_rng(dimension * rows)
    vectors = random.standard_normal((rows, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = vectors.astype(np.float16).astype(np.float32)
    index = DenseIndex(dimension)
    for start in range(0, rows, 7):
        ids = np.arange(start, min(start + 7, rows), dtype=np.int64)
        index.replace(ACME, [], vectors[ids], ids, ids)
    query = vectors[:1]
    similarities = (query @ vectors.T)[0]
    hits = index.search(Scope(ACME), query, 10)
    assert [hit.similarity for hit in hits] == pytest.approx(sorted(similarities, reverse=True)[:10], abs=1e-6)
    assert all(hit.similarity == pytest.approx(similarities[hit.passage], abs=1e-6) for hit in hits)


def test_more_is_asked_than_there_is():
    index = DenseIndex(DIMENSION)
    assert index.search(Scope(ACME), _array([(1, 0, 0, 0)]), 10) == []
    index.replace(ACME, [], _array([(1, 0, 0, 0)]), np.array([1]), np.array([1]))
    assert index.search(Scope(ACME), _array([(1, 0, 0, 0)]), 10) == [DenseHit(1, 1, 1.0)]
    index.replace(ACME, [1], _array([]), np.array([], np.int64), np.array([], np.int64))
    assert index.search(Scope(ACME), _array([(1, 0, 0, 0)]), 10) == []
    assert len(index) == 0


def test_vectors_of_another_dimension_are_refused():
    index = DenseIndex(DIMENSION)
    with pytest.raises(ValueError, match="expected"):
        index.replace(ACME, [], np.zeros((1, 3), np.float32), np.array([1]), np.array([1]))
    with pytest.raises(ValueError, match="expected"):
        index.replace(ACME, [], np.zeros((1, DIMENSION), np.float32), np.array([1, 2]), np.array([1, 1]))


def test_a_search_during_changes_sees_each_document_once():
    index = DenseIndex(DIMENSION)
    vector = _array([(1, 0, 0, 0)])
    documents = range(20)
    for document in documents:
        index.replace(ACME, [], vector, np.array([document]), np.array([document]))
    seen, stop = [], threading.Event()

    def search():
        while not stop.is_set():
            hits = index.search(Scope(ACME), vector, 100)
            seen.append(sorted(hit.document for hit in hits))

    reader = threading.Thread(target=search)
    reader.start()
    for passage in range(100, 700):
        document = passage % len(documents)
        index.replace(ACME, [document], vector, np.array([passage]), np.array([document]))
    stop.set()
    reader.join()
    assert seen
    assert all(found == list(documents) for found in seen)


def test_writers_in_several_threads_lose_nothing():
    index = DenseIndex(DIMENSION)
    vector = _array([(1, 0, 0, 0)])

    def write(start):
        for id in range(start, start + 50):
            index.replace(ACME, [], vector, np.array([id]), np.array([id]))

    writers = [threading.Thread(target=write, args=(start,)) for start in range(0, 200, 50)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(hit.passage for hit in index.search(Scope(ACME), vector, 500)) == list(range(200))


def _unit_vectors(rows, seed=1, dimension=32, centres=40):
    """Vectors around some centres, as passages about the same few topics lie."""
    topics = np.random.default_rng(7).standard_normal((centres, dimension))
    random = np.random.default_rng(seed)
    vectors = topics[random.integers(0, centres, rows)]
    vectors = vectors + 0.6 * random.standard_normal((rows, dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def _large(folder, rows=3000, exact_rows=500, tenant=ACME, at_once=100):
    index = DenseIndex(32, folder, exact_rows=exact_rows)
    vectors = _unit_vectors(rows)
    for start in range(0, rows, at_once):
        ids = np.arange(start, min(start + at_once, rows))
        index.replace(tenant, [], vectors[ids], ids, ids // 2)
    return index, vectors


def _recall(index, scope, vectors, passages, queries):
    found = 0
    for query in queries.astype(np.float32):
        near = vectors.astype(np.float32) @ query
        best = set(passages[np.argsort(-near)[:10]].tolist())
        found += len(best & {hit.passage for hit in index.search(scope, query[None], 10)})
    return found / (10 * len(queries))


def _compacted(index):
    while index.compact():
        pass
    return index


def test_a_large_partition_is_clustered_and_finds_what_comparing_all_finds(tmp_path):
    index, vectors = _large(tmp_path)
    _compacted(index)
    [segment] = [one for one in index.segments.of(Scope(ACME)) if isinstance(one, ClusteredSegment)]
    assert len(segment.documents) > 500
    queries = _unit_vectors(50, seed=2)
    assert _recall(index, Scope(ACME), vectors, np.arange(3000), queries) >= 0.98
    hits = index.search(Scope(ACME), queries[:1].astype(np.float32), 10)
    exact = {hit.passage: float(vectors[hit.passage].astype(np.float32) @ queries[0]) for hit in hits}
    assert {hit.passage: hit.similarity for hit in hits} == pytest.approx(exact, abs=1e-4)


def test_a_small_tenant_stays_exact_among_large_ones(tmp_path):
    index, _ = _large(tmp_path)
    small = _unit_vectors(60, seed=3)
    ids = np.arange(10_000, 10_060)
    index.replace(GLOBEX, [], small, ids, ids)
    _compacted(index)
    assert _recall(index, Scope(GLOBEX), small, ids, _unit_vectors(20, seed=4)) == 1.0


def test_a_large_partition_sees_changes_at_once(tmp_path):
    index, vectors = _large(tmp_path)
    _compacted(index)
    query = vectors[10:11].astype(np.float32)
    assert index.search(Scope(ACME), query, 1)[0].passage == 10
    index.replace(ACME, [5], vectors[10:11], np.array([9_000]), np.array([5]))
    assert 10 not in {hit.passage for hit in index.search(Scope(ACME), query, 100)}
    assert index.search(Scope(ACME), query, 1)[0].passage == 9_000
    assert index.cosines(Scope(ACME), query, [5]).passages.tolist() == [9_000]
    index.replace(ACME, [5], vectors[:0], np.array([], np.int64), np.array([], np.int64))
    assert not len(index.cosines(Scope(ACME), query, [5]).passages)


def test_what_changes_while_segments_are_merged_is_not_lost(tmp_path):
    index, vectors = _large(tmp_path)
    [chosen] = list(index.segments._overdue(index.segments.of(Scope(ACME))))[:1]
    merged = index._merge(chosen)
    changed = int(chosen[0].documents[0])
    index.replace(ACME, [changed], vectors[:1], np.array([9_000]), np.array([changed]))
    assert index.segments.exchange(ACME, chosen, merged)
    assert len(index) == 3000 - 2 + 1
    hits = index.search(Scope(ACME), vectors[:1].astype(np.float32), 3000)
    assert [hit.passage for hit in hits if hit.document == changed] == [9_000]
    assert not index.segments.exchange(ACME, chosen, merged), "what was merged is gone"


def test_searches_and_changes_go_on_while_segments_are_merged(tmp_path):
    index, vectors = _large(tmp_path, rows=6000)
    stop, wrong = threading.Event(), []

    def change():
        passage = 20_000
        while not stop.is_set():
            passage += 1
            document = passage % 100
            index.replace(ACME, [document], vectors[passage % 6000][None], np.array([passage]), np.array([document]))
            found = index.cosines(Scope(ACME), vectors[:1].astype(np.float32), [document])
            if found.passages.tolist() != [passage]:
                wrong.append(passage)

    writer = threading.Thread(target=change)
    writer.start()
    _compacted(index)
    stop.set()
    writer.join()
    assert not wrong
    assert len(index.segments.of(Scope(ACME))) < 12
