"""How often and how lately solutions worked, by tickets and feedback: for ranking, and to be shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from statistics import median

from kbsearch.model import ArticleState, Evidence, Scope, SolutionRef, Standing, TenantId
from kbsearch.store.columns import LISTED, list_text, marks, parse_optional_time
from kbsearch.store.database import Read

_TICKETS_COUNTED = (
    "SELECT solution_tenant, solution_id, sum(status = 'resolved') AS solved, sum(status != 'resolved') AS failed,"
    " max(resolved_at) AS last_used_at FROM tickets"
    f" WHERE tenant = ? AND solution_tenant IN ({{scope}}) AND solution_id IN {LISTED}"
    " GROUP BY solution_tenant, solution_id"
)
_FEEDBACK_COUNTED = (
    "SELECT solution_tenant, solution_id, sum(outcome IN ('solved', 'helpful')) AS solved,"
    " sum(outcome IN ('not_relevant', 'outdated', 'wrong')) AS failed FROM feedback"
    f" WHERE tenant = ? AND solution_tenant IN ({{scope}}) AND solution_id IN {LISTED}"
    " GROUP BY solution_tenant, solution_id"
)
# By index alone, each solution by itself: an IN of tenants and one of ids would look up every pair of the two.
_OF_TENANT = "WHERE tenant = :tenant AND solution_tenant = found.tenant AND solution_id = found.id"
_STANDINGS = (
    "SELECT found.tenant, found.id, state,"
    f" (SELECT count(*) FROM tickets {_OF_TENANT} AND status = 'resolved'),"
    f" (SELECT count(*) FROM tickets {_OF_TENANT} AND status != 'resolved'),"
    f" (SELECT count(DISTINCT agent) FROM feedback {_OF_TENANT} AND outcome IN ('solved', 'helpful')),"
    f" (SELECT count(DISTINCT agent) FROM feedback {_OF_TENANT} AND outcome IN ('not_relevant', 'outdated', 'wrong'))"
    " FROM json_each(:refs) AS wanted CROSS JOIN solutions AS found INDEXED BY idx_solutions_tenant_id_state"
    " ON found.tenant = json_extract(wanted.value, '$[0]') AND found.id = json_extract(wanted.value, '$[1]')"
    " WHERE state != 'archived' AND (found.tenant = :tenant OR NOT EXISTS"
    " (SELECT 1 FROM solutions AS own WHERE own.tenant = :tenant AND own.id = found.id))"
)
_STATES = {str(state): state for state in ArticleState}
_HALF_AS_RECENT = (200, 40)  # tickets
RECENT_TICKETS = 600
"""So many of a tenant's latest resolved tickets are looked at for what is needed now."""

_EXAMPLES = 5
_TIMES_CONSIDERED = 50


Uses = Mapping[tuple[str, str], Sequence[int]]
"""Tenant and id of solutions that the latest tickets were resolved with → how many tickets came after each of these."""


def standings(
    tx: Read, scope: Scope, refs: Sequence[SolutionRef], uses: Uses | None = None
) -> dict[SolutionRef, Standing]:
    """What ranking needs of solutions; those that many() leaves out are missing. ``uses``: where known already."""
    wanted = {(ref.tenant, ref.id): ref for ref in refs if ref.tenant in scope.tenants}
    rows = tx.rows(_STANDINGS, {"refs": json.dumps(list(wanted)), "tenant": scope.tenant})
    uses = latest_uses(tx, scope) if uses is None else uses
    return {
        wanted[tenant, id]: Standing(
            _STATES[state], resolved + helped, reopened + misled, resolved, *recency(uses.get((tenant, id), ()))
        )
        for tenant, id, state, resolved, reopened, helped, misled in rows
    }


def recency(places: Sequence[int]) -> tuple[float, float]:
    """How many of the latest tickets these are, older ones counting less, and how many of the very latest.

    ``places`` tell how many tickets came after each.
    """
    near = [place for place in places if place < RECENT_TICKETS]
    recent, latest = (sum(0.5 ** (place / half) for place in near) for half in _HALF_AS_RECENT)
    return recent, latest


def latest_uses(tx: Read, scope: Scope) -> Uses:
    rows = tx.rows(
        "SELECT solution_tenant, solution_id FROM tickets"
        " INDEXED BY idx_tickets_tenant_status_resolved_at_solution_tenant_solution_id"
        " WHERE tenant = ? AND status = 'resolved' ORDER BY resolved_at DESC LIMIT ?",
        (scope.tenant, RECENT_TICKETS),
    )
    places: dict[tuple[str, str], list[int]] = {}
    for place, (tenant, id) in enumerate(rows):
        if id is not None:
            places.setdefault((tenant, id), []).append(place)
    return places


def of(tx: Read, scope: Scope, ids: Sequence[str]) -> dict[SolutionRef, Evidence]:
    """Of solutions by id, counted over the scope's own tenant: nobody learns how often another had a problem."""
    wanted = (scope.tenant, *scope.tenants, list_text(ids))
    counts = tx.rows(_TICKETS_COUNTED.format(scope=marks(scope.tenants)), wanted)
    feedback = tx.rows(_FEEDBACK_COUNTED.format(scope=marks(scope.tenants)), wanted)
    latest = tx.rows(
        "SELECT solution_tenant, solution_id, tickets.id, minutes_spent, resolved_at FROM tickets WHERE rowid IN"
        " (SELECT newest.rowid FROM json_each(?) AS solution, tickets AS newest WHERE newest.rowid IN"
        "  (SELECT rowid FROM tickets WHERE tenant = ? AND solution_tenant = json_extract(solution.value, '$[0]')"
        "   AND solution_id = json_extract(solution.value, '$[1]') AND status = 'resolved'"
        f"  ORDER BY resolved_at DESC, id LIMIT {_TIMES_CONSIDERED})) ORDER BY resolved_at DESC, id",
        (json.dumps([[row["solution_tenant"], row["solution_id"]] for row in counts]), scope.tenant),
    )
    votes = {(row["solution_tenant"], row["solution_id"]): (row["solved"], row["failed"]) for row in feedback}
    used = {(row["solution_tenant"], row["solution_id"]): row for row in counts}
    recent: dict[tuple[str, str], list[tuple[str, int | None]]] = {}
    for row in latest:
        recent.setdefault((row["solution_tenant"], row["solution_id"]), []).append((row["id"], row["minutes_spent"]))
    evidence: dict[SolutionRef, Evidence] = {}
    for key in votes.keys() | used.keys():
        solved, failed = votes.get(key, (0, 0))
        row = used.get(key)
        minutes = [spent for _, spent in recent.get(key, []) if spent is not None]
        evidence[SolutionRef(TenantId(key[0]), key[1])] = Evidence(
            tickets=row["solved"] + row["failed"] if row else 0,
            solved=solved + (row["solved"] if row else 0),
            failed=failed + (row["failed"] if row else 0),
            last_used_at=parse_optional_time(row["last_used_at"]) if row else None,
            examples=tuple(id for id, _ in recent.get(key, [])[:_EXAMPLES]),
            typical_minutes=round(median(minutes)) if minutes else None,
        )
    return evidence
