"""The state of the store: its contents, and when the index and each tenant's ranking were last built."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kbsearch.model import JobState, TenantId
from kbsearch.store import documents, generations, purges
from kbsearch.store.columns import parse_optional_time, parse_time
from kbsearch.store.port import Read


@dataclass(frozen=True, slots=True)
class TenantStatus:
    """A tenant's knowledge. ``learned_at`` is when its ranking was last learned, None if never.

    ``learned`` says what came of that, see store.learning.
    """

    tenant: TenantId
    revision: int
    tickets: int
    articles: int
    learned_at: datetime | None
    learned: str | None


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """The whole data folder.

    Attributes:
        tenants: each with its knowledge.
        model_id: of the index; None for a folder that holds none.
        documents: in the index.
        passages: in the index.
        indexed_at: when the index was built.
        reindex: state of the last reindex, None if none was asked for lately.
        reindex_at: when that was.
        erasures_pending: how often something was erased that may still stand in a file.
    """

    tenants: tuple[TenantStatus, ...]
    model_id: str | None
    documents: int
    passages: int
    indexed_at: datetime | None
    reindex: JobState | None
    reindex_at: datetime | None
    erasures_pending: int


def read(tx: Read) -> StoreStatus:
    """Count the contents."""
    rows = tx.rows(
        "SELECT tenants.id, tenants.revision,"
        " (SELECT count(*) FROM tickets WHERE tickets.tenant = tenants.id) AS tickets,"
        " (SELECT count(*) FROM solutions WHERE solutions.tenant = tenants.id AND kind = 'article') AS articles,"
        " learning.created_at, outcome FROM tenants LEFT JOIN learning ON learning.tenant = tenants.id"
        " ORDER BY tenants.id"
    )
    known = tuple(
        TenantStatus(
            TenantId(row["id"]),
            row["revision"],
            row["tickets"],
            row["articles"],
            parse_optional_time(row["created_at"]),
            row["outcome"],
        )
        for row in rows
    )
    current = generations.current(tx)
    documents_held, passages = (0, 0) if current is None else documents.count(tx, current.id)
    built = tx.row("SELECT changed_at FROM generations WHERE state = 'current'")
    job = tx.row("SELECT state, updated_at FROM jobs WHERE kind = 'reindex' ORDER BY created_at DESC LIMIT 1")
    waiting = purges.pending(tx)
    return StoreStatus(
        tenants=known,
        model_id=current and current.model_id,
        documents=documents_held,
        passages=passages,
        indexed_at=None if built is None else parse_time(built["changed_at"]),
        reindex=None if job is None else JobState(job["state"]),
        reindex_at=None if job is None else parse_time(job["updated_at"]),
        erasures_pending=0 if waiting is None else waiting.count,
    )
