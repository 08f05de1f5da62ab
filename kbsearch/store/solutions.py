"""Solutions with their evidence: articles and the common fixes of tickets."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from kbsearch.model import (
    ArticleState,
    Evidence,
    Resolution,
    Scope,
    Solution,
    SolutionKind,
    SolutionRef,
    TenantId,
    Ticket,
)
from kbsearch.store.columns import list_text, marks, parse_list, parse_optional_time, parse_time, time_text
from kbsearch.store.database import Read, Write

_EXAMPLES = 5
_TIMES_CONSIDERED = 50


def find(tx: Read, scope: Scope, id: str) -> SolutionRef | None:
    """The solution of this id that the scope sees, its own before a shared one."""
    rows = tx.rows(
        f"SELECT tenant FROM solutions WHERE id = ? AND tenant IN ({marks(scope.tenants)})", (id, *scope.tenants)
    )
    found = {row["tenant"] for row in rows}
    return next((SolutionRef(tenant, id) for tenant in scope.tenants if tenant in found), None)


def with_same_fix(tx: Read, scope: Scope, fix_digest: bytes) -> SolutionRef | None:
    """A solution in scope whose resolution reads the same, archived ones left out, own before shared."""
    rows = tx.rows(
        f"SELECT tenant, id FROM solutions WHERE fix_digest = ? AND state != 'archived' AND resolution != ''"
        f" AND tenant IN ({marks(scope.tenants)}) ORDER BY created_at",
        (fix_digest, *scope.tenants),
    )
    refs = [SolutionRef(TenantId(row["tenant"]), row["id"]) for row in rows]
    return next((ref for tenant in scope.tenants for ref in refs if ref.tenant == tenant), None)


def put_from_ticket(
    tx: Write, ref: SolutionRef, ticket: Ticket, resolution: Resolution, fix_digest: bytes, language: str | None
) -> None:
    """Form a solution from one ticket's fix, not validated; replace it if it was formed before."""
    before = tx.row("SELECT version, created_at FROM solutions WHERE tenant = ? AND id = ?", (ref.tenant, ref.id))
    now = time_text(tx.now)
    tx.db.table("solutions").upsert(
        {
            "tenant": ref.tenant,
            "id": ref.id,
            "kind": SolutionKind.TICKET,
            "title": ticket.subject,
            "issue": "[]",
            "environment": list_text(ticket.environment),
            "cause": resolution.cause,
            "resolution": resolution.text,
            "fix_digest": fix_digest,
            "tags": "[]",
            "language": language,
            "state": ArticleState.NOT_VALIDATED,
            "version": 1 if before is None else before["version"] + 1,
            "created_at": now if before is None else before["created_at"],
            "updated_at": now,
        },
        pk=("tenant", "id"),
    )


def formed_by_one_ticket(tx: Read, ref: SolutionRef) -> bool:
    """Whether it is a ticket solution with exactly one ticket linked to it."""
    row = tx.row(
        "SELECT count(*) AS n FROM solutions JOIN tickets ON solution_tenant = solutions.tenant"
        " AND solution_id = solutions.id WHERE solutions.tenant = ? AND solutions.id = ? AND kind = 'ticket'",
        (ref.tenant, ref.id),
    )
    return row is not None and row["n"] == 1


def first_ticket(tx: Read, ref: SolutionRef) -> str | None:
    """The id of the ticket that a ticket solution would be formed from now: the first one linked to it."""
    row = tx.row(
        "SELECT tickets.id FROM solutions JOIN tickets ON solution_tenant = solutions.tenant"
        " AND solution_id = solutions.id AND tickets.tenant = solutions.tenant"
        " WHERE solutions.tenant = ? AND solutions.id = ? AND kind = 'ticket' ORDER BY resolved_at, tickets.id",
        (ref.tenant, ref.id),
    )
    return None if row is None else row["id"]


def drop_if_unused(tx: Write, ref: SolutionRef) -> None:
    """Remove a ticket solution that no ticket is linked to any more."""
    tx.execute(
        "DELETE FROM solutions WHERE tenant = ? AND id = ? AND kind = 'ticket' AND NOT EXISTS"
        " (SELECT 1 FROM tickets WHERE solution_tenant = solutions.tenant AND solution_id = solutions.id)",
        (ref.tenant, ref.id),
    )


