"""Statements that every engine runs: SQL common to them, with words beginning with @ where engines differ.

| word | what it stands for |
| --- | --- |
| ``@listed(?)`` | after IN: the texts of a JSON list |
| ``@listed_numbers(?)``, ``@listed_bytes(?)`` | the same for numbers, and for bytes as ``bytes_text`` gives them |
| ``@elements(?, name)`` | in FROM: the elements of a JSON list, as a table of this name |
| ``@text(name)``, ``@number(name)``, ``@bytes(name)`` | the element in such a table's row |
| ``@text(name, 0)``, ``@number(name, 0)`` | the first part of an element that is a list itself |
| ``@place(name)`` | the place of the element in its list, from 0 |
| ``@gathered(a, b)`` | the pairs of a group of rows, as JSON |
| ``@object`` ``('name', column, ...)`` | an object as JSON |
| ``@json(column)`` | within an object: the column holds JSON |
| ``@join`` | JOIN, the table on the left read first |
| ``@index(name)`` | behind a table: read it by this index. A hint |
| ``@by_key`` | behind a table: read it in the order of its key. A hint |
| ``@plain(column)`` | the column, but no index is chosen for it. A hint |
| ``@row`` | what names a row within its table for the length of a statement |
| ``UPDATE @free`` | changes each row, but for those whose new key another row has |

Parameters are ``?`` or ``:name``. Times are texts as ``columns.time_text`` writes them, lists are JSON.
``octet_length(text)`` counts bytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

LISTED = "@listed(?)"
"""For ``IN``: bound to ``list_text(values)``, so that the statement reads the same for any number of values."""

LISTED_NUMBERS = "@listed_numbers(?)"
"""The same for numbers, bound to their JSON."""

LISTED_BYTES = "@listed_bytes(?)"
"""The same for bytes, bound to ``bytes_text(values)``."""


def bytes_text(values: Sequence[bytes]) -> str:
    return json.dumps([value.hex() for value in values])


def marks(values: Sequence[object]) -> str:
    """As many question marks as values, for ``IN (...)`` of a few, such as the tenants of a scope."""
    return ",".join("?" * len(values))


def upsert(table: str, columns: Sequence[str], key: Sequence[str], changes: str = "") -> str:
    """A statement that adds a row or replaces the one with the same key; parameters are named as the columns.

    Args:
        table: the table.
        columns: what is written. Columns left out keep what they have, or are null in a new row.
        key: the primary key.
        changes: further assignments where the row exists. A column named in them is not overwritten.
    """
    kept = {*key, *(part.split("=")[0].strip() for part in changes.split(",") if part)}
    sets = [f"{column} = excluded.{column}" for column in columns if column not in kept]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(f':{column}' for column in columns)})"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join([*sets, changes] if changes else sets)}"
    )
