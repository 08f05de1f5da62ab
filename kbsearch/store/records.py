"""What a solution has gathered: tickets, failures, what agents said, flags, and what leads decided about its links."""

from __future__ import annotations

from kbsearch.model import SolutionRef, TenantId
from kbsearch.store.port import Write

GATHERED = ("feedback", "failures", "flags", "apart", "link_decisions")
"""Tables of what ends with a solution; tickets stay when it ends."""

TABLES = ("tickets", *GATHERED)
"""All have ``tenant``, ``solution_tenant``, ``solution_id``, and where a merge moved the row from (``merged_from``)."""

# Two rows may become one, as when an agent judged both articles: the one that is there stays.
_MOVED = (
    "UPDATE @free {table} SET solution_tenant = :to_tenant, solution_id = :to_id {merged_from}"
    " WHERE {whose} AND solution_tenant = :from_tenant AND solution_id = :from_id"
)
_MERGED_FROM = (
    ", merged_from_tenant = coalesce(merged_from_tenant, solution_tenant),"
    " merged_from_id = coalesce(merged_from_id, solution_id)"
)
_ANYBODYS = "tenant IN (SELECT id FROM tenants)"


def move(tx: Write, ref: SolutionRef, to: SolutionRef, of: TenantId | None = None, *, by_merge: bool = False) -> None:
    """Let another solution have what one has gathered.

    Args:
        tx: the transaction.
        ref: the solution that had it.
        to: the solution that has it from now on.
        of: the tenant whose records move; None for those of every tenant.
        by_merge: whether the rows note where they came from, so that the merge can be taken back.
    """
    where = {
        "from_tenant": ref.tenant, "from_id": ref.id, "to_tenant": to.tenant, "to_id": to.id, "of": of,
    }  # fmt: skip
    whose = _ANYBODYS if of is None else "tenant = :of"
    for table in TABLES:
        merged_from = _MERGED_FROM if by_merge else ""
        tx.execute(_MOVED.format(table=table, merged_from=merged_from, whose=whose), where)


def end(tx: Write, ref: SolutionRef) -> dict[TenantId, int]:
    """A solution ends: its tickets wait for review without one, the rest of what it gathered goes.

    Returns how many tickets of each tenant lost it.
    """
    rows = tx.rows(
        f"SELECT tenant, count(*) AS n FROM tickets WHERE {_ANYBODYS} AND solution_tenant = ? AND solution_id = ?"
        " GROUP BY tenant",
        (ref.tenant, ref.id),
    )
    tx.execute(
        "UPDATE tickets SET solution_tenant = NULL, solution_id = NULL, outcome = 'needs_review',"
        " merged_from_tenant = NULL, merged_from_id = NULL"
        f" WHERE {_ANYBODYS} AND solution_tenant = ? AND solution_id = ?",
        (ref.tenant, ref.id),
    )
    drop(tx, ref)
    return {TenantId(row["tenant"]): row["n"] for row in rows}


def drop(tx: Write, ref: SolutionRef) -> None:
    """Remove what a solution gathered but for its tickets: none of it counts for a later one of the same id."""
    for table in GATHERED:
        tx.execute(
            f"DELETE FROM {table} WHERE {_ANYBODYS} AND solution_tenant = ? AND solution_id = ?", (ref.tenant, ref.id)
        )
