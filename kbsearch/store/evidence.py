"""How often and how lately solutions worked, by tickets and by what agents said: for ranking, and to be shown."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from kbsearch.model import ArticleState, Evidence, FeedbackOutcome, Scope, SolutionRef, Standing
from kbsearch.store.columns import parse_optional_time
from kbsearch.store.port import Read

# By index alone, each solution by itself: an IN of tenants and one of ids would look up every pair of the two.
_OF_TENANT = "WHERE tenant = :tenant AND solution_tenant = found.tenant AND solution_id = found.id"
_SOLVED = f"(SELECT count(*) FROM tickets {_OF_TENANT} AND status = 'resolved')"
# A ticket that was reopened and is resolved with the same solution again does not count as failed.
_FAILED = (
    f"(SELECT count(*) FROM failures {_OF_TENANT} AND NOT EXISTS (SELECT 1 FROM tickets WHERE"
    " tickets.tenant = failures.tenant AND tickets.id = ticket_id AND tickets.status = 'resolved'"
    " AND tickets.solution_tenant = failures.solution_tenant AND tickets.solution_id = failures.solution_id))"
)
_WANTED = "(SELECT @text(wanted, 0) AS tenant, @text(wanted, 1) AS id FROM @elements(:refs, wanted)) AS found"
_STANDINGS = (
    f"SELECT found.tenant, found.id, state, {_SOLVED}, {_FAILED}"
    " FROM @elements(:refs, wanted) @join solutions AS found @index(idx_solutions_tenant_id_state)"
    " ON found.tenant = @text(wanted, 0) AND found.id = @text(wanted, 1)"
    " WHERE state != 'archived' AND (found.tenant = :tenant OR NOT EXISTS"
    " (SELECT 1 FROM solutions AS own WHERE own.tenant = :tenant AND own.id = found.id))"
)
_TICKETS_COUNTED = f"SELECT found.tenant, found.id, {_SOLVED} AS solved, {_FAILED} AS failed FROM {_WANTED}"
_SAID = "ON feedback.tenant = :tenant AND solution_tenant = found.tenant AND solution_id = found.id"
# Of each agent the latest word.
_WORDS = (
    "SELECT solution_tenant, solution_id, outcome, count(*) FROM (SELECT solution_tenant, solution_id, outcome,"
    " row_number() OVER (PARTITION BY solution_tenant, solution_id, agent ORDER BY revision DESC) AS place"
    f" FROM {_WANTED} @join feedback {_SAID} AND (outcome = 'not_relevant') = :unfit) AS said WHERE place = 1"
    " GROUP BY solution_tenant, solution_id, outcome"
)
_STATES = {str(state): state for state in ArticleState}
_HALF_AS_RECENT = (200, 40)  # tickets
RECENT_TICKETS = 600
"""So many of a tenant's latest resolved tickets are looked at for what is needed now."""

_EXAMPLES = 5
_TIMES_CONSIDERED = 50


Uses = Mapping[tuple[str, str], Sequence[int]]
"""Tenant and id of solutions that the latest tickets were resolved with → how many tickets came after each of these."""


@dataclass(frozen=True, slots=True)
class _Words:
    """How many agents said what of a solution, by the latest word of each on whether the fix works."""

    solved: int = 0
    helpful: int = 0
    failed: int = 0
    unfit: int = 0


def standings(
    tx: Read, scope: Scope, refs: Sequence[SolutionRef], uses: Uses | None = None
) -> dict[SolutionRef, Standing]:
    """What ranking needs of solutions; those that many() leaves out are missing. ``uses``: where known already."""
    wanted = {(str(ref.tenant), ref.id): ref for ref in refs if ref.tenant in scope.tenants}
    rows = tx.rows(_STANDINGS, {"refs": json.dumps(list(wanted)), "tenant": scope.tenant})
    words = _words(tx, scope, wanted)
    uses = latest_uses(tx, scope) if uses is None else uses
    found: dict[SolutionRef, Standing] = {}
    for tenant, id, state, solved, failed in rows:
        said = words.get((tenant, id), _Words())
        recent, latest = recency(uses.get((tenant, id), ()))
        found[wanted[tenant, id]] = Standing(
            _STATES[state], solved, failed, said.solved, said.helpful, said.failed, said.unfit, recent, latest
        )
    return found


