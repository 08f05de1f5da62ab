"""The documents of an index generation, with their terms."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from kbsearch.model import DocumentKind, IndexedDocument, IndexEntry, Scope, SolutionRef, Source, TenantId
from kbsearch.store import editions, tenants
from kbsearch.store.port import Read, Row, Write
from kbsearch.store.statements import LISTED, LISTED_NUMBERS, marks, upsert

_DOCUMENTS_AT_ONCE = 1_024
_PUT_TERMS = upsert("document_terms", ("document", "terms"), ("document",))
_OF_LIVE_GENERATION = "generation IN (SELECT id FROM generations)"
_KINDS = {str(kind): kind for kind in DocumentKind}


@dataclass(frozen=True, slots=True)
class Located:
    """What a document was made from, the solution that it speaks for, None if none is in scope, and its language."""

    source: Source
    solution: SolutionRef | None
    language: str | None = None


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
    tx.execute(_PUT_TERMS, {"document": id, "terms": document.terms})
    tx.execute("DELETE FROM passages WHERE document = ?", (id,))
    tx.executemany(
        "INSERT INTO passages (document, field, text, digest, vector) VALUES (?, ?, ?, ?, ?)",
        [(id, passage.field, passage.text, passage.digest, passage.vector) for passage in document.passages],
    )
    tx.phrases.put(generation, tenants.ensure(tx, source.tenant), [(id, document.surface)])
    return id


def remove(tx: Write, source: Source) -> None:
    """Take a document out of every generation. Its row stays, empty, so that indexes can follow."""
    rows = tx.rows(
        f"SELECT id, generation FROM documents WHERE {_OF_LIVE_GENERATION}"
        " AND tenant = ? AND kind = ? AND source_id = ? AND length IS NOT NULL",
        (source.tenant, source.kind, source.id),
    )
    for row in rows:
        tx.execute("DELETE FROM passages WHERE document = ?", (row["id"],))
        tx.execute("DELETE FROM document_terms WHERE document = ?", (row["id"],))
        tx.execute("UPDATE documents SET length = NULL WHERE id = ?", (row["id"],))
        tx.phrases.remove(row["generation"], tenants.ensure(tx, source.tenant), row["id"])


def erase(tx: Write, source: Source) -> int:
    """Take a document out of every generation for good: what comes under its id again is another document.

    Which documents were erased stays noted as long as their generation, so that indexes can follow. Returns in how many
    generations it was.
    """
    remove(tx, source)
    key = (source.tenant, source.kind, source.id)
    tx.execute(
        "INSERT INTO erased_documents (document, generation, tenant, kind, source_id)"
        " SELECT id, generation, tenant, kind, source_id FROM documents"
        f" WHERE {_OF_LIVE_GENERATION} AND tenant = ? AND kind = ? AND source_id = ?",
        key,
    )
    return tx.execute(
        f"DELETE FROM documents WHERE {_OF_LIVE_GENERATION} AND tenant = ? AND kind = ? AND source_id = ?", key
    )


def erased(tx: Read, generation: int) -> list[int]:
    """The documents of a generation that were erased, ascending."""
    rows = tx.rows("SELECT document FROM erased_documents WHERE generation = ? ORDER BY document", (generation,))
    return [row[0] for row in rows]


def count_erased(tx: Read, generation: int, scope: Scope) -> int:
    """How many documents in scope were erased from a generation so far."""
    rows = tx.rows(
        f"SELECT count(*) FROM erased_documents WHERE generation = ? AND tenant IN ({marks(scope.tenants)})",
        (generation, *scope.tenants),
    )
    return rows[0][0]


def entries_of(tx: Read, generation: int, sources: Sequence[Source]) -> list[IndexEntry]:
    """What the index takes of these sources; those that the generation never saw are left out.

    What was erased of them comes first.
    """
    listed = json.dumps([[source.tenant, source.kind, source.id] for source in sources])
    found = tx.rows(
        # CROSS keeps the order of the tables: else every document of the generation is looked at.
        "SELECT documents.id, tenant, length, terms FROM @elements(?, wanted) @join documents ON generation = ?"
        " AND tenant = @text(wanted, 0) AND kind = @text(wanted, 1)"
        " AND source_id = @text(wanted, 2) LEFT JOIN document_terms ON document = documents.id",
        (listed, generation),
    )
    gone = tx.rows(
        "SELECT document, erased_documents.tenant FROM @elements(?, wanted) @join erased_documents"
        " ON generation = ? AND erased_documents.tenant = @text(wanted, 0)"
        " AND kind = @text(wanted, 1) AND source_id = @text(wanted, 2)",
        (listed, generation),
    )
    passages = tx.rows(
        f"SELECT document, id, vector FROM passages WHERE document IN {LISTED_NUMBERS} ORDER BY document, id",
        (json.dumps([row["id"] for row in found]),),
    )
    erased = [IndexEntry(document, TenantId(tenant), 0, None, ()) for document, tenant in gone]
    return erased + _entries(found, passages)


def all_entries(tx: Read, generation: int) -> Iterator[list[IndexEntry]]:
    """Everything that the index holds, in batches."""
    after = 0
    while True:
        found = tx.rows(
            # In the order of the ids, which no index but the table itself has: else all are sorted for each batch.
            "SELECT documents.id, tenant, length, terms FROM documents @by_key"
            " JOIN document_terms ON document = documents.id"
            " WHERE documents.id > ? AND generation = ? AND length IS NOT NULL ORDER BY documents.id LIMIT ?",
            (after, generation, _DOCUMENTS_AT_ONCE),
        )
        if not found:
            return
        passages = tx.rows(
            "SELECT document, id, vector FROM passages WHERE document BETWEEN ? AND ? ORDER BY document, id",
            (found[0]["id"], found[-1]["id"]),
        )
        yield _entries(found, passages)
        after = found[-1]["id"]


def located(tx: Read, scope: Scope, ids: Sequence[int]) -> dict[int, Located]:
    """What documents were made from; those out of scope or removed in the meantime are left out."""
    rows = tx.rows(
        "SELECT documents.id, documents.tenant, documents.kind, source_id, solution_tenant, solution_id, end_tenant,"
        " end_id, coalesce(tickets.language, articles.language)"
        " FROM @elements(?, wanted) @join documents ON documents.id = @number(wanted)"
        # The indexes that hold all that is read: the unique ones lead to long rows.
        " LEFT JOIN tickets @index(idx_tickets_tenant_id_solution_tenant_solution_id_language)"
        " ON documents.kind = 'ticket' AND tickets.tenant = documents.tenant AND tickets.id = source_id"
        " LEFT JOIN solutions AS articles @index(idx_solutions_tenant_id_language)"
        " ON documents.kind = 'article' AND articles.tenant = documents.tenant AND articles.id = source_id"
        " LEFT JOIN merges ON documents.kind = 'article' AND merges.tenant = documents.tenant"
        " AND merges.id = source_id"
        f" WHERE documents.tenant IN ({marks(scope.tenants)}) AND length IS NOT NULL",
        (json.dumps(ids), *scope.tenants),
    )
    tenant_of = {str(tenant): tenant for tenant in scope.tenants}
    merged = [row for row in rows if row["end_id"] is not None]
    named = {SolutionRef(TenantId(row["end_tenant"]), row["end_id"]) for row in merged}
    named |= {SolutionRef(TenantId(row["tenant"]), row["source_id"]) for row in merged}
    seen = editions.seen(tx, scope, named) if merged else {}
    found: dict[int, Located] = {}
    for id, tenant, kind, source_id, solution_tenant, solution_id, end_tenant, end_id, language in rows:
        source = Source(tenant_of[tenant], _KINDS[kind], source_id)
        solution = SolutionRef(source.tenant, source.id) if source.kind == DocumentKind.ARTICLE else None
        if end_id is not None and solution is not None:
            if seen[solution] == solution:  # else the tenant has its own edition of it, which was not merged with it
                solution = seen[SolutionRef(TenantId(end_tenant), end_id)]
        elif solution_id is not None:
            solution = SolutionRef(tenant_of[solution_tenant], solution_id) if solution_tenant in tenant_of else None
        found[id] = Located(source, solution, language)
    return found


def of_others(tx: Read, scope: Scope, ids: Sequence[int], solutions: Sequence[SolutionRef]) -> list[int]:
    """Those of the documents that speak for another solution than these, in their order."""
    rows = tx.rows(
        "SELECT documents.id FROM @elements(?, wanted) @join documents ON documents.id = @number(wanted)"
        " LEFT JOIN tickets @index(idx_tickets_tenant_id_solution_tenant_solution_id_language)"
        " ON documents.kind = 'ticket' AND tickets.tenant = documents.tenant AND tickets.id = source_id"
        f" WHERE documents.tenant IN ({marks(scope.tenants)}) AND length IS NOT NULL AND CASE documents.kind"
        " WHEN 'ticket' THEN solution_tenant || ' ' || solution_id ELSE documents.tenant || ' ' || source_id END"
        f" NOT IN {LISTED} ORDER BY @place(wanted)",  # null, which is no solution, is in no list
        (json.dumps(ids), *scope.tenants, json.dumps([f"{ref.tenant} {ref.id}" for ref in solutions])),
    )
    return [row["id"] for row in rows]


def with_phrases(tx: Read, generation: int, scope: Scope, phrases: Sequence[Sequence[str]], limit: int) -> list[int]:
    """Documents with all of the phrases, at most ``limit`` of each tenant, the newest."""
    return tx.phrases.find(generation, tenants.numbers(tx, scope).values(), phrases, limit)


def article_terms(tx: Read, scope: Scope, ids: Sequence[int]) -> dict[SolutionRef, bytes]:
    """The packed terms of those of the documents that are articles in scope, merged ones left out."""
    rows = tx.rows(
        "SELECT documents.tenant, source_id, terms FROM @elements(?, wanted) @join documents"
        " ON documents.id = @number(wanted) JOIN document_terms ON document = documents.id"
        f" WHERE kind = 'article' AND documents.tenant IN ({marks(scope.tenants)}) AND length IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM merges WHERE merges.tenant = documents.tenant AND merges.id = source_id)",
        (json.dumps(list(ids)), *scope.tenants),
    )
    return {SolutionRef(TenantId(row["tenant"]), row["source_id"]): row["terms"] for row in rows}


def of_articles(tx: Read, generation: int, refs: Collection[SolutionRef]) -> list[int]:
    """The documents of those of these solutions that are articles."""
    rows = tx.rows(
        "SELECT documents.id FROM @elements(?, wanted) @join documents ON generation = ?"
        " AND tenant = @text(wanted, 0) AND kind = 'article'"
        " AND source_id = @text(wanted, 1) WHERE length IS NOT NULL",
        (json.dumps([[ref.tenant, ref.id] for ref in refs]), generation),
    )
    return [row[0] for row in rows]


def count(tx: Read, generation: int) -> tuple[int, int]:
    """How many documents and passages a generation holds."""
    row = tx.row(
        "SELECT (SELECT count(*) FROM documents WHERE generation = :id AND length IS NOT NULL) AS documents,"
        " (SELECT count(*) FROM passages JOIN documents ON documents.id = document WHERE generation = :id) AS passages",
        {"id": generation},
    )
    assert row is not None
    return row["documents"], row["passages"]


def _entries(found: Sequence[Row], passages: Sequence[Row]) -> list[IndexEntry]:
    vectors: dict[int, list[tuple[int, bytes]]] = {}
    for document, id, vector in passages:
        vectors.setdefault(document, []).append((id, vector))
    return [
        IndexEntry(
            row["id"], TenantId(row["tenant"]), row["length"] or 0, row["terms"], tuple(vectors.get(row["id"], ()))
        )
        for row in found
    ]
