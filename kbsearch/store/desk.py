"""What the lead's figures are computed from: facts of tickets, without their texts but the subjects of a few."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kbsearch.model import Action, SolutionKind, SolutionRef, Status, TenantId, TicketStatus, WriteBackOutcome
from kbsearch.store.columns import list_text, time_text
from kbsearch.store.port import Read, Row, SqlValue

_STATUSES = {str(one): one for one in Status}
_ACTIONS = {str(one): one for one in Action}
_OUTCOMES = {str(one): one for one in WriteBackOutcome}
_RESOLVED = str(TicketStatus.RESOLVED)

_OF_TICKET = (
    "tickets.created_at, used_at, written_at, reopened_at, tickets.status, outcome, level, reassignments,"
    " minutes_spent, tickets.solution_tenant, tickets.solution_id, solutions.kind, solutions.created_at"
)
_OF_ASKED = "asked_at, asked.status, offered, asked.created_at, asked.suggestion_id"
_OF_LOOK = "looks.status, looks.action, looks.solution_tenant, looks.solution_id"
_DEADLINES = (
    "coalesce(asked.respond_by, tickets.respond_by), coalesce(asked.responded_at, tickets.responded_at),"
    " coalesce(asked.resolve_by, tickets.resolve_by)"
)
_NO_DEADLINES = "NULL, NULL, NULL"
_SOLUTION = "LEFT JOIN solutions ON solutions.tenant = tickets.solution_tenant AND solutions.id = tickets.solution_id"
_FROM_TICKETS = (
    f"FROM tickets {_SOLUTION}"
    " LEFT JOIN asked_tickets AS asked ON asked.tenant = tickets.tenant AND asked.id = tickets.id"
    " LEFT JOIN second_looks AS looks ON looks.tenant = tickets.tenant AND looks.ticket_id = tickets.id"
)
_FROM_ASKED = (
    "FROM asked_tickets AS asked"
    f" LEFT JOIN tickets ON tickets.tenant = asked.tenant AND tickets.id = asked.id {_SOLUTION}"
    " LEFT JOIN second_looks AS looks ON looks.tenant = asked.tenant AND looks.ticket_id = asked.id"
)
_SHOWN_FOR = "FROM suggestions WHERE suggestions.tenant = asked.tenant AND suggestions.ticket_id = asked.id"
_JUDGED = (
    f"EXISTS (SELECT 1 {_SHOWN_FOR} AND EXISTS (SELECT 1 FROM feedback WHERE feedback.tenant = suggestions.tenant"
    " AND feedback.suggestion_id = suggestions.id{outcome}))"
)
_SAID_ANYTHING = _JUDGED.format(outcome="")
_SAID_IT_HELPED = _JUDGED.format(outcome=" AND feedback.outcome IN ('solved', 'helpful')")
_WAS_LINKED = (
    f"(tickets.solution_id IS NOT NULL AND EXISTS (SELECT 1 {_SHOWN_FOR} AND EXISTS (SELECT 1"
    " FROM @elements(suggestions.shown, one) WHERE"
    " (@text(one, 0) = tickets.solution_tenant AND @text(one, 1) = tickets.solution_id) OR"
    " (@text(one, 0) = tickets.merged_from_tenant AND @text(one, 1) = tickets.merged_from_id))))"
)
_ACCEPTED = (
    f"CASE WHEN offered = 1 AND ({_SAID_IT_HELPED} OR {_WAS_LINKED}) THEN 1"
    f" WHEN offered = 1 AND (tickets.status = 'resolved' OR {_SAID_ANYTHING}) THEN 0 END"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket as the figures see it: as it was asked for, as it was resolved, or both.

    Attributes:
        tenant: whose it is.
        id: the ticket's.
        created_at: when it came, as the ticket system says.
        resolved_at: when it was resolved last, None if never; also where it was reopened since.
        written_at: when that was written back, None if it was imported or is of an earlier version.
        reopened_at: when it was reopened last, None if never.
        is_open: whether it waits for a resolution.
        outcome: of the write-back.
        level: the support line that resolved it.
        reassignments: how often it went from one group to another.
        minutes_spent: of working time.
        solution: what it is linked to.
        is_article: whether that is an article.
        solution_since: when that solution was first stored.
        asked_at: when a suggestion was first asked for it, None if never.
        verdict: of the last suggestion.
        offered: whether any suggestion showed a solution.
        suggestion_id: of the last suggestion.
        accepted: whether a solution that was shown helped or is what it was resolved with; None if nothing was shown,
            nobody has said so far, or it was not read.
        today: what today's knowledge answers, None if nobody has looked.
        today_action: what it advises.
        today_solution: the first solution of that answer.
        respond_by, responded_at, resolve_by: the deadlines, read of open tickets only.
    """

    tenant: TenantId
    id: str
    created_at: datetime | None = None
    resolved_at: datetime | None = None
    written_at: datetime | None = None
    reopened_at: datetime | None = None
    is_open: bool = False
    outcome: WriteBackOutcome | None = None
    level: int | None = None
    reassignments: int | None = None
    minutes_spent: int | None = None
    solution: SolutionRef | None = None
    is_article: bool = False
    solution_since: datetime | None = None
    asked_at: datetime | None = None
    verdict: Status | None = None
    offered: bool = False
    suggestion_id: str | None = None
    accepted: bool | None = None
    today: Status | None = None
    today_action: Action | None = None
    today_solution: SolutionRef | None = None
    respond_by: datetime | None = None
    responded_at: datetime | None = None
    resolve_by: datetime | None = None

    @property
    def came_at(self) -> datetime:
        """When it came: as the ticket system says, else when it was first asked for, else when it was resolved."""
        moment = self.created_at or self.asked_at or self.resolved_at
        assert moment is not None
        return moment


