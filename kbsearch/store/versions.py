"""What articles were before their latest changes."""

from __future__ import annotations

import json
from typing import Any

from kbsearch.model import Article, ArticleState, ArticleVersion, SolutionRef
from kbsearch.store.columns import parse_time
from kbsearch.store.port import Read, Write

MOST_KEPT = 50
"""So many former versions of an article are kept, the latest ones."""

_LISTS = ("issue", "environment", "tags")
_PLAIN = ("id", "title", "cause", "resolution", "language", "audience", "state")
_CONTENT = ", ".join([*(f"'{name}', {name}" for name in _PLAIN), *(f"'{name}', @json({name})" for name in _LISTS)])


def keep(tx: Write, ref: SolutionRef) -> bool:
    """Keep an article as it is, before it changes. False: there is no article of this id."""
    kept = tx.execute(
        "INSERT INTO article_versions (tenant, id, version, content, written_by, written_at)"
        f" SELECT tenant, id, version, @object({_CONTENT}), written_by, updated_at FROM solutions"
        " WHERE tenant = ? AND id = ? AND kind = 'article' ON CONFLICT (tenant, id, version) DO UPDATE"
        " SET content = excluded.content, written_by = excluded.written_by, written_at = excluded.written_at",
        (ref.tenant, ref.id),
    )
    if kept:
        tx.execute(
            "DELETE FROM article_versions WHERE tenant = :tenant AND id = :id AND version <="
            " (SELECT version FROM solutions WHERE tenant = :tenant AND id = :id) - :kept",
            {"tenant": ref.tenant, "id": ref.id, "kept": MOST_KEPT},
        )
    return bool(kept)


def page(tx: Read, ref: SolutionRef, before: int, limit: int) -> list[ArticleVersion]:
    """Former versions with a number below ``before``, the latest first."""
    rows = tx.rows(
        "SELECT version, content, written_by, written_at FROM article_versions WHERE tenant = ? AND id = ?"
        " AND version < ? ORDER BY version DESC LIMIT ?",
        (ref.tenant, ref.id, before, limit),
    )
    return [
        ArticleVersion(row["version"], _article(row["content"]), row["written_by"], parse_time(row["written_at"]))
        for row in rows
    ]


def drop(tx: Write, ref: SolutionRef) -> None:
    """Forget the former versions of an article that is deleted."""
    tx.execute("DELETE FROM article_versions WHERE tenant = ? AND id = ?", (ref.tenant, ref.id))


def _article(content: str) -> Article:
    fields: dict[str, Any] = json.loads(content)
    for name in _LISTS:
        fields[name] = tuple(fields[name])
    fields["state"] = ArticleState(fields["state"])
    return Article(**fields)
