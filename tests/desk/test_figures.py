"""Each figure against a count of what was played, with tenants apart and erased tickets gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from desk.ledger import ARTICLES, Ledger, Note
from kbsearch.desk import export
from kbsearch.desk.desk import Desk
from kbsearch.desk.measures import FigureName
from kbsearch.desk.period import Period
from kbsearch.model import TenantId
from kbsearch.store.desk import Case

ACME, GLOBEX = TenantId("acme"), TenantId("globex")

Counted = Callable[[Note, datetime], tuple[datetime | None, str] | None]
"""When a ticket counts, None for now; and as what. None: it does not count."""


def at_resolution(part: Callable[[Note], str | None]) -> Counted:
    def count(note: Note, now: datetime) -> tuple[datetime, str] | None:
        if note.resolved is None or (found := part(note)) is None:
            return None
        assert note.resolved.resolved_at is not None
        return note.resolved.resolved_at, found

    return count


def first_line(note: Note) -> str | None:
    assert note.resolved is not None
    if note.resolved.level is None:
        return None
    alone = note.resolved.level == 1 and note.resolved.reassignments in (None, 0)
    return "first_line" if alone and note.reopened_at is None else "not_first_line"


def linked(note: Note) -> str | None:
    return None if note.open else "article" if note.solution_id in ARTICLES else "no_article"


def reused(note: Note) -> str | None:
    return None if note.open else {"linked": "reused", "created": "new"}.get(note.outcome or "", "needs_review")


def novelty(note: Note) -> str | None:
    return {"reused": "known", "new": "new"}.get(reused(note) or "")


def write_back(note: Note) -> str | None:
    assert note.resolved is not None
    if note.open:
        return None
    minutes = max(0.0, (note.written_at - note.resolved.resolved_at) / timedelta(minutes=1))
    if minutes <= 15:
        return "within_15_minutes"
    return "within_1_hour" if minutes <= 60 else "within_8_hours" if minutes <= 480 else "later"


def verdict(note: Note, now: datetime) -> tuple[datetime, str] | None:
    return (note.asked[0][0], note.asked[-1][1]) if note.asked else None


def acceptance(note: Note, now: datetime) -> tuple[datetime, str] | None:
    shown = {id for _, _, ids in note.asked for id in ids}
    if not shown:
        return None
    if note.helped or (note.solution_id is not None and note.solution_id in shown):
        return note.asked[0][0], "accepted"
    return (note.asked[0][0], "not_accepted") if note.judged or (note.resolved and not note.open) else None


def deadlines(note: Note, now: datetime) -> tuple[None, str] | None:
    due = min([one for one in (note.respond_by, note.resolve_by) if one], default=None)
    touched = [note.asked[-1][0]] if note.asked else []
    touched += [note.reopened_at] if note.reopened_at else []
    if not note.open or due is None or max(touched) < now - timedelta(days=14):
        return None
    return None, "overdue" if due < now else "at_risk" if due <= now + timedelta(hours=1) else "in_time"


def answers(note: Note, now: datetime) -> tuple[datetime, str] | None:
    moment = note.asked[0][0] if note.asked else note.resolved.resolved_at if note.resolved else None
    if moment is None:
        return None
    helped = acceptance(note, now)
    if (helped and helped[1] == "accepted") or note.outcome == "linked":
        return moment, "answered"
    return None if note.outcome is None and note.asked[-1][1] != "new" else (moment, "unanswered")


COUNTED: dict[str, Counted] = {
    "first_line": at_resolution(first_line),
    "verdicts": verdict,
    "acceptance": acceptance,
    "links": at_resolution(linked),
    "reuse": at_resolution(reused),
    "novelty": at_resolution(novelty),
    "write_back": at_resolution(write_back),
    "deadlines": deadlines,
    "answers": answers,
}


@pytest.fixture(params=[1, 2], ids=["one", "two"])
def ledger(request: pytest.FixtureRequest, kb, clock) -> Iterator[Ledger]:
    played = Ledger(kb, clock, request.param, (ACME, GLOBEX))
    played.play(220)
    return played


def counts(ledger: Ledger, name: str, whose: set[TenantId], period: Period) -> Counter[str]:
    now = ledger.clock.now
    found = [COUNTED[name](note, now) for (tenant, _), note in ledger.notes.items() if tenant in whose]
    return Counter(part for at, part in filter(None, found) if at is None or period.since <= at < period.until)


def test_every_figure_is_what_was_played(ledger: Ledger, desk: Desk) -> None:
    now = ledger.clock.now
    assert set(COUNTED) == set(FigureName) - {"escalations"}  # see test_escalations.py
    for days, ago in ((28, 0), (7, 3), (400, 0)):
        period = Period(now - timedelta(days=days + ago), now - timedelta(days=ago) + timedelta(microseconds=1))
        for whose in ((ACME,), (GLOBEX,), (ACME, GLOBEX)):
            for figure in desk.board(whose, period).figures:
                name = figure.measure.name
                if name not in COUNTED:
                    continue
                wanted = counts(ledger, name, set(whose), period)
                assert +Counter(figure.parts) == wanted, (name, whose, days)
                if name != "deadlines":
                    earlier = counts(ledger, name, set(whose), period.before)
                    assert figure.before.denominator == earlier.total()
                    assert sum(week.share.denominator for week in figure.weeks) == wanted.total()
    assert desk.board(None, period) == desk.board((ACME, GLOBEX), period)
    assert all(counts(ledger, name, {ACME, GLOBEX}, period) for name in COUNTED), "each figure counts something"


def test_tile_list_and_file_are_of_the_same_tickets(ledger: Ledger, desk: Desk) -> None:
    now = ledger.clock.now
    period = Period(now - timedelta(days=20), now)
    for figure in desk.board(None, period).figures:
        measure = figure.measure
        for part, count in figure.parts.items():
            listed = list(desk.every_ticket(None, measure, (part,), period))
            assert len(listed) == count, (measure.name, part)
            paged, behind = [], None
            while page := desk.tickets(None, measure, (part,), period, behind, 7):
                paged += page
                behind = page[-1].position
            assert paged == listed
            rows = "".join(export.lines(listed)).splitlines()
            assert len(rows) == count + 1
            assert all(one.part == part and one.subject for one in listed)


def test_what_is_erased_counts_no_more(ledger: Ledger, desk: Desk) -> None:
    period = Period(ledger.clock.now - timedelta(days=399), ledger.clock.now + timedelta(hours=1))
    for (tenant, id), _ in list(ledger.notes.items()):
        ledger.kb.tickets.erase(tenant, id)
    assert all(not any(figure.parts.values()) for figure in desk.board(None, period).figures)
    assert desk.gaps(None, period) == []


def test_another_tenant_changes_nothing(ledger: Ledger, desk: Desk, kb, clock) -> None:
    period = Period(clock.now - timedelta(days=100), clock.now)
    before = desk.board((ACME,), period), desk.gaps((ACME,), period), desk.outbreaks((ACME,), period)
    Ledger(kb, clock, 9, (TenantId("initech"),)).play(60)
    clock.now = period.until
    assert (desk.board((ACME,), period), desk.gaps((ACME,), period), desk.outbreaks((ACME,), period)) == before


def test_no_row_names_a_person() -> None:
    assert not {"resolved_by", "agent"} & {*export.COLUMNS, *Case.__slots__}
