"""Moving an article to `shared` over HTTP."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from api.calls import acting_for, give_feedback, hit_ids, put_article, suggest, suggested_ids, write_back

TITLE, TEXT = "Laptop does not wake from sleep", "Update the firmware. Ask ivan@example.com for help."


def share(client: TestClient, id: str, tenant: str = "acme", **headers: str) -> Any:
    return client.post(f"/v1/articles/{id}/share", headers={**acting_for(tenant), **headers})


def test_every_tenant_sees_it_without_personal_data(client: TestClient) -> None:
    put_article(client, "laptop", TITLE, TEXT, "acme", state="validated")
    write_back(client, "T-1", "Screen stays black", "Did so", "acme", solution_id="laptop")
    assert hit_ids(client, TITLE, "globex") == []
    response = share(client, "laptop")
    body = response.json()
    assert (response.status_code, body["tenant"], body["version"], body["state"]) == (200, "shared", 2, "validated")
    assert body["resolution"] == "Update the firmware. Ask <EMAIL> for help."
    assert response.headers["etag"] == client.get("/v1/articles/laptop", headers=acting_for("acme")).headers["etag"]
    assert hit_ids(client, TITLE, "globex") == suggested_ids(client, TITLE, "globex") == ["laptop"]
    theirs = client.get("/v1/articles/laptop", headers=acting_for("globex"))
    assert (theirs.json()["issue"], body["issue"]) == ([], ["Screen stays black"])
    assert client.get("/v1/tickets/T-1", headers=acting_for("globex")).status_code == 404
    [solution] = suggest(client, TITLE, tenant="globex")["solutions"]
    assert (solution["evidence"]["tickets"], solution["evidence"]["examples"]) == (0, [])
    [solution] = suggest(client, TITLE, tenant="acme")["solutions"]
    assert (solution["evidence"]["tickets"], solution["evidence"]["examples"]) == (1, ["T-1"])
    least = {"min_revision": body["revision"]}
    assert client.get("/v1/articles", params=least, headers=acting_for("acme")).is_success


def test_what_was_suggested_before_takes_feedback(client: TestClient) -> None:
    put_article(client, "laptop", TITLE, TEXT, "acme")
    shown = suggest(client, TITLE, tenant="acme")
    assert share(client, "laptop").is_success
    give_feedback(client, shown["suggestion_id"], "laptop", "solved", "acme")
    [solution] = suggest(client, TITLE, tenant="acme")["solutions"]
    assert solution["evidence"]["agents_solved"] == 1


def test_said_again_it_is_answered_as_it_is(client: TestClient) -> None:
    put_article(client, "laptop", TITLE, TEXT, "acme")
    first = share(client, "laptop", **{"Idempotency-Key": "k"})
    assert share(client, "laptop", **{"Idempotency-Key": "k"}).json() == first.json()
    assert share(client, "laptop").json() == first.json(), "said once more after a crash"
    assert share(client, "laptop", "shared").status_code == 200


def test_only_what_was_read_is_shared(client: TestClient) -> None:
    put_article(client, "laptop", TITLE, "First", "acme")
    read = client.get("/v1/articles/laptop", headers=acting_for("acme")).headers["etag"]
    put_article(client, "laptop", TITLE, "Second", "acme")
    assert share(client, "laptop", **{"If-Match": read}).status_code == 412
    assert client.get("/v1/articles/laptop", headers=acting_for("globex")).status_code == 404
    now = client.get("/v1/articles/laptop", headers=acting_for("acme")).headers["etag"]
    assert share(client, "laptop", **{"If-Match": now}).status_code == 200


def test_what_cannot_be_shared_is_answered_with_its_kind(client: TestClient) -> None:
    for id in ("there", "merged", "into", "archived"):
        put_article(client, id, f"{TITLE} {id}", TEXT, "acme", state="archived" if id == "archived" else "validated")
    put_article(client, "there", TITLE, "Ask the desk", "shared")
    client.post("/v1/articles/merged/merge", json={"into": "into"}, headers=acting_for("acme"))
    kinds = {"there": "already-exists", "merged": "conflict", "archived": "conflict"}
    for id, kind in kinds.items():
        response = share(client, id)
        assert (response.status_code, response.json()["type"]) == (409, f"urn:kbsearch:problem:{kind}")
    assert share(client, "nothing").status_code == 404
    assert share(client, "into", "globex").status_code == 404


def test_the_lead_of_shared_goes_on_with_it(client: TestClient) -> None:
    put_article(client, "laptop", TITLE, TEXT, "acme")
    share(client, "laptop")
    patched = client.patch("/v1/articles/laptop", json={"title": "Laptop sleeps"}, headers=acting_for("acme"))
    assert patched.status_code == 403, "the tenant alone cannot change what all see"
    patched = client.patch("/v1/articles/laptop", json={"state": "archived"}, headers=acting_for("shared"))
    assert (patched.status_code, patched.json()["version"]) == (200, 3)
    assert suggested_ids(client, TITLE, "acme") == hit_ids(client, TITLE, "globex") == []
    assert client.delete("/v1/articles/laptop", headers=acting_for("shared")).status_code == 200
    assert client.get("/v1/articles/laptop", headers=acting_for("acme")).status_code == 404
