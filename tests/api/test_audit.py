"""The audit log over HTTP."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from clocks import FakeClock
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.calls import Json, acting_for, all_pages, pointers, put_article, suggest, write_back
from api.conftest import calling
from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Role, TenantId

MARK = "Zanzibarian"


def entries(client: TestClient, **parameters: str) -> list[Json]:
    return client.get("/v1/audit", params=parameters).json()["entries"]


def test_it_holds_ids_and_no_text(client: TestClient) -> None:
    fields = {"cause": MARK, "tags": [MARK], "environment": [MARK], "audience": MARK, "issue": [MARK]}
    put_article(client, "fax", MARK, f"{MARK} again.", **fields)
    client.post("/v1/articles/fax/flags", json={"reason": MARK, "comment": MARK})
    write_back(client, "RT-1", MARK, f"Told {MARK} to restart it.", resolved_by=MARK, cause=MARK)
    shown = suggest(client, MARK)
    for outcome in ("wrong", "solved"):
        client.post(
            f"/v1/suggestions/{shown['suggestion_id']}/feedback",
            json={"solution_id": "fax", "outcome": outcome, "comment": MARK},
        )
    line = {"ticket": {"id": "RT-2", "subject": MARK}, "resolution": f"{MARK} had no cable in it."}
    client.post("/v1/import/tickets", content=json.dumps(line))
    client.post("/v1/tickets/RT-1/reopen")
    client.delete("/v1/tickets/RT-2")
    client.delete("/v1/articles/fax")
    assert MARK not in client.get("/v1/audit").text
    assert [entry["action"] for entry in reversed(entries(client))] == [
        "article.put", "flag.opened", "ticket.resolved", "feedback.given", "flag.opened", "feedback.given",
        "flag.closed", "ticket.resolved", "ticket.reopened", "ticket.erased", "article.deleted",
    ]  # fmt: skip
    assert {(entry["actor"], entry["tenant"]) for entry in entries(client)} == {("admin", "default")}


def test_a_repeated_write_back_changes_nothing_and_adds_nothing(client: TestClient) -> None:
    for _ in range(3):
        write_back(client, "RT-1", "Fax shows E12", "Pulled the lever at the back.")
    assert len(entries(client)) == 1


def test_it_is_asked_by_time_actor_and_action(client: TestClient, clock: FakeClock) -> None:
    put_article(client, "one", "Fax", "Pull the lever.")
    clock.advance(hours=1)
    write_back(client, "RT-1", "Fax shows E12", "Pulled the lever at the back.")
    assert [entry["subject"] for entry in entries(client, since="2026-11-23T10:30:00Z")] == ["RT-1"]
    assert [entry["subject"] for entry in entries(client, until="2026-11-23T10:30:00Z")] == ["one"]
    assert [entry["subject"] for entry in entries(client, action="article.put")] == ["one"]
    assert len(entries(client, actor="admin")) == 2
    assert entries(client, actor="key:none") == []
    assert entries(client)[0]["at"] == "2026-11-23T10:30:00Z"


def test_it_is_read_page_by_page(client: TestClient) -> None:
    for n in range(7):
        put_article(client, f"fax-{n}", "Fax", f"Pull lever {n}.")
    found = all_pages(client, "/v1/audit", "entries", limit=3)
    assert [entry["subject"] for entry in found] == [f"fax-{n}" for n in reversed(range(7))]


@pytest.mark.parametrize(("name", "value"), [("since", "yesterday"), ("limit", "51"), ("cursor", "x"), ("actor", "")])
def test_values_that_cannot_be_are_named(unchanged: TestClient, name: str, value: str) -> None:
    assert pointers(unchanged.get("/v1/audit", params={name: value})) == [f"/{name}"]


def test_tenants_see_their_own_changes_only(client: TestClient, knowledge: KnowledgeBase) -> None:
    for tenant in ("acme", "globex", "shared"):
        put_article(client, f"fax-{tenant}", "Fax", "Pull the lever.", tenant)
    keys = Keys(knowledge.store)
    asked = {
        name: keys.create(name, Role.ADMIN, tenants)[1]
        for name, tenants in {
            "acme": (TenantId("acme"),),
            "two": (TenantId("acme"), TenantId("globex")),
            "all": None,
        }.items()
    }

    def told(key: str, tenant: str | None = None) -> set[str | None]:
        headers = {"Authorization": f"Bearer {asked[key]}", **acting_for(tenant)}
        return {entry["tenant"] for entry in client.get("/v1/audit", headers=headers).json()["entries"]}

    assert told("acme") == told("two", "acme") == told("all", "acme") == {"acme"}
    assert told("two") == {"acme", "globex"}
    assert told("all") == {None, "acme", "globex", "shared"}


def test_what_is_older_than_the_retention_is_forgotten(knowledge: KnowledgeBase, clock: FakeClock) -> None:
    app: FastAPI = create_app(Service(knowledge), audit_kept=timedelta(days=30))
    with calling(app) as client:
        put_article(client, "fax", "Fax", "Pull the lever.")
    clock.advance(days=31)
    with calling(app) as client:
        assert len(entries(client)) == 1  # a clock that jumps is not believed at once
    for day in range(30):
        put_article(client, "fax", "Fax", f"Pull the lever {day} times.")
        clock.advance(days=1)
    with calling(app) as client:
        assert len(entries(client)) == 31
    with calling(app) as client:  # upkeep runs once more at the end
        assert "audit.forgotten" in [entry["action"] for entry in entries(client)]
        assert [entry["subject"] for entry in entries(client)].count("fax") == 30


@pytest.mark.parametrize("number", [-1, 2**53 + 1, 2**63, 2**64, 10**400])
@pytest.mark.parametrize("path", ["/v1/audit", "/v1/merge-proposals", "/v1/search?q=fax"])
def test_a_number_that_no_cursor_has_is_refused(client: TestClient, path: str, number: int) -> None:
    for parts in ([number], [number, "x"]):
        cursor = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
        response = client.get(path, params={"q": "fax", "cursor": cursor})
        assert response.status_code == 422
