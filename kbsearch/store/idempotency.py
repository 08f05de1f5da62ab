"""Answers already given to requests that carried an Idempotency-Key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from kbsearch.model import TenantId
from kbsearch.store.columns import time_text
from kbsearch.store.database import Read, Write

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answered:
    request_digest: bytes
    status: int
    body: str


def get(tx: Read, tenant: TenantId, key: str) -> Answered | None:
    row = tx.row("SELECT * FROM idempotency WHERE tenant = ? AND key = ?", (tenant, key))
    return None if row is None else Answered(row["request_digest"], row["status"], row["body"])


def put(tx: Write, tenant: TenantId, key: str, answered: Answered) -> None:
    """Keep an answer for a day; older ones go."""
    tx.execute("DELETE FROM idempotency WHERE created_at < ?", (time_text(tx.now - KEPT),))
    tx.execute(
        "INSERT OR IGNORE INTO idempotency (tenant, key, request_digest, status, body, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (tenant, key, answered.request_digest, answered.status, answered.body, time_text(tx.now)),
    )
