import pytest

from kbsearch.model import SHARED, DocumentKind, Scope, Source
from kbsearch.store import documents, generations
from store.made import ACME, ACMES, GLOBEX, GLOBEXS, make_document, vector


@pytest.fixture
def generation(store):
    with store.write() as tx:
        return generations.create(tx, "hashing", "hashing@4", 4, "recipe", "current").id


def test_a_replaced_document_keeps_its_id_and_loses_its_passages(store, generation):
    with store.write() as tx:
        id = documents.put(tx, generation, make_document(passages=3))
        old = [passage.id for passage in documents.vectors_of(tx, generation, make_document().source)[1]]
        assert documents.put(tx, generation, make_document(passages=2)) == id
        found, passages = documents.vectors_of(tx, generation, make_document().source)
        assert found == id
        assert len(passages) == 2
        assert not {passage.id for passage in passages} & set(old)
        assert documents.passages(tx, ACMES, old) == {}
        assert documents.count(tx, generation) == (1, 2)


def test_a_removed_document_is_gone_from_every_generation(store, generation):
    with store.write() as tx:
        other = generations.create(tx, "other", "other@4", 4, "recipe", "building").id
        ids = [documents.put(tx, one, make_document()) for one in (generation, other)]
        documents.remove(tx, make_document().source)
        assert documents.sources(tx, ACMES, ids) == {}
        for one, id in zip((generation, other), ids, strict=True):
            assert documents.count(tx, one) == (0, 0)
            assert documents.vectors_of(tx, one, make_document().source) == (id, [])
        assert documents.put(tx, generation, make_document()) == ids[0]
        assert documents.count(tx, generation) == (1, 1)


def test_removing_what_is_not_there_changes_nothing(store, generation):
    with store.write() as tx:
        documents.put(tx, generation, make_document())
        documents.remove(tx, make_document(id="T-2").source)
        documents.remove(tx, make_document(tenant=GLOBEX).source)
        documents.remove(tx, make_document(kind=DocumentKind.ARTICLE).source)
        assert documents.count(tx, generation) == (1, 1)


def test_nothing_is_read_out_of_scope(store, generation):
    with store.write() as tx:
        ids = [documents.put(tx, generation, make_document(tenant)) for tenant in (ACME, GLOBEX, SHARED)]
        passages = {
            tenant: documents.vectors_of(tx, generation, make_document(tenant).source)[1][0].id
            for tenant in (ACME, GLOBEX, SHARED)
        }
        for scope, seen in ((ACMES, (ACME, SHARED)), (GLOBEXS, (GLOBEX, SHARED)), (Scope(SHARED), (SHARED,))):
            assert {source.tenant for source in documents.sources(tx, scope, ids).values()} == set(seen)
            found = documents.passages(tx, scope, list(passages.values()))
            assert set(found) == {passages[tenant] for tenant in seen}


def test_sources_and_passages_are_given_back(store, generation):
    with store.write() as tx:
        id = documents.put(tx, generation, make_document(passages=2))
        assert documents.sources(tx, ACMES, [id]) == {id: Source(ACME, DocumentKind.TICKET, "T-1")}
        first = documents.vectors_of(tx, generation, make_document().source)[1][0].id
        [found] = documents.passages(tx, ACMES, [first]).values()
        assert (found.id, found.document, found.text) == (first, id, "printer offline 0")


def test_known_vectors_are_those_of_the_same_model(store, generation):
    digests = [passage.digest for passage in make_document(passages=3).passages]
    with store.write() as tx:
        other = generations.create(tx, "other", "other@4", 4, "recipe", "building").id
        documents.put(tx, generation, make_document(passages=2))
        assert documents.known_vectors(tx, "hashing@4", digests) == {
            digests[0]: vector(0),
            digests[1]: vector(1),
        }
        assert documents.known_vectors(tx, "other@4", digests) == {}
        assert documents.known_vectors(tx, "hashing@4", []) == {}
        documents.put(tx, other, make_document(passages=3))
        assert documents.known_vectors(tx, "other@4", digests).keys() == set(digests)


def test_all_vectors_of_a_tenant_come_by_id(store, generation):
    with store.write() as tx:
        for number in range(5):
            documents.put(tx, generation, make_document(id=f"T-{number}", passages=2))
            documents.put(tx, generation, make_document(GLOBEX, id=f"T-{number}"))
        rows = [row for batch in documents.all_vectors(tx, generation, ACME) for row in batch]
        assert len(rows) == 10
        assert [row.id for row in rows] == sorted(row.id for row in rows)
        assert list(documents.all_vectors(tx, generation, SHARED)) == []
        assert list(documents.all_vectors(tx, generation + 1, ACME)) == []
