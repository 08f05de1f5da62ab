"""What the index of a generation holds: documents, their passages, the passages' vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kbsearch.model import DocumentKind, Field, IndexedDocument, Scope, Source, TenantId
from kbsearch.store import lexical, tenants
from kbsearch.store.columns import marks
from kbsearch.store.database import Read, Write

_ROWS_AT_ONCE = 4_096
_PARAMETERS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage found again by its id."""

    id: int
    document: int
    field: Field
    text: str


@dataclass(frozen=True, slots=True)
class PassageVector:
    id: int
    document: int
    field: Field
    vector: bytes


def put(tx: Write, generation: int, document: IndexedDocument) -> int:
    """Add or replace a document in one generation. Returns its id, which outlives replacement."""
    source = document.source
    row = tx.row(
        "INSERT INTO documents (generation, tenant, kind, source_id, length) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (generation, tenant, kind, source_id) DO UPDATE SET length = excluded.length RETURNING id",
        (generation, source.tenant, source.kind, source.id, document.length),
    )
    assert row is not None
    id: int = row["id"]
    tx.execute("DELETE FROM passages WHERE document = ?", (id,))
    tx.executemany(
        "INSERT INTO passages (document, field, text, digest, vector) VALUES (?, ?, ?, ?, ?)",
        [(id, passage.field, passage.text, passage.digest, passage.vector) for passage in document.passages],
    )
    lexical.put(tx, generation, tenants.ensure(tx, source.tenant), id, document)
    return id


def remove(tx: Write, source: Source) -> None:
    """Take a document out of every generation. Its row stays, empty, so that indexes can follow."""
    rows = tx.rows(
        "SELECT id, generation FROM documents WHERE tenant = ? AND kind = ? AND source_id = ? AND length IS NOT NULL",
        (source.tenant, source.kind, source.id),
    )
    for row in rows:
        tx.execute("DELETE FROM passages WHERE document = ?", (row["id"],))
        tx.execute("UPDATE documents SET length = NULL WHERE id = ?", (row["id"],))
        lexical.remove(tx, row["generation"], tenants.ensure(tx, source.tenant), row["id"])


def known_vectors(tx: Read, model_id: str, digests: Sequence[bytes]) -> dict[bytes, bytes]:
    """Vectors that some generation of the same model already has for these texts."""
    found: dict[bytes, bytes] = {}
    for start in range(0, len(digests), _PARAMETERS_AT_ONCE):
        some = digests[start : start + _PARAMETERS_AT_ONCE]
        rows = tx.rows(
            "SELECT passages.digest, passages.vector FROM passages JOIN documents ON documents.id = passages.document"
            " JOIN generations ON generations.id = documents.generation"
            f" WHERE passages.digest IN ({marks(some)}) AND generations.model_id = ?",
            (*some, model_id),
        )
        found.update((row["digest"], row["vector"]) for row in rows)
    return found


def vectors_of(tx: Read, generation: int, source: Source) -> tuple[int | None, list[PassageVector]]:
    """A source's document id (None if this generation never saw it) and its passages' vectors."""
    row = tx.row(
        "SELECT id FROM documents WHERE generation = ? AND tenant = ? AND kind = ? AND source_id = ?",
        (generation, source.tenant, source.kind, source.id),
    )
    if row is None:
        return None, []
    rows = tx.rows("SELECT id, document, field, vector FROM passages WHERE document = ? ORDER BY id", (row["id"],))
    return row["id"], [PassageVector(r["id"], r["document"], Field(r["field"]), r["vector"]) for r in rows]


def all_vectors(tx: Read, generation: int, tenant: TenantId) -> Iterator[list[PassageVector]]:
    """All of a tenant's passages in batches, by id."""
    after = 0
    while True:
        rows = tx.rows(
            "SELECT passages.id, document, field, vector FROM passages JOIN documents ON documents.id = document"
            " WHERE generation = ? AND tenant = ? AND passages.id > ? ORDER BY passages.id LIMIT ?",
            (generation, tenant, after, _ROWS_AT_ONCE),
        )
        if not rows:
            return
        yield [PassageVector(r["id"], r["document"], Field(r["field"]), r["vector"]) for r in rows]
        after = rows[-1]["id"]


def passages(tx: Read, scope: Scope, ids: Sequence[int]) -> dict[int, StoredPassage]:
    """Passages by id; those of other tenants, or gone in the meantime, are left out."""
    rows = tx.rows(
        "SELECT passages.id, document, field, text FROM passages JOIN documents ON documents.id = document"
        f" WHERE passages.id IN ({marks(ids)}) AND tenant IN ({marks(scope.tenants)})",
        (*ids, *scope.tenants),
    )
    return {r["id"]: StoredPassage(r["id"], r["document"], Field(r["field"]), r["text"]) for r in rows}


def sources(tx: Read, scope: Scope, ids: Sequence[int]) -> dict[int, Source]:
    """What documents were made from; those out of scope or removed in the meantime are left out."""
    rows = tx.rows(
        f"SELECT * FROM documents WHERE id IN ({marks(ids)}) AND tenant IN ({marks(scope.tenants)})"
        " AND length IS NOT NULL",
        (*ids, *scope.tenants),
    )
    return {r["id"]: Source(TenantId(r["tenant"]), DocumentKind(r["kind"]), r["source_id"]) for r in rows}


def count(tx: Read, generation: int) -> tuple[int, int]:
    """How many documents and passages a generation holds."""
    row = tx.row(
        "SELECT (SELECT count(*) FROM documents WHERE generation = ?1 AND length IS NOT NULL) AS documents,"
        " (SELECT count(*) FROM passages JOIN documents ON documents.id = document WHERE generation = ?1) AS passages",
        (generation,),
    )
    assert row is not None
    return row["documents"], row["passages"]
