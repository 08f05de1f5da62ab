"""Which sources changed, in order: what an index has to replay."""

from __future__ import annotations

from kbsearch.model import DocumentKind, Source, TenantId
from kbsearch.store.port import Read, Write


def record(tx: Write, source: Source) -> None:
    """Note that a source was added, changed or removed; it becomes the newest change."""
    tx.record_change(source.tenant, source.kind, source.id)


def last(tx: Read) -> int:
    """The newest change's number; 0 before the first."""
    row = tx.row("SELECT coalesce(max(seq), 0) AS seq FROM changes")
    assert row is not None
    return row["seq"]


def since(tx: Read, seq: int, limit: int) -> list[tuple[int, Source]]:
    """Up to ``limit`` changes after ``seq``, oldest first."""
    rows = tx.rows("SELECT * FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))
    return [(row["seq"], Source(TenantId(row["tenant"]), DocumentKind(row["kind"]), row["source_id"])) for row in rows]


def articles_since(tx: Read, seq: int, limit: int) -> list[tuple[int, Source]]:
    """Up to ``limit`` changes of articles after ``seq``, oldest first. Changes of tickets cost nothing."""
    rows = tx.rows(
        "SELECT seq, tenant, source_id FROM changes @index(changes_of_articles) WHERE seq > ? AND kind = 'article'"
        " ORDER BY seq LIMIT ?",
        (seq, limit),
    )
    return [(row["seq"], Source(TenantId(row["tenant"]), DocumentKind.ARTICLE, row["source_id"])) for row in rows]


def size_since(tx: Read, seq: int, sample: int = 20_000) -> float:
    """About how many bytes of text the sources have that changed after ``seq``, from about ``sample`` of them."""
    every = max(1, count_since(tx, seq) // sample)
    row = tx.row(
        "SELECT coalesce(sum(coalesce(octet_length(title || solutions.issue || solutions.environment || tags"
        " || coalesce(solutions.cause, '') || solutions.resolution), 0)"
        " + coalesce(octet_length(subject || CASE description WHEN '' THEN subject ELSE description END"
        " || tickets.resolution), 0)), 0) AS size FROM changes"
        " LEFT JOIN solutions ON changes.kind = 'article' AND solutions.tenant = changes.tenant"
        " AND solutions.id = source_id AND solutions.kind = 'article' AND state != 'archived'"
        " LEFT JOIN tickets ON changes.kind = 'ticket' AND tickets.tenant = changes.tenant AND tickets.id = source_id"
        " AND tickets.status = 'resolved' WHERE seq > ? AND seq % ? = 0",
        (seq, every),
    )
    assert row is not None
    return row["size"] * every


def count_since(tx: Read, seq: int) -> int:
    """How many sources changed after ``seq``, removed ones included. Reads each of them."""
    row = tx.row("SELECT count(*) AS n FROM changes WHERE seq > ?", (seq,))
    assert row is not None
    return row["n"]


def documents_since(tx: Read, seq: int) -> int:
    """How many of the sources that changed after ``seq`` are to be indexed. Looks each of them up."""
    row = tx.row(
        "SELECT count(*) AS n FROM changes WHERE seq > ? AND CASE kind"
        " WHEN 'ticket' THEN EXISTS (SELECT 1 FROM tickets WHERE tickets.tenant = changes.tenant"
        "  AND tickets.id = source_id AND status = 'resolved')"
        " ELSE EXISTS (SELECT 1 FROM solutions WHERE solutions.tenant = changes.tenant AND solutions.id = source_id"
        "  AND solutions.kind = 'article' AND state != 'archived') END",
        (seq,),
    )
    assert row is not None
    return row["n"]
