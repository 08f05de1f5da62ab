"""The SQL statements that are run, counted by SQLite itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def counted_statements(patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Gives a list that grows by each statement run on connections opened inside the block, parameters filled in.

    Open the store inside. Reads are ``[one for one in statements if one.startswith("SELECT")]``; statements that
    SQLite itself runs inside a virtual table come as comments and are left out.
    """
    statements: list[str] = []
    connect = sqlite3.connect

    def traced(*arguments, **options) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(lambda sql: None if sql.startswith("--") else statements.append(sql))
        return connection

    with patch.context() as inside:
        inside.setattr(sqlite3, "connect", traced)
        yield statements
