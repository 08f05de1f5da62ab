import numpy as np
import pytest
import sqlite_utils

from kbsearch.model import SHARED, DocumentKind, IndexEntry, Scope, Source
from kbsearch.store import documents, generations
from kbsearch.store import passages as stored_passages
from kbsearch.store.sqlite.database import SQLiteStore
from kbsearch.store.sqlite.files import FILE_NAME
from kbsearch.store.sqlite.migrations import MIGRATIONS
from kbsearch.text.term_counts import packed
from store.made import ACME, ACMES, GLOBEX, GLOBEXS, make_document, vector


@pytest.fixture
def generation(store):
    with store.write() as tx:
        return generations.create(tx, "hashing", "hashing@4", 4, "recipe", "current").id


def test_a_replaced_document_keeps_its_id_and_loses_its_passages(store, generation):
    with store.write() as tx:
        id = documents.put(tx, generation, make_document(passages=3))
        old = _passages(tx, generation, make_document())
        assert documents.put(tx, generation, make_document(passages=2)) == id
        [entry] = documents.entries_of(tx, generation, [make_document().source])
        assert entry.document == id
        assert len(entry.passages) == 2
        assert not set(_passages(tx, generation, make_document())) & set(old)
        assert stored_passages.passages(tx, ACMES, old) == {}
        assert documents.count(tx, generation) == (1, 2)


def test_a_removed_document_is_gone_from_every_generation(store, generation):
    with store.write() as tx:
        other = generations.create(tx, "other", "other@4", 4, "recipe", "building").id
        ids = [documents.put(tx, one, make_document()) for one in (generation, other)]
        documents.remove(tx, make_document().source)
        assert documents.located(tx, ACMES, ids) == {}
        for one, id in zip((generation, other), ids, strict=True):
            assert documents.count(tx, one) == (0, 0)
            assert documents.entries_of(tx, one, [make_document().source]) == [IndexEntry(id, ACME, 0, None, ())]
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
        passages = {tenant: _passages(tx, generation, make_document(tenant))[0] for tenant in (ACME, GLOBEX, SHARED)}
        for scope, seen in ((ACMES, (ACME, SHARED)), (GLOBEXS, (GLOBEX, SHARED)), (Scope(SHARED), (SHARED,))):
            assert {one.source.tenant for one in documents.located(tx, scope, ids).values()} == set(seen)
            found = stored_passages.passages(tx, scope, list(passages.values()))
            assert set(found) == {passages[tenant] for tenant in seen}
            by_document = stored_passages.passages_of(tx, scope, ids)
            assert {one.id for some in by_document.values() for one in some} >= set(found)
            assert len(by_document) == len(seen)


def test_sources_and_passages_are_given_back(store, generation):
    with store.write() as tx:
        id = documents.put(tx, generation, make_document(passages=2))
        assert documents.located(tx, ACMES, [id]) == {
            id: documents.Located(Source(ACME, DocumentKind.TICKET, "T-1"), None)
        }
        first = _passages(tx, generation, make_document())[0]
        [found] = stored_passages.passages(tx, ACMES, [first]).values()
        assert (found.id, found.document, found.text) == (first, id, "printer offline 0")


def test_known_vectors_are_those_of_the_same_model(store, generation):
    digests = [passage.digest for passage in make_document(passages=3).passages]
    with store.write() as tx:
        other = generations.create(tx, "other", "other@4", 4, "recipe", "building").id
        documents.put(tx, generation, make_document(passages=2))
        assert stored_passages.known_vectors(tx, "hashing@4", digests, [ACME]) == {
            digests[0]: vector(0),
            digests[1]: vector(1),
        }
        assert stored_passages.known_vectors(tx, "other@4", digests, [ACME]) == {}
        assert stored_passages.known_vectors(tx, "hashing@4", [], [ACME]) == {}
        assert stored_passages.known_vectors(tx, "hashing@4", digests, [GLOBEX]) == {}
        documents.put(tx, other, make_document(passages=3))
        assert stored_passages.known_vectors(tx, "other@4", digests, [ACME]).keys() == set(digests)