def resolved_between(tx: Read, tenant: TenantId, since: datetime, until: datetime) -> list[Case]:
    """Tickets by when they were resolved last, ``until`` excluded; those that were reopened since are among them."""
    rows = tx.rows(
        f"SELECT tickets.tenant, tickets.id, {_OF_TICKET}, {_OF_ASKED}, NULL, {_OF_LOOK}, {_NO_DEADLINES}"
        f" {_FROM_TICKETS.replace('FROM tickets', 'FROM tickets @index(tickets_of_desk)')}"
        " WHERE tickets.tenant = ? AND used_at >= ? AND used_at < ? ORDER BY used_at, tickets.id",
        (tenant, time_text(since), time_text(until)),
    )
    return [_case(row) for row in rows]


def asked_between(tx: Read, tenant: TenantId, since: datetime, until: datetime) -> list[Case]:
    """Tickets by when a suggestion was first asked for them, ``until`` excluded."""
    rows = tx.rows(
        f"SELECT asked.tenant, asked.id, {_OF_TICKET}, {_OF_ASKED}, {_ACCEPTED}, {_OF_LOOK}, {_NO_DEADLINES}"
        f" {_FROM_ASKED} WHERE asked.tenant = ? AND asked_at >= ? AND asked_at < ? ORDER BY asked_at, asked.id",
        (tenant, time_text(since), time_text(until)),
    )
    return [_case(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Alike:
    """``count`` tickets of one span of time that every figure counts alike: ``case`` is one of them."""

    case: Case
    count: int


_SPAN = "@elements(:spans, span) @join"
_IN_SPAN = ">= @text(span, 0) AND {at} < @text(span, 1)"


def resolved_alike(tx: Read, tenant: TenantId, spans: Sequence[tuple[datetime, datetime]]) -> list[Alike]:
    """Tickets by when they were resolved last, those of each span that figures count alike together.

    How long their write-back took may differ: see written_between.
    """
    came_at = "coalesce(tickets.created_at, asked.created_at, asked.asked_at, used_at)"
    facts = (
        "@text(span, 0), tickets.status, outcome, level, reassignments > 0, reopened_at IS NULL, solutions.kind,"
        f" solutions.created_at < {came_at}, looks.status, looks.action, asked.id IS NULL"
    )
    source = _FROM_TICKETS.replace(
        "FROM tickets",
        f"FROM {_SPAN} tickets @index(tickets_of_desk) ON tickets.tenant = :tenant AND used_at"
        f" {_IN_SPAN.format(at='used_at')}",
    )
    rows = tx.rows(
        f"SELECT min(tickets.id) AS id, count(*) AS count {source} GROUP BY {facts}",
        {"tenant": tenant, "spans": _spans_text(spans)},
    )
    return _with_cases(tx, tenant, rows, accepted=False)


def asked_alike(tx: Read, tenant: TenantId, spans: Sequence[tuple[datetime, datetime]]) -> list[Alike]:
    """Tickets by when a suggestion was first asked for them, those of each span that figures count alike together."""
    facts = f"@text(span, 0), asked.status, {_ACCEPTED}, outcome, looks.status, looks.action"
    source = _FROM_ASKED.replace(
        "FROM asked_tickets AS asked",
        f"FROM {_SPAN} asked_tickets AS asked ON asked.tenant = :tenant AND asked_at {_IN_SPAN.format(at='asked_at')}",
    )
    rows = tx.rows(
        f"SELECT min(asked.id) AS id, count(*) AS count {source} GROUP BY {facts}",
        {"tenant": tenant, "spans": _spans_text(spans)},
    )
    return _with_cases(tx, tenant, rows, accepted=True)


def written_between(tx: Read, tenant: TenantId, since: datetime, until: datetime) -> list[Case]:
    """Tickets that were written back one by one, by when they were resolved last: only these two times are read."""
    rows = tx.rows(
        "SELECT id, used_at, written_at FROM tickets @index(tickets_of_desk) WHERE tenant = ? AND used_at >= ?"
        " AND used_at < ? AND written_at IS NOT NULL AND status = 'resolved'",
        (tenant, time_text(since), time_text(until)),
    )
    return [Case(tenant, row[0], resolved_at=_moment(row[1]), written_at=_moment(row[2])) for row in rows]


def _spans_text(spans: Sequence[tuple[datetime, datetime]]) -> str:
    return json.dumps([[time_text(since), time_text(until)] for since, until in spans])


def _with_cases(tx: Read, tenant: TenantId, rows: Sequence[Row], *, accepted: bool) -> list[Alike]:
    counts: dict[str, int] = {row["id"]: row["count"] for row in rows}
    return [Alike(case, counts[case.id]) for case in cases(tx, tenant, list(counts), accepted=accepted)]


def cases(tx: Read, tenant: TenantId, ids: Sequence[str], *, accepted: bool = False) -> list[Case]:
    """Tickets by their ids, stored or asked for; those that nothing is known of are left out.

    ``accepted`` is read only where that is wanted.
    """
    wanted = "FROM @elements(:ids, wanted) @join {table} ON {name}.tenant = :tenant AND {name}.id = @text(wanted)"
    from_tickets = _FROM_TICKETS.replace("FROM tickets", wanted.format(table="tickets", name="tickets"))
    asked_tickets = "asked_tickets AS asked"
    from_asked = _FROM_ASKED.replace(f"FROM {asked_tickets}", wanted.format(table=asked_tickets, name="asked"))
    facts = f"{_OF_TICKET}, {_OF_ASKED}, {_ACCEPTED if accepted else 'NULL'}, {_OF_LOOK}, {_NO_DEADLINES}"
    parameters = {"tenant": tenant, "ids": list_text(ids)}
    stored = tx.rows(f"SELECT tickets.tenant, tickets.id, {facts} {from_tickets}", parameters)
    asked = tx.rows(f"SELECT asked.tenant, asked.id, {facts} {from_asked} WHERE tickets.id IS NULL", parameters)
    return [_case(row) for row in (*stored, *asked)]


def open_since(tx: Read, tenant: TenantId, since: datetime) -> list[Case]:
    """Open tickets: asked for from this time on and not resolved, or reopened from this time on."""
    from_time = time_text(since)
    asked = tx.rows(
        f"SELECT asked.tenant, asked.id, {_OF_TICKET}, {_OF_ASKED}, NULL, {_OF_LOOK}, {_DEADLINES} {_FROM_ASKED}"
        " WHERE asked.tenant = ? AND last_asked_at >= ? AND (tickets.id IS NULL OR tickets.status = 'reopened')"
        " ORDER BY asked_at, asked.id",
        (tenant, from_time),
    )
    cases = [_case(row) for row in asked]
    known = {one.id for one in cases}
    reopened = tx.rows(
        f"SELECT tickets.tenant, tickets.id, {_OF_TICKET}, {_OF_ASKED}, NULL, {_OF_LOOK}, {_DEADLINES}"
        f" {_FROM_TICKETS} WHERE tickets.tenant = ? AND tickets.status = 'reopened' AND reopened_at >= ?"
        " ORDER BY reopened_at, tickets.id",
        (tenant, from_time),
    )
    return cases + [one for one in map(_case, reopened) if one.id not in known]


def came_between(tx: Read, tenant: TenantId, since: datetime, until: datetime, most: int) -> list[Case]:
    """Tickets by when they came, the last first, ``most`` at most; imported ones without a time are left out."""
    rows = tx.rows(
        "SELECT * FROM (SELECT tickets.id, created_at, NULL AS asked_at FROM tickets @index(tickets_by_arrival)"
        " WHERE tenant = :tenant AND created_at >= :since AND created_at < :until"
        " UNION ALL SELECT asked.id, asked.created_at, asked_at FROM asked_tickets AS asked"
        " LEFT JOIN tickets ON tickets.tenant = asked.tenant AND tickets.id = asked.id"
        " WHERE asked.tenant = :tenant AND asked_at >= :since AND coalesce(asked.created_at, asked_at) >= :since"
        " AND coalesce(asked.created_at, asked_at) < :until AND tickets.created_at IS NULL) AS came"
        " ORDER BY coalesce(created_at, asked_at) DESC, id DESC LIMIT :most",
        {"tenant": tenant, "since": time_text(since), "until": time_text(until), "most": most},
    )
    return [Case(tenant, row[0], _moment(row[1]), asked_at=_moment(row[2])) for row in rows]


def subjects(tx: Read, tenant: TenantId, ids: Sequence[str]) -> dict[str, str]:
    """The redacted subjects of tickets; those that nothing is known of are left out."""
    rows = tx.rows(
        "SELECT @text(wanted) AS id, coalesce(tickets.subject, asked.subject) AS subject FROM @elements(:ids, wanted)"
        " LEFT JOIN tickets ON tickets.tenant = :tenant AND tickets.id = @text(wanted)"
        " LEFT JOIN asked_tickets AS asked ON asked.tenant = :tenant AND asked.id = @text(wanted)",
        {"tenant": tenant, "ids": list_text(ids)},
    )
    return {row["id"]: row["subject"] for row in rows if row["subject"] is not None}


def vectors(tx: Read, tenant: TenantId, ids: Sequence[str], generation: int, model_id: str) -> dict[str, bytes]:
    """What stands for each ticket's issue: the first passage in the index, else the question that was asked.

    Tickets of which there is no vector of this model are left out.
    """
    asked = tx.rows(
        "SELECT asked.id, vector FROM @elements(:ids, wanted) @join asked_tickets AS asked"
        " ON asked.tenant = :tenant AND asked.id = @text(wanted) WHERE model_id = :model",
        {"tenant": tenant, "ids": list_text(ids), "model": model_id},
    )
    found = {row["id"]: row["vector"] for row in asked}
    stored = tx.rows(
        "SELECT source_id, vector FROM @elements(:ids, wanted) @join documents ON generation = :generation"
        " AND tenant = :tenant AND kind = 'ticket' AND source_id = @text(wanted) @join passages ON passages.id ="
        " (SELECT min(id) FROM passages WHERE document = documents.id AND field = 'issue')",
        {"tenant": tenant, "ids": list_text(ids), "generation": generation},
    )
    return found | {row["source_id"]: row["vector"] for row in stored}


def titles(tx: Read, refs: Sequence[SolutionRef]) -> dict[SolutionRef, str]:
    """The titles of solutions; those that are gone are left out."""
    rows = tx.rows(
        "SELECT tenant, solutions.id, title FROM @elements(?, wanted) @join solutions"
        " ON tenant = @text(wanted, 0) AND solutions.id = @text(wanted, 1)",
        (json.dumps([[ref.tenant, ref.id] for ref in refs]),),
    )
    return {SolutionRef(TenantId(row["tenant"]), row["id"]): row["title"] for row in rows}


def _case(row: Row) -> Case:
    (
        tenant, id, created_at, resolved_at, written_at, reopened_at, status, outcome, level, reassignments, minutes,
        solution_tenant, solution_id, kind, solution_since, asked_at, verdict, offered, asked_created_at,
        suggestion_id, accepted, today, today_action, today_tenant, today_id, respond_by, responded_at, resolve_by,
    ) = row  # fmt: skip
    return Case(
        TenantId(str(tenant)),
        str(id),
        _moment(created_at) or _moment(asked_created_at),
        _moment(resolved_at),
        _moment(written_at),
        _moment(reopened_at),
        status != _RESOLVED,
        None if outcome is None else _OUTCOMES[str(outcome)],
        None if level is None else int(level),
        None if reassignments is None else int(reassignments),
        None if minutes is None else int(minutes),
        _ref(solution_tenant, solution_id),
        kind == SolutionKind.ARTICLE,
        _moment(solution_since),
        _moment(asked_at),
        None if verdict is None else _STATUSES[str(verdict)],
        bool(offered),
        None if suggestion_id is None else str(suggestion_id),
        None if accepted is None else bool(accepted),
        None if today is None else _STATUSES[str(today)],
        None if today_action is None else _ACTIONS[str(today_action)],
        _ref(today_tenant, today_id),
        _moment(respond_by),
        _moment(responded_at),
        _moment(resolve_by),
    )


def _moment(value: SqlValue) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))


def _ref(tenant: SqlValue, id: SqlValue) -> SolutionRef | None:
    return None if tenant is None or id is None else SolutionRef(TenantId(str(tenant)), str(id))
