"""The words of store.statements, as SQLite has them."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"@(\w+)(?:\(([^()]*)\))?")
_STATEMENTS_KEPT = 2_048


_WORDS = {
    ("listed", 1): "(SELECT value FROM json_each({0}))",
    ("listed_numbers", 1): "(SELECT value FROM json_each({0}))",
    ("listed_bytes", 1): "(SELECT unhex(value) FROM json_each({0}))",
    ("elements", 2): "json_each({0}) AS {1}",
    ("text", 1): "{0}.value",
    ("text", 2): "json_extract({0}.value, '$[{1}]')",
    ("number", 1): "{0}.value",
    ("number", 2): "json_extract({0}.value, '$[{1}]')",
    ("place", 1): "{0}.key",
    ("bytes", 1): "unhex({0}.value)",
    ("gathered", 2): "json_group_array(json_array({0}, {1}))",
    ("object", 0): "json_object",
    ("json", 1): "json({0})",
    ("join", 0): "CROSS JOIN",  # SQLite keeps its order
    ("index", 1): "INDEXED BY {0}",
    ("by_key", 0): "NOT INDEXED",
    ("plain", 1): "+{0}",
    ("row", 0): "rowid",
    ("free", 0): "OR IGNORE",
}


@lru_cache(_STATEMENTS_KEPT)
def sqlite_sql(statement: str) -> str:
    """A statement as SQLite runs it."""
    return _WORD.sub(_in_sqlite, statement)


def _in_sqlite(word: re.Match[str]) -> str:
    given = [part.strip() for part in word[2].split(",")] if word[2] else []
    return _WORDS[word[1], len(given)].format(*given)
