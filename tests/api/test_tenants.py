"""Nothing of one tenant reaches another; what is shared reaches all."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from api.calls import (
    Json,
    acting_for,
    all_pages,
    give_feedback,
    hit_ids,
    pointers,
    put_article,
    search,
    suggest,
    suggested_ids,
    write_back,
)

SUBJECT = "Laptop does not wake from sleep"
FIX = "Updated the firmware and switched off fast startup."


def answers(client: TestClient, tenant: str) -> tuple[Json, Json]:
    """What a tenant is told, without what differs each time."""
    suggestion = suggest(client, SUBJECT, 50, tenant)
    found = search(client, SUBJECT, tenant, limit=50)
    for one in (suggestion, found):
        for name in ("suggestion_id", "search_id", "took_ms"):
            one.pop(name, None)
    return suggestion, found


@pytest.mark.parametrize("tenant", ["", " ", "Acme", "a b", "-a", "ä", "a" * 64, "a/b", "a\tb", "*"])
def test_tenant_that_cannot_be_is_400(unchanged: TestClient, tenant: str) -> None:
    headers = {"KBSearch-Tenant": tenant.encode()}
    for response in (
        unchanged.post("/v1/suggest", json={"ticket": {"subject": SUBJECT}}, headers=headers),
        unchanged.get("/v1/articles", headers=headers),
        unchanged.post("/v1/import/tickets", content=b"", headers=headers),
    ):
        assert response.status_code == 400


def test_default_where_none_is_named(client: TestClient) -> None:
    write_back(client, "RT-1", SUBJECT, FIX)
    assert hit_ids(client, SUBJECT, "default") == ["RT-1"]
    assert search(client, SUBJECT)["hits"][0]["tenant"] == "default"


def test_what_one_writes_no_other_finds(client: TestClient) -> None:
    written = write_back(client, "RT-1", SUBJECT, FIX, "acme")
    put_article(client, "laptop", SUBJECT, FIX + " Acme only.", "acme", issue=[SUBJECT])
    for other in ("globex", "default", "shared"):
        assert suggest(client, SUBJECT, 50, other)["solutions"] == []
        assert suggest(client, SUBJECT, 50, other)["revision"] == 0
        assert hit_ids(client, SUBJECT, other) == []
        assert hit_ids(client, f'"{SUBJECT}"', other) == []
        assert client.get("/v1/articles", headers=acting_for(other)).json()["articles"] == []
    assert set(suggested_ids(client, SUBJECT, "acme")) == {written["solution_id"], "laptop"}


def test_anothers_answers_are_those_of_what_does_not_exist(client: TestClient) -> None:
    written = write_back(client, "RT-1", SUBJECT, FIX, "acme")
    put_article(client, "laptop", SUBJECT, FIX, "acme")
    shown = suggest(client, SUBJECT, 50, "acme")["suggestion_id"]
    solved = {"solution_id": written["solution_id"], "outcome": "solved"}
    resolution = {"ticket": {"subject": SUBJECT}, "resolution": FIX}
    requests: list[tuple[str, str, str, Any]] = [
        ("GET", "/v1/tickets/{}", "RT-1", None),
        ("DELETE", "/v1/tickets/{}", "RT-1", None),
        ("POST", "/v1/tickets/{}/reopen", "RT-1", None),
        ("GET", "/v1/articles/{}", "laptop", None),
        ("PATCH", "/v1/articles/{}", "laptop", {"title": "Taken over"}),
        ("DELETE", "/v1/articles/{}", "laptop", None),
        ("POST", "/v1/articles/{}/flags", "laptop", {"reason": "wrong"}),
        ("POST", "/v1/suggestions/{}/feedback", shown, solved),
    ]
    for method, path, id, body in requests:
        theirs = client.request(method, path.format(id), json=body, headers=acting_for("globex"))
        nobodys = client.request(method, path.format("no-such"), json=body, headers=acting_for("globex"))
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.json() == {**nobodys.json(), "instance": path.format(id)}
    theirs = client.put(
        "/v1/tickets/G-1/resolution", json={**resolution, "solution_id": "laptop"}, headers=acting_for("globex")
    )
    nobodys = client.put(
        "/v1/tickets/G-1/resolution", json={**resolution, "solution_id": "none"}, headers=acting_for("globex")
    )
    assert pointers(theirs) == pointers(nobodys) == ["/solution_id"]
    assert theirs.json() == nobodys.json()
    assert client.get("/v1/tickets/RT-1", headers=acting_for("acme")).status_code == 200


def test_same_ids_of_two_tenants_are_two_things(client: TestClient) -> None:
    for tenant, fix in (("acme", "Replaced the mainboard of the laptop."), ("globex", "Replaced the lid sensor.")):
        assert write_back(client, "RT-1", SUBJECT, fix, tenant)["outcome"] == "created"
        assert put_article(client, "laptop", SUBJECT, f"{fix} {tenant}", tenant, issue=[SUBJECT])["version"] == 1
    client.delete("/v1/tickets/RT-1", headers=acting_for("acme"))
    client.delete("/v1/articles/laptop", headers=acting_for("acme"))
    assert suggested_ids(client, SUBJECT, "acme") == []
    assert client.get("/v1/tickets/RT-1", headers=acting_for("globex")).json()["tenant"] == "globex"
    assert client.get("/v1/articles/laptop", headers=acting_for("globex")).json()["tenant"] == "globex"
    assert len(suggested_ids(client, SUBJECT, "globex")) == 2


def test_same_fix_of_two_tenants_is_not_linked(client: TestClient) -> None:
    ours = write_back(client, "RT-1", SUBJECT, FIX, "acme")
    theirs = write_back(client, "RT-1", SUBJECT, FIX, "globex")
    assert theirs["outcome"] == "created"
    assert theirs["similar"] == []
    assert theirs["solution_id"] != ours["solution_id"]
    assert theirs["revision"] == 1


def test_anothers_writes_change_no_score(client: TestClient) -> None:
    put_article(client, "shared-one", SUBJECT, "Hold the power button for ten seconds.", "shared")
    write_back(client, "G-1", SUBJECT, FIX, "globex")
    write_back(client, "G-2", f"{SUBJECT} again", "Replaced the lid sensor of the laptop.", "globex")
    before = answers(client, "globex")
    lines = [
        {"ticket": {"id": f"A-{i}", "subject": f"{SUBJECT} {i}"}, "resolution": FIX, "minutes_spent": 90}
        for i in range(50)
    ]
    lines.append({"ticket": {"id": "A-x", "subject": SUBJECT}, "resolution": "As told.", "solution_id": "shared-one"})
    response = client.post("/v1/import/tickets", content="\n".join(map(json.dumps, lines)), headers=acting_for("acme"))
    assert response.json()["accepted"] == 51
    shown = suggest(client, SUBJECT, 50, "acme")
    give_feedback(client, shown["suggestion_id"], "shared-one", "wrong", "acme")
    client.post("/v1/articles/shared-one/flags", json={"reason": "wrong"}, headers=acting_for("acme"))
    assert answers(client, "globex") == before


def test_anothers_articles_make_no_list_incomplete(client: TestClient) -> None:
    lines = [
        {"id": f"part-{i}", "title": f"Part {i}", "resolution": f"Take {i}."} for i in range(560)
    ]  # for two rounds
    client.post("/v1/import/articles", content="\n".join(map(json.dumps, lines)), headers=acting_for("acme"))
    complete = [client.get("/v1/merge-proposals", headers=acting_for(one)).json() for one in ("globex", "acme")]
    assert [page["complete"] for page in complete] == [True, False]


def test_shared_articles_reach_every_tenant(client: TestClient) -> None:
    put_article(client, "laptop", SUBJECT, FIX, "shared")
    for tenant in ("acme", "globex", "shared", "default"):
        [solution] = suggest(client, SUBJECT, 50, tenant)["solutions"]
        assert (solution["solution_id"], solution["tenant"]) == ("laptop", "shared")
        assert search(client, SUBJECT, tenant)["hits"][0]["tenant"] == "shared"
        assert client.get("/v1/articles/laptop", headers=acting_for(tenant)).json()["tenant"] == "shared"
        assert len(client.get("/v1/articles", headers=acting_for(tenant)).json()["articles"]) == 1


def test_shared_article_is_changed_by_its_owner_only(client: TestClient) -> None:
    before = put_article(client, "laptop", SUBJECT, FIX, "shared")
    for response in (
        client.patch("/v1/articles/laptop", json={"title": "Mine"}, headers=acting_for("acme")),
        client.delete("/v1/articles/laptop", headers=acting_for("acme")),
    ):
        assert response.status_code == 403
    assert client.get("/v1/articles/laptop", headers=acting_for("globex")).json()["version"] == before["version"]
    assert client.patch("/v1/articles/laptop", json={"title": "Ours"}, headers=acting_for("shared")).status_code == 200


def test_own_edition_shadows_the_shared_one(client: TestClient) -> None:
    put_article(client, "laptop", SUBJECT, FIX, "shared")
    created = client.put(
        "/v1/articles/laptop", json={"title": SUBJECT, "resolution": "Call the depot."}, headers=acting_for("acme")
    )
    assert created.status_code == 201
    [solution] = suggest(client, SUBJECT, 50, "acme")["solutions"]
    assert (solution["tenant"], solution["resolution"]) == ("acme", "Call the depot.")
    assert [(hit["id"], hit["tenant"]) for hit in search(client, SUBJECT, "acme")["hits"]] == [("laptop", "acme")]
    assert client.get("/v1/articles/laptop", headers=acting_for("acme")).json()["tenant"] == "acme"
    assert suggest(client, SUBJECT, 50, "globex")["solutions"][0]["tenant"] == "shared"
    client.patch("/v1/articles/laptop", json={"state": "archived"}, headers=acting_for("acme"))
    assert suggested_ids(client, SUBJECT, "acme") == []
    assert hit_ids(client, SUBJECT, "acme") == []
    client.delete("/v1/articles/laptop", headers=acting_for("acme"))
    assert suggest(client, SUBJECT, 50, "acme")["solutions"][0]["tenant"] == "shared"


def test_evidence_of_a_shared_article_is_counted_for_each_tenant(client: TestClient) -> None:
    put_article(client, "laptop", SUBJECT, FIX, "shared")
    write_back(client, "A-1", SUBJECT, "As told.", "acme", solution_id="laptop", minutes_spent=55)
    [ours] = suggest(client, SUBJECT, 50, "acme")["solutions"]
    assert (ours["evidence"]["tickets"], ours["evidence"]["examples"]) == (1, ["A-1"])
    answer = suggest(client, SUBJECT, 50, "globex")
    assert answer["solutions"][0]["evidence"] == {
        "tickets": 0, "solved": 0, "failed": 0, "last_used_at": None, "examples": [],
        "agents_solved": 0, "agents_helpful": 0, "agents_failed": 0,
    }  # fmt: skip
    assert answer["verdict"]["typical_minutes"] is None


def test_paging_through_own_and_shared_knowledge(client: TestClient) -> None:
    for i in range(12):
        put_article(client, f"laptop-{i}", f"{SUBJECT} {i}", f"{FIX} Way {i}.", ("shared", "acme", "globex")[i % 3])
    found = all_pages(client, "/v1/search", "hits", "acme", q=SUBJECT, limit=3)
    assert sorted(hit["tenant"] for hit in found) == ["acme"] * 4 + ["shared"] * 4


def test_revision_counts_own_and_shared_changes_only(client: TestClient) -> None:
    write_back(client, "RT-1", SUBJECT, FIX, "acme")
    write_back(client, "RT-2", SUBJECT, FIX, "acme")
    assert put_article(client, "x", SUBJECT, FIX, "shared")["revision"] == 1
    assert write_back(client, "RT-1", SUBJECT, FIX, "globex")["revision"] == 2
    assert suggest(client, SUBJECT, tenant="globex")["revision"] == 2


def test_job_tells_nothing_of_anyones_knowledge(client: TestClient) -> None:
    write_back(client, "RT-1", SUBJECT, FIX, "acme")
    job_id = client.post("/v1/reindex", headers=acting_for("acme")).json()["job_id"]
    job = client.get(f"/v1/jobs/{job_id}", headers=acting_for("globex"))
    if job.status_code == 200:
        assert job.json().keys() == {"id", "state", "done", "total", "eta_seconds", "error"}
        assert job.json()["error"] is None


def test_tenant_of_the_header_holds_on_a_real_server(http: httpx.Client) -> None:
    sent = {"ticket": {"subject": SUBJECT}, "resolution": FIX}
    assert http.put("/v1/tickets/RT-1/resolution", json=sent, headers=acting_for("acme")).status_code == 201
    asked = {"ticket": {"subject": SUBJECT}}
    assert http.post("/v1/suggest", json=asked, headers=acting_for("globex")).json()["solutions"] == []
    assert len(http.post("/v1/suggest", json=asked, headers=acting_for("acme")).json()["solutions"]) == 1
