"""Escalated tickets that the base could have answered, gaps that close, and the review's queues."""

from __future__ import annotations

from datetime import timedelta

from knowledge.made import ACME, ACMES, GLOBEX, put, resolve, suggest

from desk.conftest import START
from kbsearch.desk.desk import Desk
from kbsearch.desk.measures import MEASURES, FigureName
from kbsearch.desk.period import Period
from kbsearch.desk.review import ReviewQueues
from kbsearch.model import Feedback, FeedbackOutcome, Ticket
from kbsearch.store.review import Reason

STEPS = "Stop the spooler. Empty its folder. Start the spooler again."


def escalations(desk: Desk, clock) -> dict[str, list[str]]:
    measure = MEASURES[FigureName.ESCALATIONS]
    period = Period(START - timedelta(days=1), clock.now + timedelta(hours=1))
    found: dict[str, list[str]] = {}
    for one in desk.every_ticket((ACME,), measure, measure.parts, period):
        found.setdefault(one.part, []).append(one.case.id)
    return found


def test_what_existed_before_and_what_is_known_today(kb, clock, desk: Desk) -> None:
    put(kb, "printer", "Printer offline", STEPS)
    clock.advance(hours=1)
    came = {"created_at": clock.now}
    resolve(kb, "first", "Printer offline", "Emptied the folder of the spooler.", level=1)
    resolve(kb, "before", "Printer offline in hall 3", "As told.", ticket=came, level=2, solution_id="printer")
    resolve(kb, "badge", "Badge reader beeps twice", "Wiped the reader of the badge with alcohol.", level=2)
    clock.advance(hours=1)
    put(kb, "new", "Kiosk shows nothing", "Plug the kiosk in again.", tenant=ACME)
    late = {"created_at": clock.now - timedelta(hours=2)}
    resolve(
        kb, "kiosk", "Kiosk shows nothing", "Plugged it in.", ticket=late, level=1, reassignments=2, solution_id="new"
    )
    assert escalations(desk, clock) == {"known_before": ["before"], "not_checked": ["kiosk", "badge"]}
    assert kb.second_looks.look(ACME, 50) == 4
    assert escalations(desk, clock) == {"known_before": ["before"], "known_today": ["kiosk"], "not_known": ["badge"]}
    assert kb.second_looks.look(ACME, 50) == 0
    put(kb, "badges", "Badge reader beeps twice", "Wipe the reader of the badge with alcohol.")
    assert kb.second_looks.look(ACME, 50) == 0  # not again so soon
    clock.advance(hours=7)
    assert kb.second_looks.look(ACME, 50) == 4
    assert escalations(desk, clock)["known_today"] == ["kiosk", "badge"]
    kb.tickets.reopen(ACME, "badge")
    assert escalations(desk, clock) == {"known_before": ["before"], "known_today": ["kiosk"]}


def test_its_own_fix_does_not_answer_a_ticket(kb, clock, desk: Desk) -> None:
    resolve(kb, "badge", "Badge reader beeps twice", "Wiped the reader of the badge with alcohol.", level=2)
    kb.second_looks.catch_up()
    assert escalations(desk, clock) == {"not_known": ["badge"]}


def test_a_gap_closes_when_an_article_answers_it(kb, clock, desk: Desk) -> None:
    for n in range(4):
        clock.advance(minutes=30)
        suggest(kb, "Payroll portal rejects the token", id=f"P-{n}", created_at=clock.now)
    resolve(kb, "P-0", "Payroll portal rejects the token", "done", level=2, minutes_spent=40)
    kb._suggestions.flush()
    clock.advance(minutes=1)
    period = Period(START, clock.now + timedelta(days=2))
    [gap] = desk.gaps((ACME,), period)
    assert (len(gap.tickets), gap.minutes, gap.timed, gap.clients) == (4, 40, 1, {ACME: 4})
    assert [one.id for one in gap.samples]
    assert len(gap.samples) == 3
    assert desk.gaps((GLOBEX,), period) == []
    put(kb, "payroll", "Payroll portal rejects the token", "Set the clock of the phone. Then make a new token.")
    kb.second_looks.catch_up()
    assert desk.gaps((ACME,), period) == []


def test_queues_of_the_review(kb, clock) -> None:
    queues = ReviewQueues(kb.store)
    put(kb, "old", "Fax shows E12", "Pull the lever of the fax.")
    put(kb, "bad", "Kiosk shows nothing", "Plug the kiosk in again.")
    for n in range(3):
        resolve(kb, f"W-{n}", f"Badge reader beeps twice {n}", "Wiped the reader of the badge with alcohol.")
        resolve(kb, f"B-{n}", "Kiosk shows nothing", "As told.", solution_id="bad")
    kb.tickets.reopen(ACME, "B-0")
    shown = kb.suggest(ACMES, Ticket("Kiosk shows nothing"))
    kb.give_feedback(ACME, Feedback(shown.id, "bad", FeedbackOutcome.WRONG, "anna"))
    resolve(kb, "thin", "Something else", "done")
    assert [one.ref.id for one in queues.page(ACMES, Reason.FAILING, 0, 9)] == ["bad"]
    [worked] = queues.page(ACMES, Reason.WORKED, 0, 9)
    assert (worked.solved, worked.failed) == (3, 0)
    assert queues.page(ACMES, Reason.STALE, 0, 9) == []
    assert queues.count(ACMES).queues == {
        "needs_review": 1, "flags": 1, "proposals": 0, "worked": 1, "failing": 1, "stale": 0
    }  # fmt: skip
    clock.advance(days=200)
    assert {one.ref.id for one in queues.page(ACMES, Reason.STALE, 0, 9)} == {"old", "bad"}
    resolve(kb, "again", "Fax shows E12", "As told.", solution_id="old")
    assert [one.ref.id for one in queues.page(ACMES, Reason.STALE, 0, 9)] == ["bad"]
