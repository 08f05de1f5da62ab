"""The words of documents as written, in FTS5, for quoted phrases: one table for each generation and tenant.

The words are split already; FTS5 only splits them at spaces.
"""

from __future__ import annotations

from collections.abc import Sequence

from kbsearch.model import Scope
from kbsearch.store import tenants
from kbsearch.store.sqlite.database import Read, Write

# Every character but white space and controls is part of a token.
_TOKENIZER = "unicode61 remove_diacritics 0 categories 'L* N* M* P* S* Co Cn Cf Cs'"

_PAGES_A_STEP = 64
_CHANGES_OF_WORK = 2  # FTS5 counts fewer changes for a merge that found nothing to do


def put(tx: Write, generation: int, tenant_number: int, words: Sequence[tuple[int, str]]) -> None:
    """Add or replace the words of documents: (document, words joined by spaces)."""
    table = _table(generation, tenant_number)
    tx.execute(
        f'CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5(surface, tokenize = "{_TOKENIZER}", columnsize = 0)'
    )
    tx.executemany(f"INSERT OR REPLACE INTO {table} (rowid, surface) VALUES (?, ?)", words)


def remove(tx: Write, generation: int, tenant_number: int, document_id: int) -> None:
    if _exists(tx, _table(generation, tenant_number)):
        tx.execute(f"DELETE FROM {_table(generation, tenant_number)} WHERE rowid = ?", (document_id,))


def merge_some(tx: Write, generation: int, tenant_number: int, begin: bool) -> bool:
    """One step of merging a tenant's table, after which no word of a removed document is in the file.

    Each step is short, so that other writers can go between.

    Args:
        tx: a transaction for this step alone.
        generation: the index's.
        tenant_number: whose table it is.
        begin: the first step; everything removed before it is gone once the last step was done.

    Returns:
        False when nothing is left to do.
    """
    table = _table(generation, tenant_number)
    if not _exists(tx, table):
        return False
    before = tx.db.conn.total_changes
    tx.execute(
        f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)", (-_PAGES_A_STEP if begin else _PAGES_A_STEP,)
    )
    return tx.db.conn.total_changes - before >= _CHANGES_OF_WORK


def drop(tx: Write, generation: int) -> None:
    """Drop all tables of a generation."""
    rows = tx.rows(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE ? ESCAPE '~' AND sql LIKE 'CREATE VIRTUAL%'"
        " ORDER BY length(name) DESC",
        (f"lexical~_{generation}~_%",),
    )
    for row in rows:  # a table's vocabulary, which earlier versions made, has the longer name and goes first
        tx.execute(f'DROP TABLE "{row["name"]}"')


def with_phrases(tx: Read, generation: int, scope: Scope, phrases: Sequence[Sequence[str]], limit: int) -> list[int]:
    """Documents with all of the phrases, at most ``limit`` of each tenant, the newest."""
    expression = " AND ".join(f'(surface : "{" ".join(phrase)}")' for phrase in phrases)
    found: list[int] = []
    for number in tenants.numbers(tx, scope).values():
        table = _table(generation, number)
        if _exists(tx, table):
            rows = tx.rows(
                f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid DESC LIMIT ?", (expression, limit)
            )
            found += [row[0] for row in rows]
    return found


def _table(generation: int, tenant_number: int) -> str:
    return f"lexical_{generation}_{tenant_number}"


def _exists(tx: Read, table: str) -> bool:
    return tx.row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)) is not None
