"""Solutions that somebody should look at: fixes that worked but are not validated, such that fail, stale articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kbsearch.model import ArticleState, Scope, SolutionKind, SolutionRef, TenantId
from kbsearch.store.columns import parse_optional_time, parse_time, time_text
from kbsearch.store.port import Read

WORKED_OFTEN = 2
"""So many tickets prove that a fix works."""
FAILED_OFTEN = 2
"""So many tickets and agents, and a third of all, say that a fix fails."""
STALE_AFTER = timedelta(days=180)
"""An article that was neither changed nor used for so long."""


class Reason(StrEnum):
    """Why a solution should be looked at."""

    WORKED = "worked"
    FAILING = "failing"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class ToReview:
    """A solution with how it fared: tickets ``solved`` with it, tickets reopened after it and agents who say that it is
    wrong, outdated or did not work (``failed``). ``used_at`` is when a ticket was resolved with it last, None if never.
    """

    ref: SolutionRef
    kind: SolutionKind
    title: str
    state: ArticleState
    solved: int
    failed: int
    used_at: datetime | None
    updated_at: datetime


_OF = "solution_tenant = found.tenant AND solution_id = found.id"
_FAILED = (
    f"(SELECT count(*) FROM failures WHERE failures.tenant = :tenant AND {_OF} AND NOT EXISTS (SELECT 1 FROM tickets"
    " WHERE tickets.tenant = failures.tenant AND tickets.id = ticket_id AND tickets.status = 'resolved'"
    " AND tickets.solution_tenant = found.tenant AND tickets.solution_id = found.id))"
    f" + (SELECT count(DISTINCT agent) FROM feedback WHERE feedback.tenant = :tenant AND {_OF}"
    " AND outcome IN ('outdated', 'wrong', 'did_not_work'))"
)
_SOLVED = f"(SELECT count(*) FROM tickets WHERE tickets.tenant = :tenant AND {_OF} AND status = 'resolved')"
_USED_AT = f"(SELECT max(used_at) FROM tickets WHERE tickets.tenant = :tenant AND {_OF} AND status = 'resolved')"
_SEEN = (
    "found.state != 'archived' AND (found.tenant = :tenant OR NOT EXISTS"
    " (SELECT 1 FROM solutions AS own WHERE own.tenant = :tenant AND own.id = found.id))"
    " AND NOT EXISTS (SELECT 1 FROM merges WHERE merges.tenant = found.tenant AND merges.id = found.id)"
)
_USED_BY_TENANT = (
    "SELECT DISTINCT solution_tenant AS tenant, solution_id AS id FROM {table} WHERE tenant = :tenant"
    " AND solution_id IS NOT NULL"
)
_JUDGED = "(" + " UNION ".join(_USED_BY_TENANT.format(table=table) for table in ("failures", "feedback")) + ")"
_FOUND: Mapping[Reason, tuple[str, str, str]] = {
    Reason.WORKED: (
        f"({_USED_BY_TENANT.format(table='tickets')}) AS used @join solutions AS found"
        " ON found.tenant = used.tenant AND found.id = used.id",
        f"found.state = 'not_validated' AND solved >= {WORKED_OFTEN} AND failed = 0",
        "solved DESC",
    ),
    Reason.FAILING: (
        f"{_JUDGED} AS used @join solutions AS found ON found.tenant = used.tenant AND found.id = used.id",
        f"failed >= {FAILED_OFTEN} AND failed * 3 >= solved + failed",
        "failed DESC",
    ),
    Reason.STALE: (
        "solutions AS found",
        "found.tenant IN (:tenant, 'shared') AND found.kind = 'article' AND found.state != 'wip'"
        " AND found.updated_at < :long_ago AND coalesce(used_at, '') < :long_ago",
        "coalesce(used_at, '')",
    ),
}  # fmt: skip
"""Among which solutions each reason is looked for, when it holds, and which come first."""


def page(tx: Read, scope: Scope, reason: Reason, now: datetime, start: int, most: int) -> list[ToReview]:
    """Solutions that the tenant sees, ``start`` of them left out; how they fared at this tenant only."""
    among, holds, order = _FOUND[reason]
    rows = tx.rows(
        f"SELECT * FROM (SELECT found.tenant, found.id, found.kind, title, state, {_SOLVED} AS solved,"
        f" {_FAILED} AS failed, {_USED_AT} AS used_at, updated_at FROM {among} WHERE {_SEEN}) AS found"
        f" WHERE {holds} ORDER BY {order}, tenant, id LIMIT :most OFFSET :start",
        {"tenant": scope.tenant, "long_ago": time_text(now - STALE_AFTER), "most": most, "start": start},
    )
    return [
        ToReview(
            SolutionRef(TenantId(row["tenant"]), row["id"]),
            SolutionKind(row["kind"]),
            row["title"],
            ArticleState(row["state"]),
            row["solved"],
            row["failed"],
            parse_optional_time(row["used_at"]),
            parse_time(row["updated_at"]),
        )
        for row in rows
    ]


def waiting(tx: Read, tenant: TenantId) -> dict[str, int]:
    """How many tickets wait for review, and how many flags are open."""
    row = tx.row(
        "SELECT (SELECT count(*) FROM tickets WHERE tenant = :tenant AND outcome = 'needs_review'),"
        " (SELECT count(*) FROM flags WHERE tenant = :tenant)",
        {"tenant": tenant},
    )
    assert row is not None
    return {"needs_review": row[0], "flags": row[1]}
