"""Solutions with their evidence: articles and the common fixes of tickets."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kbsearch.errors import Conflict
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
from kbsearch.store import editions, evidence, fixes, records
from kbsearch.store.columns import list_text, parse_list, parse_time, time_text
from kbsearch.store.port import Read, Row, Write
from kbsearch.store.statements import LISTED, LISTED_BYTES, bytes_text, marks, upsert

# Tickets are found by tenant and solution. A shared solution may have tickets of any tenant.
_ANY_TENANT = "(SELECT id FROM tenants)"
_WITH_MERGES = "FROM solutions LEFT JOIN merges ON merges.tenant = solutions.tenant AND merges.id = solutions.id"
# Neither archived nor merged into what is.
_LIVE = (
    "state != 'archived' AND NOT EXISTS (SELECT 1 FROM solutions AS last WHERE last.tenant = end_tenant"
    " AND last.id = end_id AND last.state = 'archived')"
)
# A shared solution that the tenant has its own edition of is not seen. Bound to the tenant, twice.
_NOT_HIDDEN = (
    "(solutions.tenant = ? OR NOT EXISTS"
    " (SELECT 1 FROM solutions AS own WHERE own.tenant = ? AND own.id = solutions.id))"
)
_FROM_TICKET = (
    "tenant", "id", "kind", "title", "issue", "environment", "cause", "resolution", "fix_digest", "tags", "language",
    "state", "version", "created_at", "updated_at",
)  # fmt: skip
_PUT = (
    upsert(
        "solutions",
        _FROM_TICKET,
        ("tenant", "id"),
        "version = solutions.version + 1, created_at = solutions.created_at",
    )
    + " WHERE solutions.kind = 'ticket'"  # an article is never overwritten by a ticket
)


_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Known:
    """The text of a solution. ``ref`` is the solution it was merged into, or itself."""

    ref: SolutionRef
    kind: SolutionKind
    title: str
    resolution: str


def find(tx: Read, scope: Scope, id: str) -> SolutionRef | None:
    """The solution of this id that the scope sees, its own before a shared one; that which it was merged into."""
    return find_many(tx, scope, [id])[id]


def find_many(tx: Read, scope: Scope, ids: Sequence[str]) -> dict[str, SolutionRef | None]:
    """The result of find() for each id."""
    rows = tx.rows(
        f"SELECT solutions.tenant, solutions.id, end_tenant, end_id {_WITH_MERGES}"
        f" WHERE solutions.tenant IN ({marks(scope.tenants)}) AND solutions.id IN {LISTED}",
        (*scope.tenants, list_text(ids)),
    )
    found = _ends(tx, scope, {(row["tenant"], row["id"]): row for row in rows})
    return {id: next((found[tenant, id] for tenant in scope.tenants if (tenant, id) in found), None) for id in ids}


def with_same_fixes(tx: Read, scope: Scope, fix_digests: Sequence[bytes]) -> dict[bytes, SolutionRef | None]:
    """For each a solution in scope with the same fix, or what it was merged into; own before shared, then the oldest.

    Archived ones are left out.
    """
    rows = tx.rows(
        f"SELECT solutions.tenant, solutions.id, fix_digest, end_tenant, end_id {_WITH_MERGES} WHERE {_LIVE}"
        f" AND resolution != '' AND solutions.tenant IN ({marks(scope.tenants)}) AND fix_digest IN {LISTED_BYTES}"
        f" AND {_NOT_HIDDEN} ORDER BY solutions.created_at DESC, solutions.id DESC",
        (*scope.tenants, bytes_text(fix_digests), scope.tenant, scope.tenant),
    )
    oldest = _ends(tx, scope, {(row["tenant"], row["fix_digest"]): row for row in rows})
    return {
        fix: next((oldest[tenant, fix] for tenant in scope.tenants if (tenant, fix) in oldest), None)
        for fix in fix_digests
    }


def resolutions(tx: Read, scope: Scope, refs: Collection[SolutionRef]) -> dict[SolutionRef, Known]:
    """The texts of solutions by the solution they were merged into, without archived ones and those out of scope."""
    rows = tx.rows(
        f"SELECT solutions.tenant, solutions.id, kind, title, resolution, end_tenant, end_id {_WITH_MERGES}"
        f" WHERE {_LIVE} AND solutions.tenant IN ({marks(scope.tenants)}) AND solutions.id IN {LISTED}"
        f" AND {_NOT_HIDDEN}",
        (*scope.tenants, list_text([ref.id for ref in refs]), scope.tenant, scope.tenant),
    )
    ends = _ends(tx, scope, {(row["tenant"], row["id"]): row for row in rows})
    return {
        ref: Known(ends[ref.tenant, ref.id], SolutionKind(row["kind"]), row["title"], row["resolution"])
        for row in rows
        if (ref := SolutionRef(TenantId(row["tenant"]), row["id"])) in refs
    }


def archived(tx: Read, scope: Scope, refs: Collection[SolutionRef]) -> set[SolutionRef]:
    """Those of the solutions that are archived for the scope; of a shared one the tenant's own edition counts."""
    rows = tx.rows(
        f"SELECT tenant, id, state FROM solutions WHERE tenant IN ({marks(scope.tenants)}) AND id IN {LISTED}",
        (*scope.tenants, list_text(sorted({ref.id for ref in refs}))),
    )
    states = {(row["tenant"], row["id"]): row["state"] for row in rows}
    return {
        ref
        for ref in refs
        if states.get((scope.tenant, ref.id), states.get((ref.tenant, ref.id))) == ArticleState.ARCHIVED
    }


