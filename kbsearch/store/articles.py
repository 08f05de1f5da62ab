"""KB articles: the rows of ``solutions`` whose kind is ``article``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kbsearch.model import (
    SHARED,
    Article,
    ArticleState,
    DocumentKind,
    Scope,
    SolutionKind,
    SolutionRef,
    Source,
    StoredArticle,
    TenantId,
)
from kbsearch.store import audit, changes, drafts, editions, fixes, merges, records, tenants, versions
from kbsearch.store.columns import list_text, object_text, parse_list, parse_time, time_text
from kbsearch.store.port import Read, Row, SqlValue, Write
from kbsearch.store.statements import LISTED, marks, upsert

_COLUMNS = (
    "tenant", "id", "kind", "title", "issue", "environment", "cause", "resolution", "fix_digest", "tags", "language",
    "audience", "state", "origin", "origin_digest", "version", "created_at", "updated_at", "written_by",
    "metadata",
)  # fmt: skip
_KEPT = "(SELECT coalesce(max(version), 0) FROM article_versions WHERE tenant = :tenant AND id = :id)"
# An article that is new here goes on behind the versions that one of its id has left (see versions).
_PUT = upsert(
    "solutions", _COLUMNS, ("tenant", "id"), "version = solutions.version + 1, created_at = solutions.created_at"
).replace(":version", f"{_KEPT} + 1")

_IS_MERGED = "EXISTS (SELECT 1 FROM merges WHERE merges.tenant = solutions.tenant AND merges.id = solutions.id)"


def get(tx: Read, scope: Scope, id: str) -> StoredArticle | None:
    """The article of this id, the tenant's own before a shared one."""
    rows = tx.rows(
        f"SELECT * FROM solutions WHERE id = ? AND kind = 'article' AND tenant IN ({marks(scope.tenants)})",
        (id, *scope.tenants),
    )
    by_tenant = {row["tenant"]: row for row in rows}
    for tenant in scope.tenants:
        if tenant in by_tenant:
            return _merged(tx, [stored_article(by_tenant[tenant])])[0]
    return None


def many(tx: Read, scope: Scope, ids: Sequence[str]) -> dict[SolutionRef, StoredArticle]:
    """Articles by id as the scope sees them: a shared one that the tenant has its own edition of is left out."""
    rows = tx.rows(
        f"SELECT * FROM solutions WHERE kind = 'article' AND id IN {LISTED} AND tenant IN ({marks(scope.tenants)})",
        (list_text(ids), *scope.tenants),
    )
    own = {row["id"] for row in rows if row["tenant"] == scope.tenant}
    stored = [stored_article(row) for row in rows if row["tenant"] == scope.tenant or row["id"] not in own]
    return {ref(one): one for one in _merged(tx, stored)}


def page(tx: Read, scope: Scope, after: tuple[str, str], limit: int, state: ArticleState | None) -> list[StoredArticle]:
    """Articles in scope by (tenant, id), those behind ``after`` only. Merged ones count as archived."""
    shown_state = f"CASE WHEN {_IS_MERGED} THEN 'archived' ELSE state END"
    rows = tx.rows(
        f"SELECT * FROM solutions WHERE kind = 'article' AND tenant IN ({marks(scope.tenants)})"
        f" AND (tenant, id) > (?, ?) {f'AND {shown_state} = ?' if state else ''} ORDER BY tenant, id LIMIT ?",
        (*scope.tenants, *after, *([state] if state else []), limit),
    )
    return _merged(tx, [stored_article(row) for row in rows])


def put(
    tx: Write,
    tenant: TenantId,
    article: Article,
    fix_digest: bytes,
    origin: str | None = None,
    origin_digest: str | None = None,
    statements: Sequence[bytes] = (),
) -> StoredArticle:
    """Add or replace an article and note the change. What an article was before is kept among its versions.

    A ticket solution of this id becomes the article, with its tickets. An article of the id of a shared one is the
    tenant's edition of that, with what the tenant's tickets and agents gathered.

    ``origin`` names the folder it mirrors and ``origin_digest`` the file's content; both None for
    articles that were written here. ``statements`` are those of its fix (text.fixes).
    """
    now = time_text(tx.now)
    ref = SolutionRef(tenant, article.id)
    was_article = versions.keep(tx, ref)
    row = tx.row(
        f"{_PUT} RETURNING *, {_KEPT} AS kept, EXISTS (SELECT 1 FROM solutions AS other WHERE other.tenant = '{SHARED}'"
        " AND other.id = solutions.id AND solutions.tenant != other.tenant) AS is_edition",
        {
            "tenant": tenant,
            "id": article.id,
            "kind": SolutionKind.ARTICLE,
            **text_columns(article, fix_digest),
            "language": article.language,
            "state": article.state,
            "origin": origin,
            "origin_digest": origin_digest,
            "created_at": now,
            "updated_at": now,
            "written_by": tx.acting.actor,
        },
    )
    note_change(tx, tenant, article.id)
    assert row is not None
    detail = f"version {row['version']} {article.state}"
    if row["version"] > row["kept"] + 1:
        detail += ", was formed from tickets"
    elif not was_article and row["is_edition"]:
        editions.added(tx, ref)
        detail += ", edition of a shared one"
    audit.note(tx, tenant, "article.put", article.id, detail)
    fixes.put(tx, ref, statements)
    return stored_article(row)


