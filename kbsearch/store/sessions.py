"""Sessions of people at the pages: a digest of the token, never the token itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kbsearch.model import Credential, Role, TenantId
from kbsearch.store import audit
from kbsearch.store.columns import parse_time, time_text
from kbsearch.store.port import Read, Row, Write

_COLUMNS = "key_id, granted, ticket_id, expires_at"


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, and until when.

    ``key_id`` is the key that opened it: the session holds only while the key does. ``granted`` is what the session
    allows, None for what the key allows; one of both is known. ``ticket_id`` is the ticket that it was opened for.
    """

    key_id: str | None
    granted: Credential | None
    expires_at: datetime
    ticket_id: str | None = None

    @property
    def opened_by(self) -> str:
        """What the audit log names: a person, else the id of the key."""
        return self.key_id or (self.granted.name if self.granted is not None else "")

    @property
    def tenant(self) -> TenantId | None:
        """The one tenant that it was granted for, None for another session."""
        return self.granted.home if self.granted is not None else None


def put(tx: Write, digest: bytes, session: Session) -> None:
    """Add a session. Those that have expired are removed."""
    tx.execute("DELETE FROM sessions WHERE expires_at <= ?", (time_text(tx.now),))
    tx.execute(
        "INSERT INTO sessions (digest, key_id, granted, ticket_id, expires_at) VALUES (?, ?, ?, ?, ?)",
        (digest, session.key_id, _granted_text(session.granted), session.ticket_id, time_text(session.expires_at)),
    )
    audit.note(tx, session.tenant, "session.started", session.opened_by)


def get(tx: Read, digest: bytes) -> Session | None:
    """A session, be it expired."""
    row = tx.row(f"SELECT {_COLUMNS} FROM sessions WHERE digest = ?", (digest,))
    return None if row is None else _session(row)


def end(tx: Write, digest: bytes) -> None:
    """Remove a session; nothing happens where there is none."""
    row = tx.row(f"DELETE FROM sessions WHERE digest = ? RETURNING {_COLUMNS}", (digest,))
    if row is not None:
        ended = _session(row)
        audit.note(tx, ended.tenant, "session.ended", ended.opened_by)


def every(tx: Read) -> list[tuple[str, datetime]]:
    """Who has a session, and until when; the one that ends first comes first."""
    return sorted(((found.opened_by, found.expires_at) for _, found in _all(tx)), key=lambda pair: pair[::-1])


def end_of(tx: Write, opened_by: str | None) -> int:
    """End the sessions of a person or key, None: of everyone. Returns how many."""
    return _end(tx, [digest for digest, session in _all(tx) if opened_by in (None, session.opened_by)])


def leave_tenant(tx: Write, tenant: TenantId) -> int:
    """End the sessions that were granted for this tenant by name. Returns how many."""
    named = [(digest, session.granted) for digest, session in _all(tx) if session.granted is not None]
    return _end(tx, [digest for digest, granted in named if tenant in (granted.tenants or ())])


def _all(tx: Read) -> list[tuple[bytes, Session]]:
    return [(row["digest"], _session(row)) for row in tx.rows(f"SELECT digest, {_COLUMNS} FROM sessions")]


def _end(tx: Write, digests: Sequence[bytes]) -> int:
    for digest in digests:
        end(tx, digest)
    return len(digests)


def _session(row: Row) -> Session:
    granted = None
    if row["granted"] is not None:
        stored = json.loads(row["granted"])
        tenants = stored["tenants"]
        granted = Credential.of(
            stored["name"], Role(stored["role"]), tenants and tuple(TenantId(tenant) for tenant in tenants)
        )
    return Session(row["key_id"], granted, parse_time(row["expires_at"]), row["ticket_id"])


def _granted_text(granted: Credential | None) -> str | None:
    if granted is None:
        return None
    return json.dumps({"name": granted.name, "role": granted.role, "tenants": granted.tenants}, ensure_ascii=False)
