"""A tenant's redaction policy over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.calls import pointers, suggest
from kbsearch.knowledge import KnowledgeBase

STRICT = {"off": [], "words": [], "kept": [], "keep_raw": False, "sealed": False}


def put(client, **policy):
    return client.put("/v1/redaction", json=policy)


def resolution_of(client, id, text):
    body = {"ticket": {"subject": "Mail bounces"}, "resolution": text}
    assert client.put(f"/v1/tickets/{id}/resolution", json=body).status_code == 201
    return client.get(f"/v1/tickets/{id}").json()["resolution"]


def test_it_is_strict_until_it_is_set(client):
    assert client.get("/v1/redaction").json() == STRICT


def test_it_holds_for_the_next_write_back(client):
    text = "Told Heron to write to desk@example.org from srv-mail-01.corp.example.org"
    assert "desk@example.org" not in resolution_of(client, "T-1", text)
    wanted = {"off": ["host"], "words": ["Heron"], "kept": ["desk@example.org"], "keep_raw": True}
    answer = put(client, **wanted)
    assert answer.status_code == 200
    assert answer.json() == client.get("/v1/redaction").json() == {**STRICT, **wanted}
    written = resolution_of(client, "T-2", text)
    assert "Heron" not in written
    assert "desk@example.org" in written
    assert "srv-mail-01.corp.example.org" in written


def test_what_is_left_out_is_strict_again(client):
    put(client, off=["host"], words=["Heron"])
    assert put(client).json() == STRICT


@pytest.mark.parametrize(
    ("policy", "pointer"),
    [
        ({"off": ["weather"]}, "/off"),
        ({"words": [" "]}, "/words/0"),
        ({"keep_raw": "yes"}, "/keep_raw"),
        ({"colour": 1}, ""),
        ({"words": ["w"] * 1_001}, "/words"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(client, policy, pointer):
    answer = put(client, **policy)
    assert answer.status_code == 422
    assert pointers(answer) == [pointer]
    assert client.get("/v1/redaction").json() == STRICT


def test_what_is_shared_is_always_redacted_whole(client):
    answer = client.put("/v1/redaction", json={"off": ["email"]}, headers={"KBSearch-Tenant": "shared"})
    assert answer.status_code == 422


SECRET = "password: Zima2024!"
NO_FREE_TEXT = {
    "id", "solution_id", "suggestion_id", "ticket_id", "language", "resolved_by", "agent", "created_at", "respond_by",
    "responded_at", "resolve_by", "resolved_at", "level", "minutes_spent", "reassignments", "outcome", "state",
}  # fmt: skip
"""Ids, times, numbers, choices, and agents' names, which are stored as they are sent."""


def test_no_free_text_of_any_body_reaches_the_disk_unredacted(
    client: TestClient, knowledge: KnowledgeBase, tmp_path: Path
) -> None:
    ticket = {"subject": SECRET, "description": SECRET, "environment": [SECRET], "priority": SECRET}
    article = {
        "title": SECRET, "issue": [SECRET], "environment": [SECRET], "cause": SECRET, "resolution": f"Sent {SECRET}",
        "tags": [SECRET], "audience": SECRET, "metadata": {"note": SECRET, SECRET: 1},
    }  # fmt: skip
    resolution = {"ticket": ticket, "resolution": f"Typed {SECRET} again", "cause": SECRET}
    assert client.put("/v1/tickets/T-1/resolution", json=resolution).status_code == 201
    assert client.put("/v1/articles/a", json=article).status_code == 201
    assert client.patch("/v1/articles/a", json={"audience": f"those with {SECRET}"}).status_code == 200
    draft = {"id": "d", "ticket": ticket}
    assert client.post("/v1/articles/draft", json=draft, headers={"Idempotency-Key": "1"}).status_code == 201
    found = suggest(client, SECRET)
    for outcome in ("wrong", "solved"):
        solution_id = found["solutions"][0]["solution_id"]
        given = {"solution_id": solution_id, "outcome": outcome, "comment": SECRET}
        assert client.post(f"/v1/suggestions/{found['suggestion_id']}/feedback", json=given).status_code == 204
    assert client.post("/v1/articles/a/flags", json={"reason": SECRET, "comment": SECRET}).status_code == 201
    sent = {*ticket, *article, *resolution, *draft, *given, "reason"}
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    bodies = ("WriteBackIn", "TicketIn", "ArticleIn", "ArticlePatch", "FeedbackIn", "FlagIn", "DraftIn")
    assert {name for body in bodies for name in schemas[body]["properties"]} - sent - NO_FREE_TEXT == set()
    knowledge.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"zima2024" not in stored.lower()
    assert b"<SECRET>" in stored