def put_from_ticket(
    tx: Write,
    ref: SolutionRef,
    ticket: Ticket,
    resolution: Resolution,
    fix_digest: bytes,
    language: str | None,
    statements: Sequence[bytes] = (),
) -> None:
    """Form a solution from one ticket's fix, not validated; replace it if it was formed before.

    ``statements`` are those of the fix (text.fixes).

    Raises:
        Conflict: there is an article of this id.
    """
    now = time_text(tx.now)
    formed = tx.execute(
        _PUT,
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
            "version": 1,
            "created_at": now,
            "updated_at": now,
        },
    )
    if not formed:
        raise Conflict("an article has the id of this solution")
    fixes.put(tx, ref, statements)


def existing(tx: Read, scope: Scope, ids: Sequence[str]) -> list[str]:
    """Those of the ids under which there is a solution in scope, archived and merged ones included."""
    rows = tx.rows(
        f"SELECT id FROM solutions WHERE tenant IN ({marks(scope.tenants)}) AND id IN {LISTED}",
        (*scope.tenants, list_text(ids)),
    )
    return [row["id"] for row in rows]


def exists(tx: Read, ref: SolutionRef) -> bool:
    """Whether there is a solution of this id, archived and merged ones included."""
    return tx.row("SELECT 1 FROM solutions WHERE tenant = ? AND id = ?", (ref.tenant, ref.id)) is not None


def tickets_of(tx: Read, refs: Collection[SolutionRef]) -> dict[SolutionRef, int]:
    """The number of tickets linked to each; 0 for anything but a ticket solution."""
    rows = tx.rows(
        "SELECT solutions.tenant, solutions.id, count(*) AS n FROM solutions JOIN tickets"
        f" ON tickets.tenant IN {_ANY_TENANT} AND solution_tenant = solutions.tenant AND solution_id = solutions.id"
        " WHERE kind = 'ticket'"
        f" AND solutions.tenant IN {LISTED} AND solutions.id IN {LISTED} GROUP BY solutions.tenant, solutions.id",
        (list_text(sorted({ref.tenant for ref in refs})), list_text([ref.id for ref in refs])),
    )
    found = {(row["tenant"], row["id"]): row["n"] for row in rows}
    return {ref: found.get((ref.tenant, ref.id), 0) for ref in refs}


def linked_tickets(tx: Read, ref: SolutionRef) -> list[tuple[TenantId, str]]:
    """The tickets of a ticket solution, of every tenant, in the order in which they were resolved.

    Empty for an article, and for a solution that does not exist.
    """
    rows = tx.rows(
        "SELECT tickets.tenant, tickets.id FROM solutions JOIN tickets ON solution_tenant = solutions.tenant"
        f" AND solution_id = solutions.id AND tickets.tenant IN {_ANY_TENANT}"
        " WHERE solutions.tenant = ? AND solutions.id = ? AND kind = 'ticket'"
        " ORDER BY used_at, tickets.tenant, tickets.id",
        (ref.tenant, ref.id),
    )
    return [(TenantId(row["tenant"]), row["id"]) for row in rows]


def drop_formed(tx: Write, ref: SolutionRef) -> None:
    """Remove a ticket solution; articles stay. Its tickets must be linked elsewhere in the same transaction."""
    if tx.execute("DELETE FROM solutions WHERE tenant = ? AND id = ? AND kind = 'ticket'", (ref.tenant, ref.id)):
        fixes.drop(tx, ref)
        records.drop(tx, ref)


def many(tx: Read, scope: Scope, refs: Sequence[SolutionRef]) -> dict[SolutionRef, Solution]:
    """The solutions with their evidence. Refs outside the scope, unknown or archived are left out.

    A shared article that the tenant has its own edition of (same id) is left out as well.
    """
    seen = [ref for ref in dict.fromkeys(refs) if ref.tenant in scope.tenants]
    if not seen:
        return {}
    ids = list({ref.id for ref in seen})
    rows = tx.rows(
        f"SELECT * FROM solutions WHERE tenant IN ({marks(scope.tenants)}) AND id IN {LISTED}",
        (*scope.tenants, list_text(ids)),
    )
    by_ref = {(row["tenant"], row["id"]): row for row in rows}
    visible = {key: ArticleState(row["state"]) for key, row in by_ref.items()}
    shown = [ref for ref in seen if _is_shown(ref, scope, visible)]
    counted = evidence.evidence_for(tx, scope, shown)
    solutions: dict[SolutionRef, Solution] = {}
    for ref in shown:
        row = by_ref[ref.tenant, ref.id]
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
            audience=row["audience"],
            evidence=counted.get(ref, Evidence()),
        )
    return solutions


def _ends(tx: Read, scope: Scope, rows: Mapping[_Key, Row]) -> dict[_Key, SolutionRef]:
    """What each row's solution was merged into, itself where it was not, as the scope sees it."""
    ends = {key: _end(row) for key, row in rows.items()}
    elsewhere = [end for key, end in ends.items() if rows[key]["end_id"] is not None]
    seen = editions.seen(tx, scope, elsewhere) if elsewhere else {}
    return {key: seen.get(end, end) if rows[key]["end_id"] is not None else end for key, end in ends.items()}


def _end(row: Row) -> SolutionRef:
    """What a row's solution was merged into, itself where it was not."""
    if row["end_id"] is not None:
        return SolutionRef(TenantId(row["end_tenant"]), row["end_id"])
    return SolutionRef(TenantId(row["tenant"]), row["id"])


def _is_shown(ref: SolutionRef, scope: Scope, visible: Mapping[tuple[str, str], ArticleState]) -> bool:
    """Whether it exists, is not archived, and the tenant has no edition of its own of a shared article."""
    overridden = ref.tenant != scope.tenant and (scope.tenant, ref.id) in visible
    return not overridden and visible.get((ref.tenant, ref.id), ArticleState.ARCHIVED) != ArticleState.ARCHIVED
