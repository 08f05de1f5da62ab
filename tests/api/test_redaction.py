"""A tenant's redaction policy over HTTP."""

from __future__ import annotations

import pytest

from api.calls import pointers

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
        ({"colour": 1}, "/colour"),
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
