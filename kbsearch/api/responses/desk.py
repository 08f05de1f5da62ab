"""Bodies of answers about the desk's figures."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from kbsearch.api.fields import Out, Time
from kbsearch.desk.desk import Board, Listed
from kbsearch.desk.figures import Figure, Share
from kbsearch.model import Action, SolutionRef, Status, WriteBackOutcome

ShareOfOne = Annotated[float | None, Field(description="0 to 1; null where the denominator is 0.")]


class ShareOut(Out):
    numerator: int
    denominator: int
    share: ShareOfOne

    @classmethod
    def of(cls, share: Share) -> Self:
        rounded = None if share.share is None else round(share.share, 4)
        return cls(numerator=share.numerator, denominator=share.denominator, share=rounded)


class WeekOut(ShareOut):
    """A calendar week, as far as it lies in the period."""

    since: Time
    until: Time
    parts: dict[str, int]


class MinutesOut(Out):
    """Half of the tickets took at most `median` minutes, nine of ten at most `ninth_decile`."""

    median: float
    ninth_decile: float


class FigureOut(ShareOut):
    """`parts` counts the tickets by part; `before` is the period of the same length just before.

    docs/metrics.md defines each figure.
    """

    name: str
    parts: dict[str, int]
    goal: float | None
    before: ShareOut | None
    weeks: list[WeekOut]
    minutes: MinutesOut | None

    @classmethod
    def made(cls, figure: Figure) -> Self:
        took = figure.minutes
        return cls(
            **ShareOut.of(figure.share).model_dump(),
            name=figure.measure.name,
            parts=dict(figure.parts),
            goal=figure.measure.goal,
            before=None if figure.before is None else ShareOut.of(figure.before),
            weeks=[
                WeekOut(
                    **ShareOut.of(week.share).model_dump(),
                    since=week.period.since,
                    until=week.period.until,
                    parts=dict(week.parts),
                )
                for week in figure.weeks
            ],
            minutes=None
            if took is None
            else MinutesOut(median=round(took.median, 1), ninth_decile=round(took.ninth_decile, 1)),
        )


class DeskOut(Out):
    since: Time
    until: Time
    figures: list[FigureOut]

    @classmethod
    def of(cls, board: Board) -> Self:
        return cls(
            since=board.period.since, until=board.period.until, figures=[FigureOut.made(one) for one in board.figures]
        )


class SolutionNameOut(Out):
    tenant: str
    solution_id: str
    title: str | None

    @classmethod
    def of(cls, ref: SolutionRef, titles: dict[SolutionRef, str]) -> Self:
        return cls(tenant=ref.tenant, solution_id=ref.id, title=titles.get(ref))


class DeskTicketOut(Out):
    """A ticket behind a figure. `part` is the part of the figure that it belongs to; the list is sorted by `at`."""

    tenant: str
    ticket_id: str
    subject: str | None
    part: str
    at: Time
    created_at: Time | None
    asked_at: Time | None
    resolved_at: Time | None
    written_at: Time | None
    reopened_at: Time | None
    verdict: Status | None
    level: int | None
    reassignments: int | None
    minutes_spent: int | None
    outcome: WriteBackOutcome | None
    solution_id: str | None
    suggestion_id: str | None

    @classmethod
    def of(cls, one: Listed) -> Self:
        return cls.model_validate(_fields(one))


class DeskTicketsOut(Out):
    tickets: list[DeskTicketOut]
    next_cursor: str | None


class EscalatedTicketOut(DeskTicketOut):
    """`answer` is the solution that the base had (`known_before`) or has today (`known_today`)."""

    today: Status | None
    today_action: Action | None
    answer: SolutionNameOut | None

    @classmethod
    def answered(cls, one: Listed, titles: dict[SolutionRef, str]) -> Self:
        ref = answer_of(one)
        return cls.model_validate(
            {
                **_fields(one),
                "today": one.case.today,
                "today_action": one.case.today_action,
                "answer": None if ref is None else SolutionNameOut.of(ref, titles),
            }
        )


class EscalationsOut(ShareOut):
    """`parts` counts the escalated tickets of the period; `tickets` are those that the base could have answered."""

    parts: dict[str, int]
    tickets: list[EscalatedTicketOut]
    next_cursor: str | None


def answer_of(one: Listed) -> SolutionRef | None:
    """The solution that answers an escalated ticket."""
    return {"known_before": one.case.solution, "known_today": one.case.today_solution}.get(one.part)


def _fields(one: Listed) -> dict[str, object]:
    case = one.case
    return {
        "tenant": case.tenant,
        "ticket_id": case.id,
        "subject": one.subject,
        "part": one.part,
        "at": one.at,
        "created_at": case.created_at,
        "asked_at": case.asked_at,
        "resolved_at": case.resolved_at,
        "written_at": case.written_at,
        "reopened_at": case.reopened_at,
        "verdict": case.verdict,
        "level": case.level,
        "reassignments": case.reassignments,
        "minutes_spent": case.minutes_spent,
        "outcome": case.outcome,
        "solution_id": case.solution and case.solution.id,
        "suggestion_id": case.suggestion_id,
    }
