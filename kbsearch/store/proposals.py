"""Articles that may be copies of one another, proposed for merging."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kbsearch.model import SHARED, Scope, SolutionRef, TenantId
from kbsearch.store import audit
from kbsearch.store.columns import time_text
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import marks, upsert

_PROGRESS = "merge proposals"
_PUT_PROGRESS = upsert("progress", ("name", "seq"), ("name",))
# What one of the two has become since: archived, merged, or gone.
_LIVE = (
    "EXISTS (SELECT 1 FROM solutions WHERE solutions.tenant = {tenant} AND solutions.id = {id} AND kind = 'article'"
    " AND state != 'archived' AND NOT EXISTS"
    " (SELECT 1 FROM merges WHERE merges.tenant = solutions.tenant AND merges.id = solutions.id))"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two articles of one tenant, or a tenant's and a shared one. ``likeness`` is the share of common terms, 0 .. 1."""

    article: SolutionRef
    other: SolutionRef
    likeness: float


def pair(one: SolutionRef, other: SolutionRef) -> tuple[SolutionRef, SolutionRef]:
    """In the order in which the two are stored: a tenant's own before a shared one, else by id."""
    if one.tenant != other.tenant:
        return (other, one) if one.tenant == SHARED else (one, other)
    return (one, other) if one.id < other.id else (other, one)


def replace(tx: Write, ref: SolutionRef, likenesses: Mapping[SolutionRef, float]) -> None:
    """Put the proposals that concern an article in place of those before. What was dismissed stays dismissed."""
    tx.execute(
        "DELETE FROM merge_proposals WHERE dismissed = 0"
        " AND ((tenant = :tenant AND id = :id) OR (other_tenant = :tenant AND other_id = :id))",
        {"tenant": ref.tenant, "id": ref.id},
    )
    for found, likeness in likenesses.items():
        one, other = pair(ref, found)
        tx.execute(
            "INSERT INTO merge_proposals (tenant, id, other_tenant, other_id, likeness, dismissed, created_at)"
            " VALUES (?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
            (one.tenant, one.id, other.tenant, other.id, likeness, time_text(tx.now)),
        )


def page(tx: Read, tenant: TenantId, start: int, limit: int) -> list[Proposal]:
    """Open proposals of a tenant, the most alike first; none with a shared article that it has its own edition of."""
    rows = tx.rows(
        "SELECT * FROM merge_proposals AS found WHERE tenant = ? AND dismissed = 0"
        f" AND {_LIVE.format(tenant='found.tenant', id='found.id')}"
        f" AND {_LIVE.format(tenant='found.other_tenant', id='found.other_id')}"
        " AND (other_tenant = found.tenant OR NOT EXISTS (SELECT 1 FROM solutions AS own WHERE"
        " own.tenant = found.tenant AND own.id = found.other_id))"
        " ORDER BY likeness DESC, id, other_tenant, other_id LIMIT ? OFFSET ?",
        (tenant, limit, start),
    )
    return [
        Proposal(
            SolutionRef(TenantId(row["tenant"]), row["id"]),
            SolutionRef(TenantId(row["other_tenant"]), row["other_id"]),
            row["likeness"],
        )
        for row in rows
    ]


def dismiss(tx: Write, one: SolutionRef, other: SolutionRef) -> bool:
    """Never propose these two again. False: they were not proposed."""
    one, other = pair(one, other)
    found = tx.execute(
        "UPDATE merge_proposals SET dismissed = 1 WHERE tenant = ? AND id = ? AND other_tenant = ? AND other_id = ?",
        (one.tenant, one.id, other.tenant, other.id),
    )
    if found:
        audit.note(tx, one.tenant, "merge-proposal.dismissed", one.id, f"with {other.id}")
    return bool(found)


def move(tx: Write, ref: SolutionRef, to: SolutionRef) -> None:
    """An article moves to another tenant. What was dismissed stays dismissed; the rest is proposed again."""
    rows = tx.rows(
        "DELETE FROM merge_proposals WHERE (tenant = :tenant AND id = :id) "
        " OR (other_tenant = :tenant AND other_id = :id) RETURNING *",
        {"tenant": ref.tenant, "id": ref.id},
    )
    for row in rows:
        if row["dismissed"]:
            sides = SolutionRef(row["tenant"], row["id"]), SolutionRef(row["other_tenant"], row["other_id"])
            one, other = pair(*(to if side == ref else side for side in sides))
            tx.execute(
                "INSERT INTO merge_proposals (tenant, id, other_tenant, other_id, likeness, dismissed,"
                " created_at) VALUES (?, ?, ?, ?, ?, 1, ?) ON CONFLICT DO NOTHING",
                (one.tenant, one.id, other.tenant, other.id, row["likeness"], row["created_at"]),
            )


def progress(tx: Read) -> int:
    """The last change that was looked at."""
    row = tx.row("SELECT seq FROM progress WHERE name = ?", (_PROGRESS,))
    return 0 if row is None else row["seq"]


def are_complete(tx: Read, scope: Scope) -> bool:
    """Whether all articles in scope that changed were looked at."""
    waiting = tx.row(
        f"SELECT 1 FROM changes WHERE seq > ? AND kind = 'article' AND tenant IN ({marks(scope.tenants)}) LIMIT 1",
        (progress(tx), *scope.tenants),
    )
    return waiting is None


def put_progress(tx: Write, seq: int) -> None:
    tx.execute(_PUT_PROGRESS, {"name": _PROGRESS, "seq": seq})
