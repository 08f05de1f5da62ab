"""``kbsearch desk``, ``kbsearch gaps`` and ``kbsearch review``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from kbsearch.api.responses.desk import DeskOut
from kbsearch.api.responses.groups import GapOut, GapsOut, OutbreakOut
from kbsearch.api.responses.review import ReviewedSolutionOut, ReviewOut
from kbsearch.bootstrap import open_store
from kbsearch.cli.options import TenantType, data_option, existing, json_option, tenant_option
from kbsearch.cli.output import out, plain, print_json, print_table, say
from kbsearch.desk import export
from kbsearch.desk.desk import OUTBREAK_DAYS, Desk
from kbsearch.desk.figures import Figure, Share
from kbsearch.desk.gaps import Gap
from kbsearch.desk.measures import MEASURES, FigureName
from kbsearch.desk.outbreaks import Outbreak
from kbsearch.desk.period import USUAL_DAYS, Period
from kbsearch.desk.review import ReviewQueues
from kbsearch.desk.words import FIGURES, PARTS, QUEUES, counted
from kbsearch.model import Scope, TenantId, Tenants
from kbsearch.store.port import Store
from kbsearch.store.review import Reason

_Command = TypeVar("_Command", bound=Callable[..., Any])
_GAPS = 20


def _period_options(command: _Command) -> _Command:
    of = click.option("--tenant", type=TenantType(), help="Of this client only; without it of all.")
    days = click.option(
        "--days", type=click.IntRange(1, 400), default=USUAL_DAYS, show_default=True, help="So many days."
    )
    until = click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Before this day, in UTC; now if unset.")
    return data_option(of(days(until(json_option(command)))))


def _period(store: Store, days: int, until: datetime | None) -> Period:
    now = store.clock()
    end = now if until is None else until.replace(tzinfo=UTC)
    return Period.of(end - timedelta(days=days), end, now)


def _whose(tenant: TenantId | None) -> Tenants:
    return None if tenant is None else (tenant,)


@click.command("desk")
@_period_options
@click.option(
    "--tickets",
    "figure",
    type=click.Choice([str(name) for name in MEASURES]),
    help="Print the tickets behind this figure as CSV.",
)
def desk(
    data_dir: Path | None, tenant: TenantId | None, days: int, until: datetime | None, as_json: bool, figure: str | None
) -> None:
    """Show the desk's figures beside those of the period before. docs/metrics.md defines them."""
    with closing(open_store(existing(data_dir=data_dir))) as store:
        period, read = _period(store, days, until), Desk(store)
        if figure is not None:
            measure = MEASURES[FigureName(figure)]
            for piece in export.lines(read.every_ticket(_whose(tenant), measure, measure.parts, period)):
                click.echo(piece, nl=False)
            return
        board = read.board(_whose(tenant), period)
        lately = Period.of(period.until - timedelta(days=OUTBREAK_DAYS), period.until, period.until)
        bursts = read.outbreaks(_whose(tenant), lately)
        subjects = read.subjects([case for one in bursts for case in one.samples])
    if as_json:
        found = DeskOut.of(board).model_dump(mode="json")
        print_json({**found, "outbreaks": [OutbreakOut.of(one, subjects).model_dump(mode="json") for one in bursts]})
        return
    out.print(f"{_span(period)}, {plain('all clients' if tenant is None else tenant)}\n")
    for one in bursts:
        out.print(f"[bold red]Outbreak[/]  {plain(_outbreak(one, subjects))}\n")
    print_table(
        ("figure", "share", "tickets", "before", "goal", "parts"), [_row(one) for one in board.figures], ("figure",)
    )


