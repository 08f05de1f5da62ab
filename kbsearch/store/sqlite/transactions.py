"""Transactions of one connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import sqlite_utils

from kbsearch.store.acting import Acting
from kbsearch.store.port import Parameters, SqlValue
from kbsearch.store.sqlite.damage import damage
from kbsearch.store.sqlite.dialect import sqlite_sql
from kbsearch.store.sqlite.phrases import Fts5Phrases


class SQLiteRead:
    """See port.Read."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        self.connection: sqlite3.Connection = db.conn

    @property
    def phrases(self) -> Fts5Phrases:
        return Fts5Phrases(self.connection)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        return self.connection.execute(sqlite_sql(sql), parameters).fetchall()

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        return self.connection.execute(sqlite_sql(sql), parameters).fetchone()

    def tables_with(self, column: str) -> dict[str, tuple[str, ...]]:
        names = self.connection.execute(
            "SELECT found.name FROM sqlite_master AS found JOIN pragma_table_info(found.name) AS part"
            " WHERE found.type = 'table' AND found.sql NOT LIKE 'CREATE VIRTUAL%' AND part.name = ?",
            (column,),
        ).fetchall()
        return {row["name"]: self._key(row["name"]) for row in names}

    def _key(self, table: str) -> tuple[str, ...]:
        rows = self.connection.execute("SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk", (table,))
        return tuple(row["name"] for row in rows)

    def damage(self) -> list[str]:
        return damage(self._db)


class SQLiteWrite(SQLiteRead):
    """See port.Write."""

    def __init__(self, db: sqlite_utils.Database, now: datetime, acting: Acting) -> None:
        super().__init__(db)
        self.now = now
        self.acting = acting
        self.tenant_numbers: dict[str, int] = {}

    def execute(self, sql: str, parameters: Parameters = ()) -> int:
        return self.connection.execute(sqlite_sql(sql), parameters).rowcount

    def executemany(self, sql: str, rows: Sequence[Sequence[SqlValue]]) -> None:
        self.connection.executemany(sqlite_sql(sql), rows)

    def record_change(self, tenant: str, kind: str, source_id: str) -> None:
        # A row that replaces another one gets a new number: the highest of all, since there is one writer.
        self.connection.execute(
            "INSERT OR REPLACE INTO changes (tenant, kind, source_id) VALUES (?, ?, ?)", (tenant, kind, source_id)
        )
