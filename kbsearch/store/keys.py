"""Keys of callers: their digests, never the keys themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from kbsearch.model import Key, Role, TenantId, Tenants
from kbsearch.store import audit
from kbsearch.store.columns import parse_optional_time, parse_time, time_text
from kbsearch.store.port import Read, Row, Write


def put_new(tx: Write, key: Key, digest: bytes) -> None:
    tx.execute(
        "INSERT INTO keys (id, digest, label, role, tenants, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            key.id,
            digest,
            key.label,
            key.role,
            json.dumps(key.tenants),
            time_text(key.created_at),
            time_text(key.expires_at),
        ),
    )
    audit.note(tx, None, "key.created", key.id, f"{key.role} {_tenants_words(key.tenants)}")


def get(tx: Read, id: str) -> tuple[Key, bytes] | None:
    """A key and its digest, revoked and expired ones too."""
    row = tx.row("SELECT * FROM keys WHERE id = ?", (id,))
    return None if row is None else (_key(row), row["digest"])


def every(tx: Read) -> list[Key]:
    """All keys ever created, the oldest first."""
    return [_key(row) for row in tx.rows("SELECT * FROM keys ORDER BY created_at, id")]


def any_created(tx: Read) -> bool:
    """Whether a key was ever created, be it revoked since."""
    return tx.row("SELECT 1 FROM keys LIMIT 1") is not None


def revoke(tx: Write, id: str) -> bool:
    """False if it was revoked before."""
    done = tx.execute("UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (time_text(tx.now), id))
    if done:
        audit.note(tx, None, "key.revoked", id)
    return bool(done)


def leave_tenant(tx: Write, tenant: TenantId) -> tuple[int, int]:
    """No key acts for this tenant by name any more: those for it alone are revoked, the others lose it.

    Keys for every tenant stay as they are. Returns how many were revoked, and how many lost it.
    """
    revoked = narrowed = 0
    for key in every(tx):
        if key.tenants is None or tenant not in key.tenants or key.revoked_at is not None:
            continue
        left = tuple(one for one in key.tenants if one != tenant)
        if left:
            tx.execute("UPDATE keys SET tenants = ? WHERE id = ?", (json.dumps(left), key.id))
            audit.note(tx, None, "key.narrowed", key.id, _tenants_words(left))
            narrowed += 1
        else:
            revoke(tx, key.id)
            revoked += 1
    return revoked, narrowed


def expire(tx: Write, id: str, at: datetime) -> None:
    """Let a key end at a time; one that ends earlier stays as it is."""
    tx.execute(
        "UPDATE keys SET expires_at = :at WHERE id = :id AND (expires_at IS NULL OR expires_at > :at)",
        {"at": time_text(at), "id": id},
    )
    audit.note(tx, None, "key.expiring", id)


def note_uses(tx: Write, uses: Mapping[str, datetime]) -> None:
    """When keys were last used. No change that anybody made, so the audit log is left out."""
    tx.executemany(
        "UPDATE keys SET last_used_at = ? WHERE id = ? AND coalesce(last_used_at, '') < ?",
        [(time_text(at), id, time_text(at)) for id, at in uses.items()],
    )


def _tenants_words(tenants: Tenants) -> str:
    return "every tenant" if tenants is None else " ".join(tenants)


def _key(row: Row) -> Key:
    tenants = json.loads(row["tenants"])
    return Key(
        id=row["id"],
        label=row["label"],
        role=Role(row["role"]),
        tenants=None if tenants is None else tuple(TenantId(one) for one in tenants),
        created_at=parse_time(row["created_at"]),
        expires_at=parse_optional_time(row["expires_at"]),
        revoked_at=parse_optional_time(row["revoked_at"]),
        last_used_at=parse_optional_time(row["last_used_at"]),
    )
