"""Answers already given to requests that carried an Idempotency-Key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kbsearch.model import TenantId
from kbsearch.store.columns import time_text
from kbsearch.store.port import Read, Write


@dataclass(frozen=True, slots=True)
class AnswerName:
    """Whose key it is: a key belongs to one caller, who acts for one tenant."""

    tenant: TenantId
    caller: str
    key: str


@dataclass(frozen=True, slots=True)
class Answered:
    request_digest: bytes
    status: int
    body: str


def get(tx: Read, name: AnswerName, since: datetime) -> Answered | None:
    """The answer that was given from ``since`` on, whether older ones have been removed yet or not."""
    row = tx.row(
        "SELECT * FROM idempotency WHERE tenant = ? AND caller = ? AND key = ? AND created_at >= ?",
        (name.tenant, name.caller, name.key, time_text(since)),
    )
    return None if row is None else Answered(row["request_digest"], row["status"], row["body"])


def put(tx: Write, name: AnswerName, answered: Answered, since: datetime) -> None:
    """Keep an answer, unless another one was given from ``since`` on."""
    tx.execute(
        "INSERT INTO idempotency (tenant, caller, key, request_digest, status, body, created_at)"
        " VALUES (:tenant, :caller, :key, :digest, :status, :body, :now)"
        " ON CONFLICT (tenant, caller, key) DO UPDATE SET request_digest = excluded.request_digest,"
        " status = excluded.status, body = excluded.body, created_at = excluded.created_at"
        " WHERE idempotency.created_at < :since",
        {
            "tenant": name.tenant,
            "caller": name.caller,
            "key": name.key,
            "digest": answered.request_digest,
            "status": answered.status,
            "body": answered.body,
            "now": time_text(tx.now),
            "since": time_text(since),
        },
    )
