"""What articles were before their latest changes.

When an article is moved to ``shared``, its former versions stay the tenant's own: nobody else sees them, and they are
erased with the tenant. Numbers go on, so that the versions before and after the move are one sequence.
"""

from __future__ import annotations

import json
from typing import Any

from kbsearch.model import SHARED, Article, ArticleState, ArticleVersion, Scope, SolutionRef
from kbsearch.store.columns import parse_time
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import marks

MOST_KEPT = 50
"""So many former versions of an article are kept, the latest ones."""

_LISTS = ("issue", "environment", "tags")
_PLAIN = ("id", "title", "cause", "resolution", "language", "audience", "state")
_CONTENT = ", ".join(
    [*(f"'{name}', {name}" for name in _PLAIN), *(f"'{name}', @json({name})" for name in (*_LISTS, "metadata"))]
)


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


def page(tx: Read, scope: Scope, ref: SolutionRef, before: int, limit: int) -> list[ArticleVersion]:
    """Former versions with a number below ``before``, the latest first.

    Of a shared article with those that it had as an article of the scope's tenant. Who wrote what is known of the
    tenant's own versions only.
    """
    tenants = sorted({ref.tenant, scope.tenant})
    rows = tx.rows(
        "SELECT version, content, CASE WHEN tenant = ? THEN written_by END AS written_by, written_at"
        f" FROM article_versions WHERE tenant IN ({marks(tenants)}) AND id = ? AND version < ?"
        " ORDER BY version DESC LIMIT ?",
        (scope.tenant, *tenants, ref.id, before, limit),
    )
    return [
        ArticleVersion(row["version"], _article(row["content"]), row["written_by"], parse_time(row["written_at"]))
        for row in rows
    ]


def drop(tx: Write, ref: SolutionRef) -> None:
    """Forget the former versions of an article that is deleted.

    Of a shared one also those that it had as an article of a tenant, unless the tenant has an edition of its own now.
    """
    tx.execute("DELETE FROM article_versions WHERE tenant = ? AND id = ?", (ref.tenant, ref.id))
    if ref.tenant == SHARED:
        tx.execute(
            "DELETE FROM article_versions WHERE tenant IN (SELECT id FROM tenants) AND id = :id AND NOT EXISTS"
            " (SELECT 1 FROM solutions AS own WHERE own.tenant = article_versions.tenant AND own.id = :id)",
            {"id": ref.id},
        )


def _article(content: str) -> Article:
    fields: dict[str, Any] = json.loads(content)
    for name in _LISTS:
        fields[name] = tuple(fields[name])
    fields["state"] = ArticleState(fields["state"])
    return Article(**fields)