def recency(places: Sequence[int]) -> tuple[float, float]:
    """How many of the latest tickets these are, older ones counting less, and how many of the very latest.

    ``places`` tell how many tickets came after each.
    """
    near = [place for place in places if place < RECENT_TICKETS]
    recent, latest = (sum(0.5 ** (place / half) for place in near) for half in _HALF_AS_RECENT)
    return recent, latest


def latest_uses(tx: Read, scope: Scope) -> Uses:
    """Of the tenant's latest resolved tickets; of those resolved at the same time the later change comes first."""
    rows = tx.rows(
        "SELECT solution_tenant, solution_id FROM tickets"
        " @index(idx_tickets_tenant_status_used_at_revision_solution_tenant_solution_id)"
        " WHERE tenant = ? AND status = 'resolved' ORDER BY used_at DESC, revision DESC LIMIT ?",
        (scope.tenant, RECENT_TICKETS),
    )
    places: dict[tuple[str, str], list[int]] = {}
    for place, (tenant, id) in enumerate(rows):
        if id is not None:
            places.setdefault((tenant, id), []).append(place)
    return places


def evidence_for(tx: Read, scope: Scope, refs: Sequence[SolutionRef]) -> dict[SolutionRef, Evidence]:
    """The evidence for solutions, counted over the tenant of the scope only."""
    wanted = {(str(ref.tenant), ref.id): ref for ref in refs if ref.tenant in scope.tenants}
    listed = json.dumps(list(wanted))
    counts = tx.rows(_TICKETS_COUNTED, {"refs": listed, "tenant": scope.tenant})
    words = _words(tx, scope, wanted)
    latest: dict[tuple[str, str], list[tuple[str, int | None, str | None]]] = {}
    for tenant, id, ticket, minutes, used_at in tx.rows(
        "SELECT solution_tenant, solution_id, tickets.id, minutes_spent, used_at FROM tickets WHERE @row IN"
        " (SELECT newest.@row FROM @elements(?, solution), tickets AS newest WHERE newest.@row IN"
        "  (SELECT @row FROM tickets WHERE tenant = ? AND solution_tenant = @text(solution, 0)"
        "   AND solution_id = @text(solution, 1) AND status = 'resolved'"
        f"  ORDER BY used_at DESC, revision DESC LIMIT {_TIMES_CONSIDERED}))"
        " ORDER BY used_at DESC, revision DESC",
        (listed, scope.tenant),
    ):
        latest.setdefault((tenant, id), []).append((ticket, minutes, used_at))
    evidence: dict[SolutionRef, Evidence] = {}
    for tenant, id, solved, failed in counts:
        newest = latest.get((tenant, id), [])
        spent = [minutes for _, minutes, _ in newest if minutes is not None]
        said = words.get((tenant, id), _Words())
        evidence[wanted[tenant, id]] = Evidence(
            tickets=solved + failed,
            solved=solved,
            failed=failed,
            last_used_at=parse_optional_time(newest[0][2]) if newest else None,
            examples=tuple(ticket for ticket, _, _ in newest[:_EXAMPLES]),
            typical_minutes=round(median(spent)) if spent else None,
            agents_solved=said.solved,
            agents_helpful=said.helpful,
            agents_failed=said.failed,
        )
    return evidence


_DID_NOT_WORK = (FeedbackOutcome.OUTDATED, FeedbackOutcome.WRONG, FeedbackOutcome.DID_NOT_WORK)


def _words(tx: Read, scope: Scope, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], _Words]:
    """What the tenant's agents said, each agent once a solution.

    "Did not fit" says nothing about whether the fix works: it counts apart and leaves an earlier word as it is.
    """
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for unfit in (False, True):
        parameters = {"refs": json.dumps(list(wanted)), "tenant": scope.tenant, "unfit": unfit}
        for tenant, id, outcome, agents in tx.rows(_WORDS, parameters):
            counted.setdefault((tenant, id), {})[outcome] = agents
    return {
        key: _Words(
            said.get(FeedbackOutcome.SOLVED, 0),
            said.get(FeedbackOutcome.HELPFUL, 0),
            sum(said.get(outcome, 0) for outcome in _DID_NOT_WORK),
            said.get(FeedbackOutcome.NOT_RELEVANT, 0),
        )
        for key, said in counted.items()
    }
