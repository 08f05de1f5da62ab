from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.model import Action, ArticleState, Status, Ticket
from kbsearch.ranking.cautions import Doubt
from kbsearch.ranking.confidence import GUESSED, NEW_BELOW
from kbsearch.ranking.verdict import KNOWN_FROM, verdict
from ranking.made import NOW, make_ranked, make_solution

SURE, UNSURE = KNOWN_FROM + 0.01, KNOWN_FROM - 0.01
VALIDATED = make_solution(state=ArticleState.VALIDATED)
PROVEN = make_solution(state=ArticleState.NOT_VALIDATED, tickets=3, solved=3)
UNPROVEN = make_solution(state=ArticleState.NOT_VALIDATED)


def _judge(solution, confidence, language="en", **deadlines):
    times = {name: NOW + timedelta(minutes=minutes) for name, minutes in deadlines.items()}
    shown = [] if solution is None else [make_ranked(solution, confidence)]
    return verdict(Ticket("Printer shows offline", **times), shown, confidence, language, NOW)


@pytest.mark.parametrize(
    ("solution", "confidence", "status", "action"),
    [
        (VALIDATED, SURE, Status.KNOWN, Action.APPLY),
        (PROVEN, SURE, Status.KNOWN, Action.APPLY),
        (UNPROVEN, SURE, Status.KNOWN, Action.VERIFY),
        (make_solution(state=ArticleState.WIP), SURE, Status.KNOWN, Action.VERIFY),
        (make_solution(state=ArticleState.NOT_VALIDATED, tickets=1, failed=1), SURE, Status.KNOWN, Action.VERIFY),
        (VALIDATED, UNSURE, Status.UNSURE, Action.VERIFY),
        (PROVEN, UNSURE, Status.UNSURE, Action.VERIFY),
        (UNPROVEN, UNSURE, Status.UNSURE, Action.VERIFY),
        (make_solution(state=ArticleState.WIP, tickets=3, solved=3), SURE, Status.KNOWN, Action.VERIFY),
        (make_solution(state=ArticleState.NOT_VALIDATED, agents_solved=9), SURE, Status.KNOWN, Action.VERIFY),
        (make_solution(state=ArticleState.NOT_VALIDATED, solved=1, failed=2), SURE, Status.KNOWN, Action.VERIFY),
        (None, 0.0, Status.NEW, Action.ESCALATE),
        (VALIDATED, KNOWN_FROM, Status.KNOWN, Action.APPLY),
    ],
)
def test_what_is_known_and_what_to_do(solution, confidence, status, action):
    given = _judge(solution, confidence)
    assert (given.status, given.action, given.confidence) == (status, action, confidence)
    assert given.minutes_left is None


@pytest.mark.parametrize(
    ("deadlines", "minutes_left"),
    [
        ({}, None),
        ({"respond_by": 30}, 30),
        ({"resolve_by": 240}, 240),
        ({"respond_by": 30, "resolve_by": 240}, 240),
        ({"respond_by": 240, "resolve_by": 30}, 30),
        ({"respond_by": -10, "resolve_by": 240}, 240),
        ({"respond_by": 30, "resolve_by": -10}, -10),
        ({"respond_by": -90, "resolve_by": -10}, -10),
        ({"respond_by": -10}, -10),
        ({"resolve_by": 0}, 0),
        ({"resolve_by": 1.5}, 1),
    ],
)
@pytest.mark.parametrize(("solution", "confidence"), [(VALIDATED, SURE), (VALIDATED, UNSURE), (None, 0.0)])
def test_the_time_to_resolve_counts_where_there_is_one(deadlines, minutes_left, solution, confidence):
    assert _judge(solution, confidence, **deadlines).minutes_left == minutes_left


@pytest.mark.parametrize(
    ("typical", "deadlines", "action"),
    [
        (20, {"resolve_by": 60}, Action.APPLY),
        (60, {"resolve_by": 60}, Action.APPLY),
        (61, {"resolve_by": 60}, Action.ESCALATE),
        (None, {"resolve_by": 1}, Action.APPLY),
        (20, {}, Action.APPLY),
        (20, {"resolve_by": -5}, Action.ESCALATE),
        (None, {"resolve_by": -5}, Action.ESCALATE),
        (20, {"respond_by": -5, "resolve_by": 60}, Action.APPLY),
        (20, {"respond_by": 10, "resolve_by": 60}, Action.APPLY),
        (20, {"respond_by": 10}, Action.ESCALATE),
        (20, {"respond_by": 10, "responded_at": -5}, Action.APPLY),
        (20, {"respond_by": -10, "responded_at": -15}, Action.APPLY),
        (None, {"resolve_by": 59 / 60}, Action.APPLY),
        (None, {"resolve_by": -1 / 60}, Action.ESCALATE),
    ],
)
def test_the_clock_may_ask_for_escalation(typical, deadlines, action):
    given = _judge(make_solution(typical_minutes=typical), SURE, **deadlines)
    assert (given.status, given.action, given.typical_minutes) == (Status.KNOWN, action, typical)


