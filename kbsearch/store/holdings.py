"""What a tenant holds: its rows in every table of the store."""

from __future__ import annotations

from collections import Counter

from kbsearch.model import DocumentKind, Source, TenantId
from kbsearch.store import changes, documents, learned, purges, tenants
from kbsearch.store.port import Read, Write

KEPT = frozenset({"audit", "changes", "erased_documents", "learned_versions", "purges"})
"""Tables whose rows stay: ids, times and numbers without any text, which the audit and the indexes need."""

_SOURCES = (
    "SELECT 'ticket' AS kind, id FROM tickets WHERE tenant = :tenant"
    " UNION SELECT 'article', id FROM solutions WHERE tenant = :tenant AND kind = 'article'"
    " UNION SELECT kind, source_id FROM documents WHERE tenant = :tenant"
    "  AND generation IN (SELECT id FROM generations) LIMIT :most"
)


def tables(tx: Read) -> list[str]:
    """Every table with rows of single tenants that go with their tenant."""
    return sorted(tx.tables_with("tenant").keys() - KEPT)


def count(tx: Read, tenant: TenantId) -> Counter[str]:
    """How many rows the tenant has, by table; tables without any are left out."""
    found = {
        table: tx.rows(f'SELECT count(*) AS n FROM "{table}" WHERE tenant = ?', (tenant,))[0]["n"]
        for table in tables(tx)
    }
    return Counter({table: n for table, n in found.items() if n})


def erase_sources(tx: Write, tenant: TenantId, most: int) -> Counter[str]:
    """Erase some tickets and articles with their documents in every generation, ``most`` at most.

    Returns how many rows went, by table; empty when none is left.
    """
    erased: Counter[str] = Counter()
    for row in tx.rows(_SOURCES, {"tenant": tenant, "most": most}):
        source = Source(tenant, DocumentKind(row["kind"]), row["id"])
        if source.kind == DocumentKind.TICKET:
            gone = tx.execute("DELETE FROM tickets WHERE tenant = ? AND id = ?", (tenant, source.id))
            erased["tickets"] += gone
        else:
            gone = tx.execute(
                "DELETE FROM solutions WHERE tenant = ? AND id = ? AND kind = 'article'", (tenant, source.id)
            )
            erased["articles"] += gone
        erased["documents"] += documents.erase(tx, source)
        changes.record(tx, source)
    if erased:
        tenants.raise_revision(tx, tenant)
        purges.ask(tx, tenant)
    return erased


def erase_rows(tx: Write, tenant: TenantId, table: str, most: int) -> int:
    """Erase some of the tenant's rows of one of tables(), ``most`` at most. Returns how many went."""
    key = ", ".join(f'"{column}"' for column in tx.tables_with("tenant")[table])
    gone = tx.execute(
        f'DELETE FROM "{table}" WHERE ({key}) IN (SELECT {key} FROM "{table}" WHERE tenant = ? LIMIT ?)',
        (tenant, most),
    )
    if gone:
        if table == "learned":
            learned.raise_version(tx, tenant)
        tenants.raise_revision(tx, tenant)
        purges.ask(tx, tenant)
    return gone
