"""Which sources changed, in order: what an index has to replay."""

from __future__ import annotations

from kbsearch.model import DocumentKind, Source, TenantId
from kbsearch.store.database import Read, Write


def record(tx: Write, source: Source) -> None:
    """Note that a source was added, changed or removed; it becomes the newest change."""
    tx.execute(
        "INSERT OR REPLACE INTO changes (tenant, kind, source_id) VALUES (?, ?, ?)",
        (source.tenant, source.kind, source.id),
    )


def last(tx: Read) -> int:
    """The newest change's number; 0 before the first."""
    row = tx.row("SELECT coalesce(max(seq), 0) AS seq FROM changes")
    assert row is not None
    return row["seq"]


def since(tx: Read, seq: int, limit: int) -> list[tuple[int, Source]]:
    """Up to ``limit`` changes after ``seq``, oldest first."""
    rows = tx.rows("SELECT * FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))
    return [(row["seq"], Source(TenantId(row["tenant"]), DocumentKind(row["kind"]), row["source_id"])) for row in rows]


def count_since(tx: Read, seq: int) -> int:
    row = tx.row("SELECT count(*) AS n FROM changes WHERE seq > ?", (seq,))
    assert row is not None
    return row["n"]