def text_columns(article: Article, fix_digest: bytes) -> dict[str, SqlValue]:
    """What the texts of an article are stored as, by column; ``fix_digest`` names its fix."""
    return {
        "title": article.title,
        "issue": list_text(article.issue),
        "environment": list_text(article.environment),
        "cause": article.cause,
        "resolution": article.resolution,
        "fix_digest": fix_digest,
        "tags": list_text(article.tags),
        "audience": article.audience,
        "metadata": object_text(article.metadata),
    }


def delete(tx: Write, tenant: TenantId, id: str) -> bool:
    """Remove an article with its versions. Articles that were merged into it stand alone again.

    What it gathered falls back to the shared article of this id, where the tenant had an edition of one. Else tickets
    that were linked to it keep their resolution without a solution and wait for review, which the audit log of each
    tenant concerned says.
    """
    ref = SolutionRef(tenant, id)
    row = tx.row("SELECT 1 FROM solutions WHERE tenant = ? AND id = ? AND kind = 'article'", (tenant, id))
    if row is None:
        return False
    for freed in merges.forget(tx, ref):
        if freed.tenant != tenant:
            tenants.raise_revision(tx, freed.tenant)
    fixes.drop(tx, ref)
    versions.drop(tx, ref)
    drafts.forget_article(tx, ref)
    tx.execute("DELETE FROM solutions WHERE tenant = ? AND id = ?", (tenant, id))
    if editions.deleted(tx, ref) is not None:
        audit.note(tx, tenant, "article.deleted", id, "the shared one is in its place again")
    else:
        unlinked = records.end(tx, ref)
        audit.note(tx, tenant, "article.deleted", id, f"{unlinked.pop(tenant, 0)} tickets lost it")
        for other, tickets in unlinked.items():
            audit.note(tx, other, "article.lost", id, f"{tickets} tickets lost it")
            tenants.raise_revision(tx, other)
    note_change(tx, tenant, id)
    return True


@dataclass(frozen=True, slots=True)
class Mirrored:
    """An article that a folder gave. ``digest`` names what its file said, None after it was archived with its file."""

    digest: str | None
    state: ArticleState
    version: int


def mirrored(tx: Read, tenant: TenantId, origin: str) -> dict[str, Mirrored]:
    """What a folder gave earlier, by article id."""
    rows = tx.rows(
        "SELECT id, origin_digest, state, version FROM solutions WHERE tenant = ? AND origin = ? AND kind = 'article'",
        (tenant, origin),
    )
    return {row["id"]: Mirrored(row["origin_digest"], ArticleState(row["state"]), row["version"]) for row in rows}


def is_mirrored(tx: Read, ref: SolutionRef) -> bool:
    """Whether the article is as a folder gave it."""
    row = tx.row("SELECT origin FROM solutions WHERE tenant = ? AND id = ?", (ref.tenant, ref.id))
    return row is not None and row["origin"] is not None


def written_elsewhere(tx: Read, tenant: TenantId, origin: str, ids: Sequence[str]) -> set[str]:
    """Those of the ids whose article, or ticket solution, this folder did not give, or not as it is now."""
    rows = tx.rows(
        f"SELECT id FROM solutions WHERE tenant = ? AND id IN {LISTED} AND origin IS DISTINCT FROM ?",
        (tenant, list_text(ids), origin),
    )
    return {row["id"] for row in rows}


def set_origins(tx: Write, tenant: TenantId, origin: str, digests: Mapping[str, str]) -> None:
    """Note what files said whose articles need no change. ``digests`` are by article id."""
    tx.executemany(
        "UPDATE solutions SET origin = ?, origin_digest = ? WHERE tenant = ? AND id = ? AND kind = 'article'"
        " AND (origin, origin_digest) IS DISTINCT FROM (?, ?)",
        [(origin, digest, tenant, id, origin, digest) for id, digest in digests.items()],
    )


def mirroring_tenants(tx: Read, origin: str) -> list[TenantId]:
    """Tenants that have articles from a folder."""
    return [
        TenantId(row["tenant"]) for row in tx.rows("SELECT DISTINCT tenant FROM solutions WHERE origin = ?", (origin,))
    ]


def tenants_with_articles(tx: Read) -> list[TenantId]:
    """Tenants that have articles of their own, the shared one included."""
    rows = tx.rows("SELECT id FROM tenants WHERE EXISTS (SELECT 1 FROM solutions WHERE tenant = tenants.id)")
    return [TenantId(row["id"]) for row in rows]


def note_change(tx: Write, tenant: TenantId, id: str) -> None:
    changes.record(tx, Source(tenant, DocumentKind.ARTICLE, id))
    tenants.raise_revision(tx, tenant)


def ref(stored: StoredArticle) -> SolutionRef:
    return SolutionRef(stored.tenant, stored.article.id)


def _merged(tx: Read, stored: Sequence[StoredArticle]) -> list[StoredArticle]:
    """The same articles, each with what it was merged into."""
    ends = merges.ends(tx, [ref(one) for one in stored])
    return [replace(one, merged_into=ends[ref(one)]) if ref(one) in ends else one for one in stored]


def stored_article(row: Row) -> StoredArticle:
    return StoredArticle(
        tenant=TenantId(row["tenant"]),
        article=Article(
            id=row["id"],
            title=row["title"],
            issue=parse_list(row["issue"]),
            environment=parse_list(row["environment"]),
            cause=row["cause"],
            resolution=row["resolution"],
            tags=parse_list(row["tags"]),
            language=row["language"],
            audience=row["audience"],
            state=ArticleState(row["state"]),
            metadata=json.loads(row["metadata"]),
        ),
        version=row["version"],
        created_at=parse_time(row["created_at"]),
        updated_at=parse_time(row["updated_at"]),
    )