def test_entries_are_of_the_sources_that_are_named(store, generation):
    with store.write() as tx:
        made = [make_document(tenant, id=id, passages=2) for tenant in (ACME, GLOBEX) for id in ("T-1", "T-2", "7")]
        ids = [documents.put(tx, generation, document) for document in made]
        documents.put(tx, generation, make_document(id="not asked for"))
        entries = documents.entries_of(tx, generation, [document.source for document in made])
        assert {(entry.document, entry.tenant) for entry in entries} == {
            (id, document.source.tenant) for id, document in zip(ids, made, strict=True)
        }
        assert all([found for _, found in entry.passages] == [vector(0), vector(1)] for entry in entries)
        assert all((entry.terms, entry.length) == (made[0].terms, 2) for entry in entries)
        assert documents.entries_of(tx, generation, [make_document(id="T-9").source]) == []
        assert documents.entries_of(tx, generation + 1, [made[0].source]) == []


def test_all_entries_come_once_and_without_removed_ones(store, generation, monkeypatch):
    monkeypatch.setattr(documents, "_DOCUMENTS_AT_ONCE", 3)
    with store.write() as tx:
        for number in range(5):
            documents.put(tx, generation, make_document(id=f"T-{number}", passages=2))
            documents.put(tx, generation, make_document(GLOBEX, id=f"T-{number}", passages=0))
        documents.remove(tx, make_document(id="T-3").source)
        entries = [entry for batch in documents.all_entries(tx, generation) for entry in batch]
        assert [entry.document for entry in entries] == sorted({entry.document for entry in entries})
        assert sorted(entry.tenant for entry in entries) == [ACME] * 4 + [GLOBEX] * 5
        assert sorted(len(entry.passages) for entry in entries) == [0] * 5 + [2] * 4
        assert list(documents.all_entries(tx, generation + 1)) == []


def _passages(tx, generation, document):
    """The ids of a document's passages."""
    [entry] = documents.entries_of(tx, generation, [document.source])
    return [id for id, _ in entry.passages]


def test_a_folder_of_the_first_version_is_converted(tmp_path):
    """Vectors as float32, terms in FTS5: what version 0001 and 0002 of the schema held."""
    db = sqlite_utils.Database(tmp_path / FILE_NAME)
    MIGRATIONS.apply(db, stop_before="0003_terms_and_halves")
    db.execute("INSERT INTO tenants (number, id, created_at) VALUES (1, 'acme', '2026-11-01T00:00:00.000000Z')")
    db.execute(
        "INSERT INTO documents (id, generation, tenant, kind, source_id, length)"
        " VALUES (7, 1, 'acme', 'ticket', 'T-1', 3)"
    )
    vectors = np.array([0.25, -0.5, 1, 0], "<f4").tobytes()
    db.execute(
        "INSERT INTO passages (document, field, text, digest, vector) VALUES (7, 'issue', 'x', x'00', ?)", [vectors]
    )
    db.execute("CREATE VIRTUAL TABLE lexical_1_1 USING fts5(title, issue, resolution, surface)")
    db.execute(
        "INSERT INTO lexical_1_1 (rowid, title, issue, resolution, surface)"
        " VALUES (7, 'printer', 'offline', 'spooler', 'the printer')"
    )
    db.conn.commit()
    db.close()
    store = SQLiteStore(tmp_path)
    with store.read() as tx:
        [entry] = documents.entries_of(tx, 1, [Source(ACME, DocumentKind.TICKET, "T-1")])
        assert documents.with_phrases(tx, 1, ACMES, [["the", "printer"]], 5) == [7]
    store.close()
    assert entry.terms == packed(["printer"], ["offline"], ["spooler"])
    assert [np.frombuffer(vector, "<f2").tolist() for _, vector in entry.passages] == [[0.25, -0.5, 1, 0]]
