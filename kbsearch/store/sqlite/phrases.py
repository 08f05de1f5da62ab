"""The words of documents as written, in FTS5: one table for each generation and tenant.

The words are split already; FTS5 only splits them at spaces.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

# Every character but white space and controls is part of a token.
_TOKENIZER = "unicode61 remove_diacritics 0 categories 'L* N* M* P* S* Co Cn Cf Cs'"

_PAGES_A_STEP = 64
_CHANGES_OF_WORK = 2  # FTS5 counts fewer changes for a merge that found nothing to do


class Fts5Phrases:
    """Phrases of one connection; see port.Phrases. Tenants are named by their numbers."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, generation: int, tenant: int, words: Sequence[tuple[int, str]]) -> None:
        table = _table(generation, tenant)
        self._connection.execute(
            f'CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5(surface, tokenize = "{_TOKENIZER}", columnsize = 0)'
        )
        self._connection.executemany(f"INSERT OR REPLACE INTO {table} (rowid, surface) VALUES (?, ?)", words)

    def remove(self, generation: int, tenant: int, document: int) -> None:
        table = _table(generation, tenant)
        if self._exists(table):
            self._connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (document,))

    def find(
        self, generation: int, tenants: Collection[int], phrases: Sequence[Sequence[str]], limit: int
    ) -> list[int]:
        expression = " AND ".join(f'(surface : "{" ".join(phrase)}")' for phrase in phrases)
        found: list[int] = []
        for number in tenants:
            table = _table(generation, number)
            if self._exists(table):
                rows = self._connection.execute(
                    f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid DESC LIMIT ?", (expression, limit)
                )
                found += [row[0] for row in rows]
        return found

    def merge_some(self, generation: int, tenant: int, begin: bool) -> bool:
        table = _table(generation, tenant)
        if not self._exists(table):
            return False
        before = self._connection.total_changes
        self._connection.execute(
            f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)", (-_PAGES_A_STEP if begin else _PAGES_A_STEP,)
        )
        return self._connection.total_changes - before >= _CHANGES_OF_WORK

    def drop(self, generation: int) -> None:
        rows = self._connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE ? ESCAPE '~'"
            " AND sql LIKE 'CREATE VIRTUAL%' ORDER BY length(name) DESC",
            (f"lexical~_{generation}~_%",),
        ).fetchall()
        for row in rows:  # a table's vocabulary, which earlier versions made, has the longer name and goes first
            self._connection.execute(f'DROP TABLE "{row["name"]}"')

    def _exists(self, table: str) -> bool:
        found = self._connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
        return found.fetchone() is not None


def _table(generation: int, tenant: int) -> str:
    return f"lexical_{generation}_{tenant}"
