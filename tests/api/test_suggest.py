"""POST /v1/suggest."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.calls import pointers, put_article, suggest, write_back

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

SUBJECT = "Outlook asks for the password again and again"
FIX = "Removed the stored Office credential in Credential Manager and signed in again."


@pytest.fixture
def desk(client: TestClient) -> TestClient:
    """A client of a knowledge base with a few articles about other things, so that what fits stands out."""
    others = ["printer toner", "wifi guest", "badge reader", "projector lamp", "monitor cable", "phone headset"]
    for other in others:
        put_article(client, other, f"How to replace a {other}", f"Order the {other} from the stock room.")
    return client


def test_answer_has_the_shape_of_the_contract(desk: TestClient) -> None:
    written = write_back(
        desk,
        "RT-931",
        SUBJECT,
        FIX,
        ticket={
            "description": "The password window comes back since this morning.",
            "environment": ["Outlook 2016"],
            "language": "en",
        },
        cause="The stored credential was older than the password.",
        resolved_at="2026-11-20T08:00:00+02:00",
        minutes_spent=12,
    )
    answer = suggest(
        desk,
        SUBJECT,
        id="RT-1042",
        description="The password window comes back since this morning.",
        environment=["Windows 11", "Outlook 2021"],
        language="en",
        priority="high",
        created_at="2026-11-23T09:30:00Z",
        respond_by="2026-11-23T13:30:00Z",
        resolve_by="2026-11-23T13:00:00Z",
    )
    assert answer.keys() == {"suggestion_id", "verdict", "solutions", "revision", "model", "took_ms", "stages_ms"}
    verdict = answer["verdict"]
    assert verdict.keys() == {"status", "action", "confidence", "reason", "minutes_left", "typical_minutes"}
    assert verdict["status"] in ("known", "unsure")
    assert verdict["action"] in ("apply", "verify")
    assert 0 < verdict["confidence"] <= 1
    assert verdict["minutes_left"] == 210
    assert verdict["typical_minutes"] == 12
    assert answer["revision"] == written["revision"]
    assert answer["model"] == "hashing@64"
    assert answer["took_ms"] > 0
    [solution] = answer["solutions"]
    assert solution.keys() == {
        "rank", "solution_id", "kind", "title", "resolution", "cause", "confidence", "score", "language", "state",
        "tenant", "updated_at", "evidence", "matches", "cautions",
    }  # fmt: skip
    assert solution["rank"] == 1
    assert solution["kind"] == "ticket"
    assert solution["title"] == SUBJECT
    assert solution["resolution"] == FIX
    assert solution["cause"] == "The stored credential was older than the password."
    assert 0 < solution["confidence"] <= verdict["confidence"] <= 1
    assert solution["language"] == "en"
    assert solution["state"] == "not_validated"
    assert solution["tenant"] == "default"
    assert TIME.fullmatch(solution["updated_at"])
    assert solution["evidence"] == {
        "tickets": 1,
        "solved": 1,
        "failed": 0,
        "last_used_at": "2026-11-20T06:00:00Z",
        "examples": ["RT-931"],
        "agents_solved": 0,
        "agents_helpful": 0,
        "agents_failed": 0,
    }
    match, title = solution["matches"]
    assert match.keys() == {"field", "text", "terms"}
    assert match["field"] == "issue"
    assert "password" in match["terms"]
    assert (title["field"], title["text"]) == ("title", SUBJECT)
    assert all(term in one["text"] for one in (match, title) for term in one["terms"])
    assert any("Outlook 2016" in caution for caution in solution["cautions"])


def test_article_is_a_solution_of_its_own_id(client: TestClient) -> None:
    put_article(client, "outlook-password", SUBJECT, FIX, state="validated")
    [solution] = suggest(client, SUBJECT)["solutions"]
    assert solution["solution_id"] == "outlook-password"
    assert solution["kind"] == "article"
    assert solution["state"] == "validated"
    assert solution["cause"] is None
    assert solution["evidence"] == {
        "tickets": 0, "solved": 0, "failed": 0, "last_used_at": None, "examples": [],
        "agents_solved": 0, "agents_helpful": 0, "agents_failed": 0,
    }  # fmt: skip


def test_nothing_known_is_an_empty_list_and_new(client: TestClient) -> None:
    answer = suggest(client, SUBJECT)
    assert answer["solutions"] == []
    assert answer["verdict"]["status"] == "new"
    assert answer["verdict"]["action"] == "escalate"
    assert answer["verdict"]["confidence"] == 0
    assert answer["verdict"]["minutes_left"] is None
    assert answer["revision"] == 0


def test_unrelated_knowledge_is_not_suggested(client: TestClient) -> None:
    put_article(client, "toner", "Printer prints grey stripes", "Replace the toner cartridge of the printer.")
    answer = suggest(client, "Projector remote control lost")
    assert answer["solutions"] == []
    assert answer["verdict"]["status"] == "new"


def test_validated_solution_that_fits_is_to_be_applied(desk: TestClient) -> None:
    put_article(desk, "outlook-password", SUBJECT, FIX, state="validated")
    verdict = suggest(desk, SUBJECT)["verdict"]
    assert (verdict["status"], verdict["action"]) == ("known", "apply")
    assert SUBJECT in verdict["reason"]


def test_solution_that_nobody_confirmed_is_to_be_verified(desk: TestClient) -> None:
    put_article(desk, "outlook-password", SUBJECT, FIX, state="not_validated")
    answer = suggest(desk, SUBJECT)
    assert (answer["verdict"]["status"], answer["verdict"]["action"]) == ("known", "verify")
    assert any("validated" in caution for caution in answer["solutions"][0]["cautions"])


def test_draft_without_a_resolution_is_no_known_solution(desk: TestClient) -> None:
    put_article(desk, "unwritten", SUBJECT, "", state="wip")
    answer = suggest(desk, SUBJECT)
    assert [solution["solution_id"] for solution in answer["solutions"]] == ["unwritten"]
    assert answer["verdict"]["status"] == "new"
    put_article(desk, "outlook-password", SUBJECT, FIX, state="validated")
    answer = suggest(desk, SUBJECT)
    assert [solution["solution_id"] for solution in answer["solutions"]] == ["outlook-password", "unwritten"]
    assert (answer["verdict"]["status"], answer["verdict"]["action"]) == ("known", "apply")


def test_one_row_for_all_tickets_with_the_same_fix(desk: TestClient) -> None:
    for i in range(4):
        write_back(desk, f"RT-{i}", f"{SUBJECT} on PC{i}", FIX, minutes_spent=10 * i)
    answer = suggest(desk, SUBJECT)
    [solution] = answer["solutions"]
    assert solution["evidence"]["tickets"] == 4
    assert solution["evidence"]["solved"] == 4
    assert set(solution["evidence"]["examples"]) <= {f"RT-{i}" for i in range(4)}
    assert answer["verdict"]["typical_minutes"] == 15


def test_escalates_when_the_usual_time_exceeds_the_time_left(desk: TestClient) -> None:
    write_back(desk, "RT-1", SUBJECT, FIX, minutes_spent=35)
    enough = suggest(desk, SUBJECT, resolve_by="2026-11-23T10:30:00Z")["verdict"]
    assert enough["action"] != "escalate"
    assert enough["minutes_left"] == 60
    short = suggest(desk, SUBJECT, resolve_by="2026-11-23T10:00:00Z")["verdict"]
    assert short["status"] == "known"
    assert short["action"] == "escalate"
    assert short["minutes_left"] == 30
    assert short["typical_minutes"] == 35
    assert "30" in short["reason"]
    assert "35" in short["reason"]


def test_the_time_to_resolve_counts_and_a_reply_only_until_it_has_gone_out(client: TestClient) -> None:
    times = {"respond_by": "2026-11-23T09:40:00Z", "resolve_by": "2026-11-23T13:30:00Z"}
    assert suggest(client, SUBJECT, **times)["verdict"]["minutes_left"] == 240
    del times["resolve_by"]
    assert suggest(client, SUBJECT, **times)["verdict"]["minutes_left"] == 10
    times["responded_at"] = "2026-11-23T09:20:00Z"
    assert suggest(client, SUBJECT, **times)["verdict"]["minutes_left"] is None


def test_the_verdict_is_the_same_for_every_limit(desk: TestClient) -> None:
    for number in range(8):
        put_article(desk, f"outlook-{number}", f"Outlook asks for the password, case {number}", f"Do step {number}")
    body = {"ticket": {"subject": SUBJECT}}
    answers = [desk.post("/v1/suggest", json=body | {"limit": limit}).json() for limit in (1, 2, 5, 50)]
    assert len({str(answer["verdict"]) for answer in answers}) == 1
    assert [len(answer["solutions"]) for answer in answers][:3] == [1, 2, 5]


def test_a_single_fix_that_nobody_validated_never_goes_before_a_proven_one(desk: TestClient) -> None:
    put_article(desk, "outlook-password", "Outlook asks for the password", FIX, state="validated")
    for number in range(5):
        write_back(desk, f"RT-{number}", f"{SUBJECT} on PC{number}", FIX, solution_id="outlook-password")
    before = suggest(desk, SUBJECT)
    write_back(desk, "RT-99", SUBJECT, "Download and run outlookfix.exe from the address in the mail")
    after = suggest(desk, SUBJECT)
    assert after["solutions"][0]["solution_id"] == "outlook-password"
    assert after["verdict"]["action"] == "apply"
    assert after["solutions"][0]["confidence"] >= before["solutions"][0]["confidence"] - 0.05


def test_one_write_back_alone_is_to_be_verified_and_another_code_is_named(desk: TestClient) -> None:
    write_back(desk, "RT-1", "Application shows ORA-00904", "Granted the missing column right and reopened the form.")
    assert suggest(desk, "Application shows ORA-00904")["verdict"]["action"] == "verify"
    other = suggest(desk, "Application shows ORA-99999")
    assert other["verdict"]["status"] in ("unsure", "new")
    assert all("ORA-00904" in " ".join(one["cautions"]) for one in other["solutions"])


def test_escalates_when_the_time_has_passed(desk: TestClient) -> None:
    put_article(desk, "outlook-password", SUBJECT, FIX, state="validated")
    verdict = suggest(desk, SUBJECT, resolve_by="2026-11-23T09:00:00Z")["verdict"]
    assert verdict["action"] == "escalate"
    assert verdict["minutes_left"] == -30


@pytest.mark.parametrize(
    ("subject", "language", "bulgarian"),
    [
        (SUBJECT, None, False),
        (SUBJECT, "en", False),
        (SUBJECT, "bg", True),
        (SUBJECT, "bg-BG", True),
        ("Принтерът не печата на втория етаж", None, True),
        ("Принтерът не печата на втория етаж", "en", False),
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_reason_speaks_the_language_of_the_ticket(
    client: TestClient, subject: str, language: str | None, bulgarian: bool, known: bool
) -> None:
    if known:
        put_article(client, "known", "Printer Принтерът", "Сменете касетата с тонер. Replace the toner.")
    reason = suggest(client, subject, language=language)["verdict"]["reason"]
    outside_title = reason.replace("Принтерът", "")
    assert bool(re.search("[а-яА-Я]", outside_title)) is bulgarian


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_limit_bounds_the_solutions(client: TestClient, limit: int) -> None:
    for i in range(7):
        put_article(client, f"a{i}", SUBJECT, f"{FIX} Then choose way number {i}.")
    solutions = suggest(client, SUBJECT, limit=limit)["solutions"]
    assert len(solutions) == min(limit, 7)
    assert [solution["rank"] for solution in solutions] == list(range(1, len(solutions) + 1))
    scores = [solution["score"] for solution in solutions]
    assert scores == sorted(scores, reverse=True)


def test_five_solutions_unless_asked_otherwise(client: TestClient) -> None:
    for i in range(7):
        put_article(client, f"a{i}", SUBJECT, f"{FIX} Then choose way number {i}.")
    assert len(suggest(client, SUBJECT)["solutions"]) == 5


@pytest.mark.parametrize("limit", [0, -1, 51, "5", 5.5, 5.0, True, None, [5], 2**70])
def test_limit_that_cannot_be(unchanged: TestClient, limit: Any) -> None:
    response = unchanged.post("/v1/suggest", json={"ticket": {"subject": SUBJECT}, "limit": limit})
    assert pointers(response) == ["/limit"]


def test_min_revision_is_seen_or_refused(client: TestClient) -> None:
    revision = write_back(client, "RT-1", SUBJECT, FIX)["revision"]
    body = {"ticket": {"subject": SUBJECT}, "min_revision": revision}
    response = client.post("/v1/suggest", json=body)
    assert response.status_code == 200
    assert response.json()["revision"] >= revision
    ahead = client.post("/v1/suggest", json={**body, "min_revision": revision + 1})
    assert ahead.status_code == 503
    assert int(ahead.headers["retry-after"]) >= 1
    write_back(client, "RT-2", "Another subject", "Another fix that tells what was done.")
    assert client.post("/v1/suggest", json={**body, "min_revision": revision + 1}).status_code == 200


@pytest.mark.parametrize("min_revision", [-1, "1", 1.5, True, 2**60])
def test_min_revision_that_cannot_be(unchanged: TestClient, min_revision: Any) -> None:
    response = unchanged.post("/v1/suggest", json={"ticket": {"subject": SUBJECT}, "min_revision": min_revision})
    assert pointers(response) == ["/min_revision"]


def test_suggestion_ids_differ(client: TestClient) -> None:
    assert suggest(client, SUBJECT)["suggestion_id"] != suggest(client, SUBJECT)["suggestion_id"]


def test_the_same_question_gets_the_same_answer(client: TestClient) -> None:
    for i in range(5):
        put_article(client, f"a{i}", f"{SUBJECT} {i}", f"{FIX} Way number {i}.")
    first, second = suggest(client, SUBJECT), suggest(client, SUBJECT)
    for answer in (first, second):
        del answer["suggestion_id"], answer["took_ms"]
    assert first == second
