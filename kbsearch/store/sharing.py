"""Moving an article of a tenant to ``shared``, where every tenant sees it."""

from __future__ import annotations

from collections.abc import Sequence

from kbsearch.model import SHARED, Article, SolutionRef, TenantId
from kbsearch.store import articles, audit, drafts, fixes, merges, proposals, records, versions
from kbsearch.store.columns import list_text, time_text
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import LISTED


def shared_by(tx: Read, tenant: TenantId, ids: Sequence[str]) -> set[str]:
    """Those of the ids whose article the tenant gave to every tenant, and of which it has no edition.

    Former versions without an article of the tenant's are left by move() alone.
    """
    rows = tx.rows(
        f"SELECT DISTINCT id FROM article_versions AS former WHERE tenant = ? AND id IN {LISTED}"
        " AND NOT EXISTS (SELECT 1 FROM solutions AS own WHERE own.tenant = former.tenant AND own.id = former.id)"
        " AND EXISTS (SELECT 1 FROM solutions AS shared WHERE shared.tenant = ? AND shared.id = former.id)",
        (tenant, list_text(ids), SHARED),
    )
    return {row["id"] for row in rows}


def move(tx: Write, tenant: TenantId, article: Article, fix_digest: bytes, statements: Sequence[bytes]) -> None:
    """Make the tenant's article of this id a shared one with these texts, and note the change.

    What the tenant's tickets and agents gathered, what was merged into it and which tickets it was begun with stay
    the tenant's, and lead to the shared article. So do its former versions: only the text that is given is shared.

    Args:
        tx: the transaction.
        tenant: whose article it is; ``shared`` has no solution of its id.
        article: as every tenant may see it.
        fix_digest: names its fix.
        statements: those of its fix (text.fixes).
    """
    own, shared = SolutionRef(tenant, article.id), SolutionRef(SHARED, article.id)
    versions.keep(tx, own)
    row = tx.row(
        "UPDATE solutions SET tenant = :shared, title = :title, issue = :issue, environment = :environment,"
        " cause = :cause, resolution = :resolution, fix_digest = :fix_digest, tags = :tags, audience = :audience,"
        " metadata = :metadata, version = version + 1, updated_at = :now, written_by = :actor"
        " WHERE tenant = :tenant AND id = :id RETURNING version",
        {
            "shared": SHARED,
            "tenant": tenant,
            "id": article.id,
            **articles.text_columns(article, fix_digest),
            "now": time_text(tx.now),
            "actor": tx.acting.actor,
        },
    )
    assert row is not None
    fixes.drop(tx, own)
    fixes.put(tx, shared, statements)
    records.move(tx, own, shared, of=tenant)
    records.drop(tx, own)  # what `shared` had from this tenant already, as a word on an earlier article of the id
    merges.lead_to(tx, own, shared)
    proposals.move(tx, own, shared)
    drafts.move(tx, own, shared)
    for one, detail in ((SHARED, "from a tenant"), (tenant, "all tenants see it")):
        articles.note_change(tx, one, article.id)
        audit.note(tx, one, "article.shared", article.id, f"version {row['version']}, {detail}")
