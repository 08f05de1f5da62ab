"""Term streams in FTS5, one table for each generation and tenant.

A table a tenant keeps term statistics apart: how rare a word is in one company's tickets tells
another company nothing. The streams are analysed already; FTS5 only splits them at spaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kbsearch.model import IndexedDocument, Scope
from kbsearch.store import tenants
from kbsearch.store.columns import marks
from kbsearch.store.database import Read, Write

# Every character but white space and controls is part of a token.
_TOKENIZER = "unicode61 remove_diacritics 0 categories 'L* N* M* P* S* Co Cn Cf Cs'"
_TERMS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class TermRow:
    """A document's term streams, each joined by spaces."""

    document: int
    title: str
    issue: str
    resolution: str
    length: int


def put(tx: Write, generation: int, tenant_number: int, document_id: int, document: IndexedDocument) -> None:
    """Add or replace a document's term streams."""
    table = _table(generation, tenant_number)
    tx.execute(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5"
        f'(title, issue, resolution, surface, tokenize = "{_TOKENIZER}", detail = full)'
    )
    tx.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS {table}_terms USING fts5vocab({table}, row)")
    tx.execute(
        f"INSERT OR REPLACE INTO {table} (rowid, title, issue, resolution, surface) VALUES (?, ?, ?, ?, ?)",
        (document_id, document.title, document.issue, document.resolution, document.surface),
    )


def remove(tx: Write, generation: int, tenant_number: int, document_id: int) -> None:
    if _exists(tx, _table(generation, tenant_number)):
        tx.execute(f"DELETE FROM {_table(generation, tenant_number)} WHERE rowid = ?", (document_id,))


def forget_removed(tx: Write, generations: Sequence[int], tenant_number: int) -> None:
    """Rewrite a tenant's tables, so that words of removed documents leave the file."""
    for generation in generations:
        table = _table(generation, tenant_number)
        if _exists(tx, table):
            tx.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")


def drop(tx: Write, generation: int) -> None:
    """Drop all tables of a generation."""
    rows = tx.rows(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE ? ESCAPE '~' AND sql LIKE 'CREATE VIRTUAL%'"
        " ORDER BY length(name) DESC",
        (f"lexical~_{generation}~_%",),
    )
    for row in rows:  # a table's vocabulary has the longer name and goes first
        tx.execute(f'DROP TABLE "{row["name"]}"')


def size(tx: Read, generation: int, scope: Scope) -> tuple[int, int]:
    """How many documents the scope sees and how many terms they have together."""
    row = tx.row(
        "SELECT count(*) AS documents, coalesce(sum(length), 0) AS terms FROM documents"
        f" WHERE generation = ? AND tenant IN ({marks(scope.tenants)}) AND length IS NOT NULL",
        (generation, *scope.tenants),
    )
    assert row is not None
    return row["documents"], row["terms"]


def frequencies(tx: Read, generation: int, scope: Scope, terms: Sequence[str]) -> dict[str, int]:
    """In how many documents of the scope each term stands; terms found nowhere are left out."""
    found: dict[str, int] = {}
    for table in _tables(tx, generation, scope):
        for start in range(0, len(terms), _TERMS_AT_ONCE):
            some = terms[start : start + _TERMS_AT_ONCE]
            for row in tx.rows(f"SELECT term, doc FROM {table}_terms WHERE term IN ({marks(some)})", some):
                found[row["term"]] = found.get(row["term"], 0) + row["doc"]
    return found


def match(
    tx: Read,
    generation: int,
    scope: Scope,
    terms: Sequence[str],
    phrases: Sequence[Sequence[str]],
    weights: tuple[float, float, float],
    limit: int,
) -> list[TermRow]:
    """Documents with any of the terms and all of the phrases, the best ``limit`` of each tenant by FTS5's bm25.

    ``weights`` are those of title, issue and resolution.
    """
    clauses = [f'surface : "{" ".join(phrase)}"' for phrase in phrases]
    if terms:
        clauses.append("{title issue resolution} : (" + " OR ".join(f'"{term}"' for term in terms) + ")")
    expression = " AND ".join(f"({clause})" for clause in clauses)
    rows: list[TermRow] = []
    for table in _tables(tx, generation, scope):
        found = tx.rows(
            f"SELECT rowid AS document, title, issue, resolution FROM {table} WHERE {table} MATCH ?"
            f" ORDER BY bm25({table}, ?, ?, ?, 0.0) LIMIT ?",
            (expression, *weights, limit),
        )
        rows += [_term_row(row["document"], row["title"], row["issue"], row["resolution"]) for row in found]
    return rows


def rows(tx: Read, generation: int, scope: Scope, documents: Sequence[int]) -> list[TermRow]:
    """The term streams of these documents, as far as they are in scope."""
    found: list[TermRow] = []
    for table in _tables(tx, generation, scope):
        found += [
            _term_row(row["document"], row["title"], row["issue"], row["resolution"])
            for row in tx.rows(
                f"SELECT rowid AS document, title, issue, resolution FROM {table} WHERE rowid IN ({marks(documents)})",
                documents,
            )
        ]
    return found


def _term_row(document: int, title: str, issue: str, resolution: str) -> TermRow:
    length = sum(stream.count(" ") + 1 for stream in (title, issue, resolution) if stream)
    return TermRow(document, title, issue, resolution, length)


def _tables(tx: Read, generation: int, scope: Scope) -> list[str]:
    names = [_table(generation, number) for number in tenants.numbers(tx, scope).values()]
    return [name for name in names if _exists(tx, name)]


def _table(generation: int, tenant_number: int) -> str:
    return f"lexical_{generation}_{tenant_number}"


def _exists(tx: Read, table: str) -> bool:
    return tx.row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)) is not None
