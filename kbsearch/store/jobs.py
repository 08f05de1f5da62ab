"""Batch jobs, visible to every process on the data folder."""

from __future__ import annotations

from kbsearch.model import Job, JobState
from kbsearch.store import audit
from kbsearch.store.columns import time_text
from kbsearch.store.port import Read, Write


def put_new(tx: Write, id: str, kind: str, model: str | None) -> None:
    tx.execute(
        "INSERT INTO jobs (id, kind, state, model, done, total, cancel, created_at, updated_at)"
        " VALUES (:id, :kind, :state, :model, 0, 0, 0, :now, :now)",
        {"id": id, "kind": kind, "state": JobState.QUEUED, "model": model, "now": time_text(tx.now)},
    )
    audit.note(tx, None, f"{kind}.started", id)


def get(tx: Read, id: str) -> Job | None:
    row = tx.row("SELECT * FROM jobs WHERE id = ?", (id,))
    if row is None:
        return None
    return Job(row["id"], JobState(row["state"]), row["done"], row["total"], row["eta_seconds"], row["error"])


def update(
    tx: Write, id: str, state: JobState, done: int, total: int, eta_seconds: int | None, error: str | None = None
) -> bool:
    """Note a job's progress. True if somebody asked to cancel it. One that has ended stays as it is."""
    tx.execute(
        "UPDATE jobs SET state = ?, done = ?, total = ?, eta_seconds = ?, error = ?, updated_at = ? WHERE id = ?"
        " AND state IN ('queued', 'running')",
        (state, done, total, eta_seconds, error, time_text(tx.now), id),
    )
    row = tx.row("SELECT cancel FROM jobs WHERE id = ?", (id,))
    return bool(row and row["cancel"])


def cancel(tx: Write, id: str) -> None:
    """Ask a job to stop at its next step; one that is not at work yet is cancelled at once."""
    tx.execute(
        "UPDATE jobs SET cancel = 1, state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END, updated_at = ?"
        " WHERE id = ? AND state IN ('queued', 'running')",
        (time_text(tx.now), id),
    )
    audit.note(tx, None, "job.cancelled", id)


def fail_unfinished(tx: Write, error: str) -> None:
    """Close what a killed process left running."""
    tx.execute(
        "UPDATE jobs SET state = 'failed', error = ?, eta_seconds = NULL, updated_at = ?"
        " WHERE state IN ('queued', 'running')",
        (error, time_text(tx.now)),
    )