def many(tx: Read, scope: Scope, refs: Sequence[SolutionRef]) -> dict[SolutionRef, Solution]:
    """The solutions with their evidence. Refs outside the scope, unknown or archived are left out.

    A shared article that the tenant has its own edition of (same id) is left out as well.
    """
    seen = [ref for ref in dict.fromkeys(refs) if ref.tenant in scope.tenants]
    if not seen:
        return {}
    ids = list({ref.id for ref in seen})
    rows = tx.rows(
        f"SELECT * FROM solutions WHERE tenant IN ({marks(scope.tenants)}) AND id IN ({marks(ids)})",
        (*scope.tenants, *ids),
    )
    by_ref = {SolutionRef(TenantId(row["tenant"]), row["id"]): row for row in rows}
    evidence = _evidence(tx, scope, ids)
    solutions: dict[SolutionRef, Solution] = {}
    for ref in seen:
        row = by_ref.get(ref)
        overridden = ref.tenant != scope.tenant and SolutionRef(scope.tenant, ref.id) in by_ref
        if row is None or row["state"] == ArticleState.ARCHIVED or overridden:
            continue
        solutions[ref] = Solution(
            ref=ref,
            kind=SolutionKind(row["kind"]),
            title=row["title"],
            resolution=row["resolution"],
            cause=row["cause"],
            environment=parse_list(row["environment"]),
            language=row["language"],
            state=ArticleState(row["state"]),
            updated_at=parse_time(row["updated_at"]),
            evidence=evidence.get(ref, Evidence()),
        )
    return solutions


def _evidence(tx: Read, scope: Scope, ids: Sequence[str]) -> dict[SolutionRef, Evidence]:
    """Counted over the scope's own tenant: nobody learns how often another tenant had a problem."""
    wanted = (scope.tenant, *scope.tenants, *ids)
    where = f"tenant = ? AND solution_tenant IN ({marks(scope.tenants)}) AND solution_id IN ({marks(ids)})"
    counts = tx.rows(
        "SELECT solution_tenant, solution_id, count(*) AS tickets, sum(status = 'resolved') AS resolved,"
        f" max(resolved_at) AS last_used_at FROM tickets WHERE {where} GROUP BY solution_tenant, solution_id",
        wanted,
    )
    feedback = tx.rows(
        "SELECT solution_tenant, solution_id, sum(outcome IN ('solved', 'helpful')) AS solved,"
        " sum(outcome IN ('not_relevant', 'outdated', 'wrong')) AS failed"
        f" FROM feedback WHERE {where} GROUP BY solution_tenant, solution_id",
        wanted,
    )
    latest = tx.rows(
        "SELECT solution_tenant, solution_id, id, minutes_spent, n FROM (SELECT *, row_number() OVER"
        " (PARTITION BY solution_tenant, solution_id ORDER BY resolved_at DESC, id) AS n FROM tickets"
        f" WHERE {where} AND status = 'resolved') WHERE n <= {_TIMES_CONSIDERED} ORDER BY n",
        wanted,
    )
    votes = {(row["solution_tenant"], row["solution_id"]): (row["solved"], row["failed"]) for row in feedback}
    used = {(row["solution_tenant"], row["solution_id"]): row for row in counts}
    recent: dict[tuple[str, str], list[tuple[str, int | None]]] = {}
    for row in latest:
        recent.setdefault((row["solution_tenant"], row["solution_id"]), []).append((row["id"], row["minutes_spent"]))
    evidence: dict[SolutionRef, Evidence] = {}
    for key in votes.keys() | used.keys():
        solved, failed = votes.get(key, (0, 0))
        tickets = resolved = 0
        last_used_at = None
        if row := used.get(key):
            tickets, resolved, last_used_at = row["tickets"], row["resolved"], row["last_used_at"]
        minutes = [spent for _, spent in recent.get(key, []) if spent is not None]
        evidence[SolutionRef(TenantId(key[0]), key[1])] = Evidence(
            tickets=tickets,
            solved=resolved + solved,
            failed=tickets - resolved + failed,
            last_used_at=parse_optional_time(last_used_at),
            examples=tuple(id for id, _ in recent.get(key, [])[:_EXAMPLES]),
            typical_minutes=round(median(minutes)) if minutes else None,
        )
    return evidence
