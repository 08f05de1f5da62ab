"""The lead's desk: figures of a period, the tickets behind each, gaps and outbreaks.

Everything is read in short transactions of readers: no figure holds the write lock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kbsearch.desk import gaps as gap_groups
from kbsearch.desk import outbreaks as bursts
from kbsearch.desk.figures import Figure, figure, moment
from kbsearch.desk.gaps import Gap
from kbsearch.desk.likeness import Key, key
from kbsearch.desk.measures import MEASURES, Cohort, FigureName, Measure, deadline
from kbsearch.desk.outbreaks import Outbreak
from kbsearch.desk.period import Period
from kbsearch.model import SolutionRef, TenantId, Tenants
from kbsearch.store import desk, generations, tenants
from kbsearch.store.desk import Alike, Case
from kbsearch.store.port import Read, Store

OPEN_FOR = timedelta(days=14)
"""A ticket that nobody wrote back counts as open for so long after it was last asked for or reopened."""
OUTBREAK_DAYS = 7
"""Outbreaks are looked for among the tickets of so many days, where no period is given."""
_SUBJECTS_AT_ONCE = 500

Position = tuple[str, str, str]
"""A ticket's place in a list: the moment by which it is sorted, RFC 3339, its tenant, its id."""


@dataclass(frozen=True, slots=True)
class Board:
    """All figures of a period."""

    period: Period
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A ticket behind a figure: the part that it belongs to, its redacted subject, and when it is sorted by."""

    case: Case
    part: str
    subject: str | None
    at: datetime

    @property
    def position(self) -> Position:
        return self.at.isoformat(), self.case.tenant, self.case.id


class Desk:
    """Reads the figures of the tenants that a caller acts for.

    Args:
        store: the truth.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def board(self, whose: Tenants, period: Period) -> Board:
        """All figures, those of what is open as of now."""
        now = self._store.clock()
        with self._store.read() as tx:
            counted = self._counted(tx, whose, period, now)
            written = self._written(tx, whose, period)
        return Board(
            period,
            tuple(
                figure(one, written if one.name == FigureName.WRITE_BACK else counted[one.cohort], period, now)
                for one in MEASURES.values()
            ),
        )

    def figure(self, whose: Tenants, measure: Measure, period: Period) -> Figure:
        """One figure, as on the board."""
        now = self._store.clock()
        cases = self._cohort(whose, measure.cohort, Period(period.before.since, period.until), now)
        return figure(measure, [Alike(case, 1) for case in cases], period, now)

    def behind(self, whose: Tenants, measure: Measure, parts: Collection[str], period: Period) -> list[Listed]:
        """The tickets behind parts of a figure, without their subjects: the latest first, open ones by deadline."""
        now = self._store.clock()
        cases = self._cohort(whose, measure.cohort, period, now)
        is_open = measure.cohort == Cohort.OPEN
        found = [
            Listed(case, given, None, at)
            for case in cases
            if (given := measure.classify(case, now)) in parts
            and given is not None
            and ((at := _sorted_by(case, measure.cohort)) in period or is_open)
        ]
        found.sort(key=lambda one: one.position, reverse=not is_open)
        return found

    def with_subjects(self, listed: Sequence[Listed]) -> Iterator[Listed]:
        """The same tickets with their subjects, which are read some hundreds at a time."""
        for start in range(0, len(listed), _SUBJECTS_AT_ONCE):
            some = listed[start : start + _SUBJECTS_AT_ONCE]
            known = self.subjects([one.case for one in some])
            for one in some:
                yield Listed(one.case, one.part, known.get((one.case.tenant, one.case.id)), one.at)

    def tickets(
        self,
        whose: Tenants,
        measure: Measure,
        parts: Collection[str],
        period: Period,
        after: Position | None,
        most: int,
    ) -> list[Listed]:
        """The tickets behind parts of a figure after a position, with their subjects."""
        if measure.cohort == Cohort.OPEN:
            found = [one for one in self.behind(whose, measure, parts, period) if after is None or one.position > after]
            return list(self.with_subjects(found[:most]))
        found: list[Listed] = []
        for week in reversed(list(period.weeks())):  # no earlier one is read than is shown
            if after is None or week.since.isoformat() <= after[0]:
                listed = self.behind(whose, measure, parts, week)
                found += listed if after is None else [one for one in listed if one.position < after]
            if len(found) >= most:
                break
        return list(self.with_subjects(found[:most]))

    def every_ticket(
        self, whose: Tenants, measure: Measure, parts: Collection[str], period: Period
    ) -> Iterator[Listed]:
        """All of them, in the same order."""
        return self.with_subjects(self.behind(whose, measure, parts, period))

    def of_gap(self, whose: Tenants, period: Period, ticket: Key) -> list[Listed]:
        """The tickets of the gap that a ticket belongs to, the latest first; empty where there is none any more."""
        return self._grouped(self.gaps(whose, period), ticket, "unanswered")

    def of_outbreak(self, whose: Tenants, period: Period, ticket: Key) -> list[Listed]:
        """The tickets of the outbreak that a ticket belongs to, the latest first; empty where there is none."""
        return self._grouped(self.outbreaks(whose, period), ticket, "outbreak")

    def gaps(self, whose: Tenants, period: Period) -> list[Gap]:
        """Groups of the period's unanswered tickets, the largest first; tickets behind the figure ``answers``."""
        answers = MEASURES[FigureName.ANSWERS]
        cases: list[Case] = []
        for week in reversed(list(period.weeks())):  # tickets of earlier weeks came before this one
            cases += [one.case for one in self.behind(whose, answers, answers.counted, week)]
            if sum(case.came_at >= week.since for case in cases) >= gap_groups.MOST_TICKETS:
                break
        latest = sorted(cases, key=lambda case: case.came_at)[-gap_groups.MOST_TICKETS :]
        return gap_groups.gaps(latest, self._vectors(latest))

    def outbreaks(self, whose: Tenants, period: Period) -> list[Outbreak]:
        """Bursts of alike tickets that came in the period, the latest first."""
        since = period.since - bursts.BASE - bursts.WINDOWS[-1]
        with self._store.read() as tx:
            arrivals = [
                case
                for tenant in self._tenants(tx, whose)
                for case in desk.came_between(tx, tenant, since, period.until, bursts.MOST_TICKETS)
            ]
        arrivals = sorted(arrivals, key=lambda case: case.came_at)[-bursts.MOST_TICKETS :]
        found = bursts.outbreaks(arrivals, self._vectors(arrivals), period)
        return [bursts.with_cases(one, self._whole(one.tickets)) for one in found]

    def subjects(self, cases: Sequence[Case]) -> dict[Key, str]:
        """The redacted subjects of tickets; those that nothing is known of are left out."""
        found: dict[Key, str] = {}
        with self._store.read() as tx:
            for tenant, ids in _by_tenant(cases).items():
                found |= {(tenant, id): text for id, text in desk.subjects(tx, tenant, ids).items()}
        return found

    def titles(self, refs: Sequence[SolutionRef]) -> dict[SolutionRef, str]:
        """The titles of solutions; those that are gone are left out."""
        with self._store.read() as tx:
            return desk.titles(tx, refs)

    def _counted(self, tx: Read, whose: Tenants, period: Period, now: datetime) -> dict[Cohort, list[Alike]]:
        """The tickets of each cohort, of the period and the one before, those that every figure counts alike once."""
        spans = [(week.since, week.until) for span in (period.before, period) for week in span.weeks()]
        found: dict[Cohort, list[Alike]] = {cohort: [] for cohort in Cohort}
        for tenant in self._tenants(tx, whose):
            resolved, asked = desk.resolved_alike(tx, tenant, spans), desk.asked_alike(tx, tenant, spans)
            found[Cohort.RESOLVED] += resolved
            found[Cohort.ASKED] += asked
            found[Cohort.HANDLED] += [*asked, *(one for one in resolved if one.case.asked_at is None)]
            found[Cohort.OPEN] += [Alike(case, 1) for case in desk.open_since(tx, tenant, now - OPEN_FOR)]
        return found

    def _written(self, tx: Read, whose: Tenants, period: Period) -> list[Alike]:
        return [
            Alike(case, 1)
            for tenant in self._tenants(tx, whose)
            for case in desk.written_between(tx, tenant, period.before.since, period.until)
        ]

    def _cohort(self, whose: Tenants, cohort: Cohort, span: Period, now: datetime) -> list[Case]:
        """The tickets of a cohort; of HANDLED also some that were asked for before the span."""
        found: list[Case] = []
        with self._store.read() as tx:
            for tenant in self._tenants(tx, whose):
                if cohort == Cohort.OPEN:
                    found += desk.open_since(tx, tenant, now - OPEN_FOR)
                    continue
                if cohort in (Cohort.ASKED, Cohort.HANDLED):
                    found += desk.asked_between(tx, tenant, span.since, span.until)
                if cohort in (Cohort.RESOLVED, Cohort.HANDLED):
                    resolved = desk.resolved_between(tx, tenant, span.since, span.until)
                    found += [one for one in resolved if cohort == Cohort.RESOLVED or one.asked_at is None]
        return found

    def _vectors(self, cases: Sequence[Case]) -> dict[Key, bytes]:
        found: dict[Key, bytes] = {}
        with self._store.read() as tx:
            current = generations.current(tx)
            if current is None:
                return found
            for tenant, ids in _by_tenant(cases).items():
                read = desk.vectors(tx, tenant, ids, current.id, current.model_id)
                found |= {(tenant, id): vector for id, vector in read.items()}
        return found

    def _grouped(self, groups: Sequence[Gap] | Sequence[Outbreak], ticket: Key, part: str) -> list[Listed]:
        group = next((one for one in groups if any(key(case) == ticket for case in one.tickets)), None)
        if group is None:
            return []
        found = [Listed(case, part, None, case.came_at) for case in group.tickets]
        return sorted(found, key=lambda one: one.position, reverse=True)

    def _whole(self, arrivals: Sequence[Case]) -> list[Case]:
        """The same tickets with all that is known of them."""
        with self._store.read() as tx:
            found = [case for tenant, ids in _by_tenant(arrivals).items() for case in desk.cases(tx, tenant, ids)]
        known = {key(case): case for case in found}
        return [known.get(key(case), case) for case in arrivals]

    def _tenants(self, tx: Read, whose: Tenants) -> Sequence[TenantId]:
        return tenants.all_tenants(tx) if whose is None else whose


def _sorted_by(case: Case, cohort: Cohort) -> datetime:
    if cohort == Cohort.OPEN:
        due = deadline(case)
        assert due is not None
        return due
    return moment(case, cohort)


def _by_tenant(cases: Sequence[Case]) -> Mapping[TenantId, list[str]]:
    found: dict[TenantId, list[str]] = {}
    for case in cases:
        found.setdefault(case.tenant, []).append(case.id)
    return found
