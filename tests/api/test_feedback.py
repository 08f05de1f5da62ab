"""POST /v1/suggestions/{id}/feedback."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from api.calls import Json, give_feedback, pointers, put_article, suggest
from kbsearch.access.keys import Keys
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Role, Scope, TenantId, Ticket

SUBJECT = "Shared calendar shows no free time"
FIX = "Grant the permission to see free and busy times."


@pytest.fixture
def suggestion(client: TestClient) -> Json:
    put_article(client, "calendar", SUBJECT, FIX)
    put_article(client, "unrelated", "Toner is empty", "Replace the toner cartridge.")
    found = suggest(client, SUBJECT)
    assert [solution["solution_id"] for solution in found["solutions"]] == ["calendar"]
    return found


def standing(client: TestClient) -> tuple[float, int, int]:
    """The score, and how many agents said that it solved their ticket, and that it is wrong or outdated."""
    solution = suggest(client, SUBJECT)["solutions"][0]
    evidence = solution["evidence"]
    assert (evidence["tickets"], evidence["solved"], evidence["failed"]) == (0, 0, 0), "no ticket was solved with it"
    return solution["score"], evidence["agents_solved"], evidence["agents_failed"]


def open_flags(knowledge: KnowledgeBase) -> list[tuple[str, str]]:
    with knowledge.store.read() as tx:
        return [tuple(row) for row in tx.rows("SELECT solution_id, reason FROM flags")]


@pytest.mark.parametrize(
    ("outcome", "solved", "failed"),
    [("solved", 1, 0), ("helpful", 0, 0), ("not_relevant", 0, 0), ("outdated", 0, 1), ("wrong", 0, 1)],
)
def test_changes_the_next_ranking_visibly(
    client: TestClient, suggestion: Json, outcome: str, solved: int, failed: int
) -> None:
    before = suggestion["solutions"][0]["score"]
    give_feedback(client, suggestion["suggestion_id"], "calendar", outcome)
    score, now_solved, now_failed = standing(client)
    assert (now_solved, now_failed) == (solved, failed)
    assert score > before if outcome in ("solved", "helpful") else score < before


def test_second_word_replaces_the_first(client: TestClient, suggestion: Json) -> None:
    give_feedback(client, suggestion["suggestion_id"], "calendar", "solved")
    liked = standing(client)
    give_feedback(client, suggestion["suggestion_id"], "calendar", "solved")
    assert standing(client) == liked
    give_feedback(client, suggestion["suggestion_id"], "calendar", "wrong")
    assert standing(client)[1:] == (0, 1)
    give_feedback(client, suggestion["suggestion_id"], "calendar", "solved")
    assert standing(client) == liked


@pytest.mark.parametrize(("outcome", "counted"), [("solved", (1, 0)), ("wrong", (0, 1)), ("not_relevant", (0, 0))])
def test_one_agent_counts_once_a_solution(
    client: TestClient, suggestion: Json, outcome: str, counted: tuple[int, int]
) -> None:
    give_feedback(client, suggestion["suggestion_id"], "calendar", outcome)
    once = standing(client)
    for _ in range(30):
        give_feedback(client, suggest(client, SUBJECT)["suggestion_id"], "calendar", outcome)
    assert standing(client) == once
    assert once[1:] == counted
    answer = suggest(client, SUBJECT)
    assert "30" not in f"{answer['verdict']['reason']} {answer['solutions'][0]['cautions']}"


def test_what_agents_found_wrong_reaches_the_cautions(client: TestClient, suggestion: Json) -> None:
    def doubts() -> list[str]:
        return [one for one in suggest(client, SUBJECT)["solutions"][0]["cautions"] if "agents" in one]

    give_feedback(client, suggestion["suggestion_id"], "calendar", "not_relevant")
    assert doubts() == []
    give_feedback(client, suggestion["suggestion_id"], "calendar", "wrong")
    assert doubts() == ["agents who found it wrong or outdated: 1, who solved a ticket with it: 0"]


def test_feedback_reorders_solutions_that_fit_alike(client: TestClient) -> None:
    put_article(client, "a", SUBJECT, "Grant the permission in Exchange now.")
    put_article(client, "b", SUBJECT, "Grant the permission in Exchange soon.")
    first = suggest(client, SUBJECT)
    best, other = (solution["solution_id"] for solution in first["solutions"])
    give_feedback(client, first["suggestion_id"], other, "solved")
    give_feedback(client, first["suggestion_id"], best, "wrong")
    assert [solution["solution_id"] for solution in suggest(client, SUBJECT)["solutions"]] == [other, best]


def test_outdated_and_wrong_open_a_flag_and_another_word_takes_it_back(
    client: TestClient, suggestion: Json, knowledge: KnowledgeBase
) -> None:
    for outcome, flags in [
        ("solved", []),
        ("outdated", [("calendar", "outdated")]),
        ("wrong", [("calendar", "wrong")]),
        ("helpful", []),
    ]:
        give_feedback(client, suggestion["suggestion_id"], "calendar", outcome)
        assert open_flags(knowledge) == flags


def test_suggestion_that_does_not_exist(client: TestClient, suggestion: Json) -> None:
    response = client.post("/v1/suggestions/no-such/feedback", json={"solution_id": "calendar", "outcome": "solved"})
    assert response.status_code == 404


@pytest.mark.parametrize("solution_id", ["unrelated", "no-such"])
def test_solution_that_was_not_shown(client: TestClient, suggestion: Json, solution_id: str) -> None:
    url = f"/v1/suggestions/{suggestion['suggestion_id']}/feedback"
    response = client.post(url, json={"solution_id": solution_id, "outcome": "solved"})
    assert pointers(response) == ["/solution_id"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"outcome": "great"}, "/outcome"),
        ({"outcome": None}, "/outcome"),
        ({"solution_id": 7}, "/solution_id"),
        ({"comment": "x" * 2_001}, "/comment"),
        ({"agent": "somebody"}, "/agent"),
    ],
)
def test_value_that_cannot_be(client: TestClient, suggestion: Json, fields: dict[str, Any], pointer: str) -> None:
    sent = {"solution_id": "calendar", "outcome": "solved", **fields}
    response = client.post(f"/v1/suggestions/{suggestion['suggestion_id']}/feedback", json=sent)
    assert pointers(response) == [pointer]
    assert standing(client)[1:] == (0, 0)


def test_known_right_after_it_was_shown(client: TestClient) -> None:
    put_article(client, "calendar", SUBJECT, FIX)
    for _ in range(50):
        give_feedback(client, suggest(client, SUBJECT)["suggestion_id"], "calendar", "solved")
    assert standing(client)[1:] == (1, 0)


def test_a_ticket_system_speaks_for_agents_each_with_one_voice(
    client: TestClient, knowledge: KnowledgeBase, suggestion: Json
) -> None:
    def say(role: Role, agent: str) -> int:
        body = {"solution_id": "calendar", "outcome": "wrong", "agent": agent}
        path = f"/v1/suggestions/{suggestion['suggestion_id']}/feedback"
        return client.post(path, json=body, headers={"Authorization": f"Bearer {texts[role]}"}).status_code

    keys = Keys(knowledge.store)
    before = knowledge.suggest(Scope(TenantId("default")), Ticket(SUBJECT)).solutions[0]
    texts = {role: keys.create(role, role, (TenantId("default"),))[1] for role in (Role.ADMIN, Role.SYSTEM)}
    assert [say(Role.SYSTEM, agent) for agent in ("ana", "boris", "ana", "vera")] == [204] * 4
    after = knowledge.suggest(Scope(TenantId("default")), Ticket(SUBJECT)).solutions[0]
    assert after.solution.evidence.agents_failed == 3
    assert after.score < before.score - 0.3
    assert say(Role.ADMIN, "ana") == 422
