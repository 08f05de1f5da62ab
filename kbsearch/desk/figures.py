"""Counting: from tickets and a measure to a figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles

from kbsearch.desk.measures import Cohort, FigureName, Measure, write_back_minutes
from kbsearch.desk.period import Period, monday_of
from kbsearch.store.desk import Alike, Case


@dataclass(frozen=True, slots=True)
class Share:
    """``numerator`` of ``denominator`` tickets."""

    numerator: int
    denominator: int

    @property
    def share(self) -> float | None:
        """0 .. 1; None where there is no ticket."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Week:
    """A calendar week of a figure: the part of it that lies in the period."""

    period: Period
    share: Share
    parts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Minutes:
    """How long something took: half of the tickets took at most ``median``, nine of ten at most ``ninth_decile``."""

    median: float
    ninth_decile: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure of a period. ``before`` is that of the period of the same length before; None of what is open now.

    ``parts`` counts the tickets of each part, ``minutes`` belongs to the time to write back.
    """

    measure: Measure
    parts: Mapping[str, int]
    share: Share
    before: Share | None = None
    weeks: tuple[Week, ...] = ()
    minutes: Minutes | None = None


def moment(case: Case, cohort: Cohort) -> datetime:
    """When a ticket belongs to the cohort."""
    found = {
        Cohort.RESOLVED: case.resolved_at,
        Cohort.ASKED: case.asked_at,
        Cohort.HANDLED: case.asked_at or case.resolved_at,
        Cohort.OPEN: case.came_at,
    }[cohort]
    assert found is not None
    return found


def figure(measure: Measure, alike: Sequence[Alike], period: Period, now: datetime) -> Figure:
    """A figure of the tickets of its cohort: those of the period and of the one before, or those that are open.

    Of tickets that are counted together none lie in two weeks, nor at two sides of an end of the period.
    """
    sorted_out = [
        (moment(one.case, measure.cohort), part, one.count)
        for one in alike
        if (part := measure.classify(one.case, now)) is not None
    ]
    if measure.cohort == Cohort.OPEN:
        parts = _parts(measure, ((part, count) for _, part, count in sorted_out))
        return Figure(measure, parts, _share(measure, parts))
    before = period.before
    parts = _parts(measure, ((part, count) for at, part, count in sorted_out if at in period))
    earlier = _parts(measure, ((part, count) for at, part, count in sorted_out if at in before))
    return Figure(
        measure,
        parts,
        _share(measure, parts),
        _share(measure, earlier),
        tuple(_weeks(measure, sorted_out, period)),
        _minutes([one.case for one in alike if moment(one.case, measure.cohort) in period])
        if measure.name == FigureName.WRITE_BACK
        else None,
    )


def _weeks(measure: Measure, sorted_out: Sequence[tuple[datetime, str, int]], period: Period) -> Iterable[Week]:
    weeks = list(period.weeks())
    counted: list[Counter[str]] = [Counter() for _ in weeks]
    for at, part, count in sorted_out:
        if at in period:
            counted[(monday_of(at) - monday_of(period.since)).days // 7][part] += count
    for week, counts in zip(weeks, counted, strict=True):
        parts = {name: counts[name] for name in measure.parts}
        yield Week(week, _share(measure, parts), parts)


def _parts(measure: Measure, found: Iterable[tuple[str, int]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for part, count in found:
        counts[part] += count
    return {name: counts[name] for name in measure.parts}


def _share(measure: Measure, parts: Mapping[str, int]) -> Share:
    return Share(
        sum(n for name, n in parts.items() if name in measure.counted),
        sum(n for name, n in parts.items() if name not in measure.aside),
    )


def _minutes(cases: Sequence[Case]) -> Minutes | None:
    took = sorted(minutes for case in cases if (minutes := write_back_minutes(case)) is not None)
    if not took:
        return None
    tenths = quantiles(took, n=10, method="inclusive") if len(took) > 1 else took * 9
    return Minutes(median(took), tenths[8])
