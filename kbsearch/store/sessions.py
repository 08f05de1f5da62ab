"""Sessions of people who signed in with a key: a digest of the token, never the token itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kbsearch.store import audit
from kbsearch.store.columns import parse_time, time_text
from kbsearch.store.port import Read, Write


@dataclass(frozen=True, slots=True)
class Session:
    """Which key opened it, and when it ends."""

    key_id: str
    expires_at: datetime


def put(tx: Write, digest: bytes, session: Session) -> None:
    """Add a session. Those that have expired are removed."""
    tx.execute("DELETE FROM sessions WHERE expires_at <= ?", (time_text(tx.now),))
    tx.execute(
        "INSERT INTO sessions (digest, key_id, expires_at) VALUES (?, ?, ?)",
        (digest, session.key_id, time_text(session.expires_at)),
    )
    audit.note(tx, None, "session.started", session.key_id)


def get(tx: Read, digest: bytes) -> Session | None:
    """A session, be it expired."""
    row = tx.row("SELECT key_id, expires_at FROM sessions WHERE digest = ?", (digest,))
    return None if row is None else Session(row["key_id"], parse_time(row["expires_at"]))


def end(tx: Write, digest: bytes) -> None:
    """Remove a session; nothing happens where there is none."""
    row = tx.row("DELETE FROM sessions WHERE digest = ? RETURNING key_id", (digest,))
    if row is not None:
        audit.note(tx, None, "session.ended", row["key_id"])
