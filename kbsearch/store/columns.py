"""Between Python values and SQLite columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime


def time_text(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with six fractional digits, so that text order is time order."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def parse_optional_time(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text)


def list_text(values: Sequence[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def parse_list(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


LISTED = "(SELECT value FROM json_each(?))"
"""For ``IN``: bound to ``list_text(values)``, so that the statement reads the same for any number of values."""


LISTED_BYTES = "(SELECT unhex(value) FROM json_each(?))"
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
