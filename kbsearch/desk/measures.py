"""What each figure counts. One function classifies a ticket for the tile, the list behind it and the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kbsearch.model import Action, Status, WriteBackOutcome
from kbsearch.store.desk import Case

AT_RISK = timedelta(hours=1)
"""A deadline that is so near is at risk."""
FIRST_LINE_GOAL = 0.9

_WRITE_BACK_LIMITS = (("within_15_minutes", 15.0), ("within_1_hour", 60.0), ("within_8_hours", 480.0))


class Cohort(StrEnum):
    """Which tickets a figure looks at, and by which date they belong to a period."""

    RESOLVED = "resolved"  # by when they were resolved last
    ASKED = "asked"  # by when a suggestion was first asked for them
    HANDLED = "handled"  # either of the two
    OPEN = "open"  # now, whatever the period


class FigureName(StrEnum):
    """The figures, in the order in which they are shown."""

    FIRST_LINE = "first_line"
    VERDICTS = "verdicts"
    ACCEPTANCE = "acceptance"
    LINKS = "links"
    REUSE = "reuse"
    NOVELTY = "novelty"
    WRITE_BACK = "write_back"
    DEADLINES = "deadlines"
    ESCALATIONS = "escalations"
    ANSWERS = "answers"


Classify = Callable[[Case, datetime], str | None]
"""(ticket, now) → the part that it belongs to; None where the figure says nothing of it."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure: the share of ``counted`` parts among all parts but those ``aside``.

    Attributes:
        name: as in the API.
        cohort: whom it looks at.
        parts: all that ``classify`` gives, in the order in which they are shown.
        counted: the numerator.
        classify: tells a ticket's part.
        aside: parts that are shown but are not in the denominator.
        goal: the share that is wanted, if one is.
    """

    name: FigureName
    cohort: Cohort
    parts: tuple[str, ...]
    counted: frozenset[str]
    classify: Classify
    aside: frozenset[str] = frozenset()
    goal: float | None = None


def _first_line(case: Case, now: datetime) -> str | None:
    if case.level is None:
        return None
    is_first = case.level == 1 and not case.reassignments and case.reopened_at is None
    return "first_line" if is_first else "not_first_line"


def _verdict(case: Case, now: datetime) -> str | None:
    return case.verdict


def _accepted(case: Case, now: datetime) -> str | None:
    return None if case.accepted is None else "accepted" if case.accepted else "not_accepted"


def _linked(case: Case, now: datetime) -> str | None:
    return None if case.is_open else "article" if case.is_article else "no_article"


def _reused(case: Case, now: datetime) -> str | None:
    if case.is_open:
        return None
    return {WriteBackOutcome.LINKED: "reused", WriteBackOutcome.CREATED: "new"}.get(
        case.outcome or WriteBackOutcome.NEEDS_REVIEW, "needs_review"
    )


def _novelty(case: Case, now: datetime) -> str | None:
    return {"reused": "known", "new": "new"}.get(_reused(case, now) or "")


def write_back_minutes(case: Case) -> float | None:
    """From the resolution to the write-back; None if nobody said when it was resolved, or it is open again.

    Where the ticket system gives no time of resolution the time of writing stands for both.
    """
    if case.is_open or case.written_at is None or case.resolved_at is None or case.written_at == case.resolved_at:
        return None
    return max(0.0, (case.written_at - case.resolved_at).total_seconds() / 60)


def _write_back(case: Case, now: datetime) -> str | None:
    minutes = write_back_minutes(case)
    if minutes is None:
        return None
    return next((name for name, limit in _WRITE_BACK_LIMITS if minutes <= limit), "later")


def deadline(case: Case) -> datetime | None:
    """The next deadline that runs: that of the fix, and that of the first reply while none has gone out."""
    reply = None if case.responded_at is not None else case.respond_by
    return min((one for one in (case.resolve_by, reply) if one is not None), default=None)


def _deadline(case: Case, now: datetime) -> str | None:
    due = deadline(case)
    if due is None:
        return None
    return "overdue" if due < now else "at_risk" if due <= now + AT_RISK else "in_time"


def is_escalated(case: Case) -> bool:
    """Whether it went beyond the first line, and was resolved there."""
    return (case.level or 0) >= 2 or (case.reassignments or 0) > 0


def _escalation(case: Case, now: datetime) -> str | None:
    if case.is_open or not is_escalated(case):
        return None
    since = case.solution_since
    if case.outcome == WriteBackOutcome.LINKED and since is not None and since < case.came_at:
        return "known_before"
    if case.today is None:
        return "not_checked"
    return "known_today" if (case.today, case.today_action) == (Status.KNOWN, Action.APPLY) else "not_known"


def _answer(case: Case, now: datetime) -> str | None:
    if case.accepted or case.outcome == WriteBackOutcome.LINKED or case.today == Status.KNOWN:
        return "answered"
    unsolved = case.outcome is None and case.verdict != Status.NEW
    return None if unsolved else "unanswered"


MEASURES: Mapping[FigureName, Measure] = {
    one.name: one
    for one in (
        Measure(
            FigureName.FIRST_LINE, Cohort.RESOLVED, ("first_line", "not_first_line"), frozenset({"first_line"}),
            _first_line, goal=FIRST_LINE_GOAL,
        ),
        Measure(FigureName.VERDICTS, Cohort.ASKED, tuple(Status), frozenset({Status.KNOWN}), _verdict),
        Measure(FigureName.ACCEPTANCE, Cohort.ASKED, ("accepted", "not_accepted"), frozenset({"accepted"}), _accepted),
        Measure(FigureName.LINKS, Cohort.RESOLVED, ("article", "no_article"), frozenset({"article"}), _linked),
        Measure(FigureName.REUSE, Cohort.RESOLVED, ("reused", "new", "needs_review"), frozenset({"reused"}), _reused),
        Measure(FigureName.NOVELTY, Cohort.RESOLVED, ("known", "new"), frozenset({"new"}), _novelty),
        Measure(
            FigureName.WRITE_BACK, Cohort.RESOLVED, (*(name for name, _ in _WRITE_BACK_LIMITS), "later"),
            frozenset({"within_15_minutes", "within_1_hour"}), _write_back,
        ),
        Measure(
            FigureName.DEADLINES, Cohort.OPEN, ("overdue", "at_risk", "in_time"), frozenset({"overdue", "at_risk"}),
            _deadline,
        ),
        Measure(
            FigureName.ESCALATIONS, Cohort.RESOLVED, ("known_before", "known_today", "not_known", "not_checked"),
            frozenset({"known_before", "known_today"}), _escalation, frozenset({"not_checked"}),
        ),
        Measure(FigureName.ANSWERS, Cohort.HANDLED, ("answered", "unanswered"), frozenset({"unanswered"}), _answer),
    )
}  # fmt: skip
"""All figures by name, in the order in which they are shown."""
