"""Bodies of answers about the desk's figures."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from kbsearch.api.fields import Out, Time
from kbsearch.desk.desk import Board, Listed
from kbsearch.desk.figures import Figure, Share
from kbsearch.desk.gaps import Gap, Start
from kbsearch.desk.likeness import Key
from kbsearch.desk.outbreaks import Outbreak
from kbsearch.desk.review import Review
from kbsearch.model import Action, ArticleState, SolutionKind, SolutionRef, Status, WriteBackOutcome
from kbsearch.store.desk import Case
from kbsearch.store.review import ToReview

_TICKETS_NAMED = 200

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


class SolutionOut(Out):
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
    answer: SolutionOut | None

    @classmethod
    def answered(cls, one: Listed, titles: dict[SolutionRef, str]) -> Self:
        ref = answer_of(one)
        return cls.model_validate(
            {
                **_fields(one),
                "today": one.case.today,
                "today_action": one.case.today_action,
                "answer": None if ref is None else SolutionOut.of(ref, titles),
            }
        )


class EscalationsOut(ShareOut):
    """`parts` counts the escalated tickets of the period; `tickets` are those that the base could have answered."""

    parts: dict[str, int]
    tickets: list[EscalatedTicketOut]
    next_cursor: str | None


class SampleOut(Out):
    tenant: str
    ticket_id: str
    subject: str | None
    came_at: Time

    @classmethod
    def of(cls, case: Case, subjects: dict[Key, str]) -> Self:
        return cls(
            tenant=case.tenant, ticket_id=case.id, subject=subjects.get((case.tenant, case.id)), came_at=case.came_at
        )


class TicketNameOut(Out):
    tenant: str
    ticket_id: str


class StartOut(Out):
    """What `POST /v1/articles/draft` takes: for `tenant`, from a ticket or a suggestion of `source_tenant`.

    `tenant` is `shared` where several clients have the problem.
    """

    tenant: str
    source_tenant: str
    ticket_id: str | None
    suggestion_id: str | None

    @classmethod
    def of(cls, start: Start) -> Self:
        return cls(
            tenant=start.tenant,
            source_tenant=start.of,
            ticket_id=start.ticket_id,
            suggestion_id=start.suggestion_id,
        )


class GapOut(Out):
    """Unanswered tickets about the same thing: how many, `minutes` spent on the `timed` ones among them.

    `samples` are the three most typical, `tickets` all of them, 200 at most.
    """

    count: int
    clients: dict[str, int]
    minutes: int
    timed: int
    first_at: Time
    last_at: Time
    samples: list[SampleOut]
    tickets: list[TicketNameOut]
    start: StartOut

    @classmethod
    def of(cls, gap: Gap, subjects: dict[Key, str]) -> Self:
        return cls(
            count=len(gap.tickets),
            clients={str(tenant): n for tenant, n in gap.clients.items()},
            minutes=gap.minutes,
            timed=gap.timed,
            first_at=gap.first_at,
            last_at=gap.last_at,
            samples=[SampleOut.of(case, subjects) for case in gap.samples],
            tickets=_names(gap.tickets),
            start=StartOut.of(gap.start),
        )


class GapsOut(Out):
    since: Time
    until: Time
    gaps: list[GapOut]


class OutbreakOut(Out):
    """Alike tickets that came in a burst: `expected` is how many were to be expected in the time of the strongest test.

    `p` is its p-value, corrected for the number of tests.
    """

    count: int
    clients: dict[str, int]
    started_at: Time
    last_at: Time
    expected: float
    p: float
    samples: list[SampleOut]
    tickets: list[TicketNameOut]
    start: StartOut

    @classmethod
    def of(cls, one: Outbreak, subjects: dict[Key, str]) -> Self:
        return cls(
            count=len(one.tickets),
            clients={str(tenant): n for tenant, n in one.clients.items()},
            started_at=one.started_at,
            last_at=one.last_at,
            expected=round(one.expected, 3),
            p=float(f"{one.p:.2g}"),
            samples=[SampleOut.of(case, subjects) for case in one.samples],
            tickets=_names(one.tickets),
            start=StartOut.of(one.start),
        )


class OutbreaksOut(Out):
    since: Time
    until: Time
    outbreaks: list[OutbreakOut]


class ReviewOut(Out):
    """How many wait in each queue; `more` names queues that hold more than is counted."""

    queues: dict[str, int]
    more: list[str]

    @classmethod
    def of(cls, review: Review) -> Self:
        return cls(queues=dict(review.queues), more=sorted(review.more))


class ReviewedSolutionOut(Out):
    """`solved` tickets with it. `failed`: tickets reopened after it, and agents who call it wrong or outdated."""

    tenant: str
    solution_id: str
    kind: SolutionKind
    title: str
    state: ArticleState
    solved: int
    failed: int
    used_at: Time | None
    updated_at: Time

    @classmethod
    def of(cls, one: ToReview) -> Self:
        return cls(
            tenant=one.ref.tenant,
            solution_id=one.ref.id,
            kind=one.kind,
            title=one.title,
            state=one.state,
            solved=one.solved,
            failed=one.failed,
            used_at=one.used_at,
            updated_at=one.updated_at,
        )


class ReviewedSolutionsOut(Out):
    waiting: list[ReviewedSolutionOut]
    next_cursor: str | None


def answer_of(one: Listed) -> SolutionRef | None:
    """The solution that answers an escalated ticket."""
    return {"known_before": one.case.solution, "known_today": one.case.today_solution}.get(one.part)


def _names(cases: tuple[Case, ...]) -> list[TicketNameOut]:
    return [TicketNameOut(tenant=case.tenant, ticket_id=case.id) for case in cases[:_TICKETS_NAMED]]


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
