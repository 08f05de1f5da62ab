"""Knowledge in files: NDJSON in our own shape or in the shape of public collections.

Shapes, recognised by the fields of each line:

- the API's: a write-back with ``ticket``, or an article with ``resolution``;
- a KB article: ``id``, ``title``, ``body`` and perhaps ``lang``;
- a resolved ticket: ``id``, ``title``, ``description``, ``resolution`` and perhaps ``lang``, ``created``;
- a BEIR document: ``_id``, ``title``, ``text``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kbsearch.errors import BrokenFile

Wire = dict[str, Any]
"""A record in the API's shape: has ``ticket`` if it is a resolved ticket."""


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """(line number, line) of every line that is not blank. Raises BrokenFile if the file cannot be read."""
    try:
        with path.open("rb") as opened:
            for number, line in enumerate(opened, start=1):
                if line.strip():
                    yield number, line
    except OSError as error:
        raise BrokenFile(str(path), error.strerror or str(error)) from error


def shaped(row: Wire) -> Wire:
    """A record in the API's shape."""
    if "ticket" in row:
        return row
    if "body" in row or ("_id" in row and "text" in row):
        return _kb_article(row)
    if "description" in row and "resolution" in row:
        return _resolved_ticket(row)
    return row


def _kb_article(row: Mapping[str, Any]) -> Wire:
    text = row.get("body") or row.get("text") or ""
    return _present(
        id=row.get("id") or row.get("_id"),
        title=row.get("title") or row.get("english_title"),
        resolution=text,
        language=_language(row),
        state="validated",
        environment=row.get("applies_to") if isinstance(row.get("applies_to"), list) else None,
    )


def _resolved_ticket(row: Mapping[str, Any]) -> Wire:
    created = row.get("created")
    return _present(
        ticket=_present(
            id=row.get("id"),
            subject=row.get("title"),
            description=row.get("description"),
            language=_language(row),
            created_at=f"{created}T00:00:00Z" if isinstance(created, str) and len(created) == 10 else created,
        ),
        resolution=row.get("resolution"),
        resolved_by=row.get("resolved_by"),
    )


def _language(row: Mapping[str, Any]) -> str | None:
    language = row.get("lang") or row.get("language")
    return language.replace("_", "-").split("-")[0].lower() if isinstance(language, str) and language else None


def _present(**fields: Any) -> Wire:
    return {name: value for name, value in fields.items() if value is not None}