@pytest.mark.parametrize(
    ("language", "solution", "confidence", "deadlines", "said"),
    [
        ("en", VALIDATED, SURE, {}, ["“Printer offline”"]),
        ("en", PROVEN, SURE, {}, ["“Printer offline”", "3"]),
        ("en", UNPROVEN, SURE, {}, ["not validated"]),
        ("en", VALIDATED, UNSURE, {}, ["check “Printer offline”"]),
        ("en", None, 0.0, {}, ["second line"]),
        ("en", VALIDATED, SURE, {"resolve_by": -5}, ["resolution time has passed"]),
        ("en", VALIDATED, SURE, {"respond_by": -5}, ["reply time has passed"]),
        ("en", VALIDATED, SURE, {"respond_by": 9, "resolve_by": 90}, ["very likely", "9"]),
        ("en", VALIDATED, SURE, {"respond_by": -9, "resolve_by": 90}, ["very likely", "reply time has passed"]),
        ("en", make_solution(typical_minutes=45), SURE, {"resolve_by": 30}, ["45", "30", "resolution time"]),
        ("bg", VALIDATED, SURE, {}, ["„Printer offline“", "Решението"]),
        ("bg", PROVEN, SURE, {}, ["Решени", "3"]),
        ("bg", UNPROVEN, SURE, {}, ["не е потвърдено"]),
        ("bg", VALIDATED, UNSURE, {}, ["проверете „Printer offline“"]),
        ("bg", None, 0.0, {}, ["второ ниво"]),
        ("bg", VALIDATED, SURE, {"resolve_by": -5}, ["решаване", "изтекъл"]),
        ("bg", VALIDATED, SURE, {"respond_by": -5}, ["отговор", "изтекъл"]),
        ("bg", make_solution(typical_minutes=45), SURE, {"resolve_by": 30}, ["45", "30", "решаване", "ескалирайте"]),
        ("de", VALIDATED, SURE, {}, ["very likely"]),
    ],
)
def test_the_reason_is_given_in_the_tickets_language(language, solution, confidence, deadlines, said):
    reason = _judge(solution, confidence, language, **deadlines).reason
    assert all(words in reason for words in said), reason


def test_a_title_with_braces_is_only_a_title():
    assert "{left} {0}" in _judge(make_solution(title="{left} {0}"), SURE).reason


@given(
    st.floats(0, 1),
    st.sampled_from([VALIDATED, PROVEN, UNPROVEN, None]),
    st.sampled_from(["en", "bg"]),
    st.dictionaries(st.sampled_from(["respond_by", "resolve_by"]), st.integers(-10_000, 10_000)),
)
def test_every_verdict_is_whole(confidence, solution, language, deadlines):
    verdict = _judge(solution, confidence, language, **deadlines)
    assert verdict.reason
    assert "{" not in verdict.reason
    assert (verdict.status == Status.NEW) <= (verdict.action == Action.ESCALATE)
    assert (verdict.action == Action.APPLY) <= (verdict.status == Status.KNOWN)
    if verdict.minutes_left is not None and verdict.minutes_left < 0:
        assert verdict.action == Action.ESCALATE


@given(
    st.floats(0, 1),
    st.sampled_from([VALIDATED, PROVEN, UNPROVEN, None]),
    st.sampled_from(["Printer shows offline", "printer", "VPN?", "1", "x", "не работи", "help", "0x80070005"]),
    st.sets(st.sampled_from(Doubt)),
)
def test_the_confidence_of_a_verdict_agrees_with_its_status(confidence, solution, text, doubts):
    shown = [] if solution is None else [make_ranked(solution, confidence)]
    given = verdict(Ticket(text), shown, confidence, "en", NOW, doubts)
    assert given.confidence <= confidence
    assert (given.status == Status.NEW) == (given.confidence < NEW_BELOW)
    assert (given.status == Status.KNOWN) == (given.confidence >= KNOWN_FROM)


@pytest.mark.parametrize("text", ["1", "42", "x", "?", "не работи", "help", "Re: Fwd:", "error"])
def test_a_ticket_that_says_nothing_makes_nothing_likely(text):
    given = verdict(Ticket(text), [make_ranked(VALIDATED, 0.9)], 0.9, "en", NOW)
    assert (given.status, given.confidence) == (Status.NEW, GUESSED)


@pytest.mark.parametrize(("language", "said"), [("en", "compare both"), ("bg", "сравнете ги")])
def test_a_rival_keeps_a_solution_from_being_applied_at_once(language, said):
    ticket, shown = Ticket("Printer shows offline"), [make_ranked(VALIDATED, SURE)]
    judged = verdict(ticket, shown, SURE, language, NOW, {Doubt.RIVAL})
    assert (judged.status, judged.action) == (Status.KNOWN, Action.VERIFY)
    assert said in judged.reason
