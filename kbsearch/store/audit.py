"""The audit log: every change, in the transaction that makes it. Triggers prevent changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kbsearch.model import AuditEntry, TenantId, Tenants
from kbsearch.store.columns import list_text, parse_time, time_text
from kbsearch.store.port import Read, Row, SqlValue, Write
from kbsearch.store.statements import LISTED


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to return: of these tenants (None: all, and those of the whole service), from ``since`` to before
    ``until``, by this actor, of this action.
    """

    tenants: Tenants
    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    action: str | None = None


def note(tx: Write, tenant: TenantId | None, action: str, subject: str, detail: str | None = None) -> None:
    """Add an entry. ``subject`` is an id; ``detail`` never contains text that a user wrote."""
    tx.execute(
        "INSERT INTO audit (at, actor, request_id, tenant, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (time_text(tx.now), tx.acting.actor, tx.acting.request_id, tenant, action, subject, detail),
    )


def page(tx: Read, wanted: AuditFilter, before: int | None, limit: int) -> list[AuditEntry]:
    """Entries with a number below ``before``, the newest first."""
    terms: list[tuple[str, SqlValue]] = [("seq < ?", 2**62 if before is None else before)]
    if wanted.tenants is not None:
        terms.append((f"tenant IN {LISTED}", list_text(wanted.tenants)))
    for term, value in (
        ("at >= ?", time_text(wanted.since)),
        ("at < ?", time_text(wanted.until)),
        ("actor = ?", wanted.actor),
        ("action = ?", wanted.action),
    ):
        if value is not None:
            terms.append((term, value))
    rows = tx.rows(
        f"SELECT * FROM audit WHERE {' AND '.join(term for term, _ in terms)} ORDER BY seq DESC LIMIT ?",
        (*(value for _, value in terms), limit),
    )
    return [_entry(row) for row in rows]


def forget_before(tx: Write, moment: datetime, most: int = 2**62) -> int:
    """Drop the oldest entries of the days before a time, ``most`` at most, and note that. Returns how many went."""
    kept_from = time_text(moment.replace(hour=0, minute=0, second=0, microsecond=0))
    tx.execute("UPDATE audit_retention SET kept_from = :now WHERE kept_from < :now", {"now": kept_from})
    oldest = "SELECT seq FROM audit WHERE at < ? ORDER BY at LIMIT ?"
    gone = tx.execute(f"DELETE FROM audit WHERE seq IN ({oldest})", (kept_from, most))
    if gone:
        note(tx, None, "audit.forgotten", "audit", f"{gone} entries")
    return gone


def _entry(row: Row) -> AuditEntry:
    return AuditEntry(
        seq=row["seq"],
        at=parse_time(row["at"]),
        actor=row["actor"],
        request_id=row["request_id"],
        tenant=None if row["tenant"] is None else TenantId(row["tenant"]),
        action=row["action"],
        subject=row["subject"],
        detail=row["detail"],
    )
