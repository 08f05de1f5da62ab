"""Articles merged into others: where they lead, and what moved with them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from kbsearch.model import Scope, SolutionRef, TenantId
from kbsearch.store import audit, editions, records
from kbsearch.store.columns import time_text
from kbsearch.store.port import Read, Write

# All that were merged into a solution, over any number of steps.
_CHAIN = (
    "WITH RECURSIVE chain (tenant, id) AS (VALUES (:tenant, :id) UNION SELECT merges.tenant, merges.id FROM merges"
    " JOIN chain ON into_tenant = chain.tenant AND into_id = chain.id)"
)
# Where a row was moved by the merge of one of the chain, and linked to nothing else since.
_MOVED_BACK = (
    f"{_CHAIN} UPDATE @free {{table}} SET solution_tenant = :tenant, solution_id = :id,"
    " merged_from_tenant = CASE WHEN merged_from_tenant = :tenant AND merged_from_id = :id THEN NULL"
    " ELSE merged_from_tenant END,"
    " merged_from_id = CASE WHEN merged_from_tenant = :tenant AND merged_from_id = :id THEN NULL"
    " ELSE merged_from_id END"
    " WHERE merged_from_id IS NOT NULL AND (merged_from_tenant, merged_from_id) IN (SELECT tenant, id FROM chain)"
)


@dataclass(frozen=True, slots=True)
class Merge:
    """``into`` is what a lead said, ``end`` where the chain of merges ends now."""

    ref: SolutionRef
    into: SolutionRef
    end: SolutionRef


def get(tx: Read, ref: SolutionRef) -> Merge | None:
    row = tx.row("SELECT * FROM merges WHERE tenant = ? AND id = ?", (ref.tenant, ref.id))
    if row is None:
        return None
    into = SolutionRef(TenantId(row["into_tenant"]), row["into_id"])
    return Merge(ref, into, SolutionRef(TenantId(row["end_tenant"]), row["end_id"]))


def ends(tx: Read, refs: Collection[SolutionRef]) -> dict[SolutionRef, SolutionRef]:
    """Where those of the solutions lead that were merged; the others are left out."""
    rows = tx.rows(
        "SELECT tenant, merges.id, end_tenant, end_id FROM @elements(?, wanted) @join merges"
        " ON tenant = @text(wanted, 0) AND merges.id = @text(wanted, 1)",
        (json.dumps([[ref.tenant, ref.id] for ref in refs]),),
    )
    return {
        SolutionRef(TenantId(tenant), id): SolutionRef(TenantId(end_tenant), end_id)
        for tenant, id, end_tenant, end_id in rows
    }


def ends_seen(tx: Read, scope: Scope, refs: Collection[SolutionRef]) -> dict[SolutionRef, SolutionRef]:
    """The solution that the tenant sees now for each of those that were shown to it.

    That is what it was merged into, the tenant's own edition of that, and the shared one where the tenant's own is
    gone: it was moved to ``shared``, or was an edition and was deleted.
    """
    present = editions.present(tx, scope, refs)
    own = editions.seen(tx, scope, present.values())
    merged = ends(tx, own.values())
    led = editions.seen(tx, scope, {merged.get(ref, ref) for ref in own.values()})
    return {ref: led[merged.get(seen := own[one], seen)] for ref, one in present.items()}


def put(tx: Write, ref: SolutionRef, into: SolutionRef, agent: str) -> None:
    """Merge an article into another one, neither of them merged before; tickets and feedback move along."""
    tx.execute(
        "INSERT INTO merges (tenant, id, into_tenant, into_id, end_tenant, end_id, agent, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (ref.tenant, ref.id, into.tenant, into.id, into.tenant, into.id, agent, time_text(tx.now)),
    )
    tx.execute(
        "UPDATE merges SET end_tenant = ?, end_id = ? WHERE end_tenant = ? AND end_id = ?",
        (into.tenant, into.id, ref.tenant, ref.id),
    )
    records.move(tx, ref, into, by_merge=True)
    editions.moved_to(tx, into)
    audit.note(tx, ref.tenant, "article.merged", ref.id, f"into {into.id}")


def undo(tx: Write, merge: Merge) -> None:
    """Take a merge back: what moved with it, and was linked to nothing else since, moves back."""
    ref = merge.ref
    for table in records.TABLES:
        tx.execute(_MOVED_BACK.format(table=table), {"tenant": ref.tenant, "id": ref.id})
    editions.moved_to(tx, ref)
    tx.execute("DELETE FROM merges WHERE tenant = ? AND id = ?", (ref.tenant, ref.id))
    tx.execute(
        f"{_CHAIN} UPDATE merges SET end_tenant = :tenant, end_id = :id"
        " WHERE (tenant, id) IN (SELECT tenant, id FROM chain)",
        {"tenant": ref.tenant, "id": ref.id},
    )
    audit.note(tx, ref.tenant, "article.unmerged", ref.id)


def lead_to(tx: Write, ref: SolutionRef, to: SolutionRef) -> None:
    """An article has another tenant from now on: what was merged into it leads there."""
    for side in ("into", "end"):
        tx.execute(
            f"UPDATE merges SET {side}_tenant = ?, {side}_id = ? WHERE {side}_tenant = ? AND {side}_id = ?",
            (to.tenant, to.id, ref.tenant, ref.id),
        )


def forget(tx: Write, ref: SolutionRef) -> list[SolutionRef]:
    """An article goes: what was merged into it stands alone again. Returns what did.

    If it was merged itself, what was merged into it leads where it led, and what moved with it stays there.
    """
    own = get(tx, ref)
    if own is not None:
        tx.execute(
            "UPDATE merges SET into_tenant = ?, into_id = ? WHERE into_tenant = ? AND into_id = ?",
            (own.into.tenant, own.into.id, ref.tenant, ref.id),
        )
        for table in records.TABLES:
            tx.execute(
                f"UPDATE {table} SET merged_from_tenant = NULL, merged_from_id = NULL"
                " WHERE merged_from_id IS NOT NULL AND merged_from_tenant = ? AND merged_from_id = ?",
                (ref.tenant, ref.id),
            )
        tx.execute("DELETE FROM merges WHERE tenant = ? AND id = ?", (ref.tenant, ref.id))
        return []
    rows = tx.rows("SELECT tenant, id FROM merges WHERE into_tenant = ? AND into_id = ?", (ref.tenant, ref.id))
    freed = [SolutionRef(TenantId(row["tenant"]), row["id"]) for row in rows]
    for one in freed:
        merge = get(tx, one)
        assert merge is not None
        undo(tx, merge)
    return freed