@click.command()
@_period_options
def gaps(data_dir: Path | None, tenant: TenantId | None, days: int, until: datetime | None, as_json: bool) -> None:
    """Show knowledge gaps: unanswered tickets that are about the same thing, the largest first."""
    with closing(open_store(existing(data_dir=data_dir))) as store:
        period, read = _period(store, days, until), Desk(store)
        found = read.gaps(_whose(tenant), period)[:_GAPS]
        subjects = read.subjects([case for gap in found for case in gap.samples])
    if as_json:
        shown = GapsOut(since=period.since, until=period.until, gaps=[GapOut.of(one, subjects) for one in found])
        print_json(shown.model_dump(mode="json"))
        return
    if not found:
        out.print(f"{_span(period)}: no two unanswered tickets are about the same thing")
        return
    out.print(f"{_span(period)}, {counted(len(found), 'gap', 'gaps')}\n")
    print_table(
        ("tickets", "minutes", "clients", "last", "id", "subject"),
        [row for gap in found for row in _gap_rows(gap, subjects)],
    )


@click.command()
@data_option
@tenant_option
@click.option(
    "--queue", type=click.Choice([str(reason) for reason in Reason]), help="List the solutions of this queue."
)
@json_option
def review(data_dir: Path | None, tenant: TenantId, queue: str | None, as_json: bool) -> None:
    """Show how much waits for a lead's decision, queue by queue."""
    with closing(open_store(existing(data_dir=data_dir))) as store:
        read = ReviewQueues(store)
        if queue is None:
            counts = read.count(Scope(tenant))
            solutions = []
        else:
            counts = None
            solutions = read.page(Scope(tenant), Reason(queue), 0, 50)
    if counts is not None:
        if as_json:
            print_json(ReviewOut.of(counts).model_dump(mode="json"))
            return
        rows = [(QUEUES[name], f"{n:,}{'+' if name in counts.more else ''}", name) for name, n in counts.queues.items()]
        print_table(("waits for a decision", "count", "queue"), rows, ())
        return
    if as_json:
        print_json([ReviewedSolutionOut.of(one).model_dump(mode="json") for one in solutions])
        return
    if not solutions:
        say("nothing waits in this queue")
        return
    print_table(
        ("id", "tenant", "state", "solved", "failed", "last used", "title"),
        [
            (
                one.ref.id, one.ref.tenant, one.state, str(one.solved), str(one.failed),
                "never" if one.used_at is None else f"{one.used_at:%Y-%m-%d}", one.title,
            )
            for one in solutions
        ],
    )  # fmt: skip


def _span(period: Period) -> str:
    return f"{period.since:%Y-%m-%d} to {period.until:%Y-%m-%d}"


def _row(one: Figure) -> tuple[str, ...]:
    measure = one.measure
    parts = ", ".join(f"{PARTS[name]} {n:,}" for name, n in one.parts.items())
    if one.minutes is not None:
        parts += f"; half within {one.minutes.median:,.0f} min, nine of ten within {one.minutes.ninth_decile:,.0f} min"
    return (
        FIGURES[measure.name],
        _percent(one.share),
        f"{one.share.numerator:,} of {one.share.denominator:,}",
        "" if one.before is None else _percent(one.before),
        "" if measure.goal is None else f"{measure.goal:.0%}",
        parts,
    )


def _percent(share: Share) -> str:
    return "–" if share.share is None else f"{share.share:.0%}"


def _gap_rows(gap: Gap, subjects: dict[tuple[str, str], str]) -> Sequence[tuple[str, ...]]:
    minutes = str(gap.minutes) if gap.timed else "–"
    head = (str(len(gap.tickets)), minutes, ", ".join(gap.clients), f"{gap.last_at:%Y-%m-%d}")
    return [
        (*(head if number == 0 else ("",) * len(head)), case.id, subjects.get((case.tenant, case.id), ""))
        for number, case in enumerate(gap.samples)
    ]


def _outbreak(one: Outbreak, subjects: dict[tuple[str, str], str]) -> str:
    first = one.tickets[0]
    return (
        f"{counted(len(one.tickets), 'ticket', 'tickets')} since {one.started_at:%Y-%m-%d %H:%M} UTC at"
        f" {', '.join(one.clients)}: {subjects.get((first.tenant, first.id), first.id)}"
    )
