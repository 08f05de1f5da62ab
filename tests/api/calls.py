"""The calls that an agent's tool or a ticket system makes, each asserted to succeed."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.testclient import TestClient

Json = dict[str, Any]


def acting_for(tenant: str | None) -> dict[str, str]:
    return {} if tenant is None else {"KBSearch-Tenant": tenant}


def suggest(
    client: TestClient, subject: str, limit: int | None = None, tenant: str | None = None, **ticket: Any
) -> Json:
    body: Json = {"ticket": {"subject": subject, **ticket}}
    if limit is not None:
        body["limit"] = limit
    response = client.post("/v1/suggest", json=body, headers=acting_for(tenant))
    assert response.status_code == 200, response.text
    return response.json()


def suggested_ids(client: TestClient, subject: str, tenant: str | None = None, **ticket: Any) -> list[str]:
    found = suggest(client, subject, 50, tenant, **ticket)
    return [solution["solution_id"] for solution in found["solutions"]]


def search(client: TestClient, q: str, tenant: str | None = None, **parameters: Any) -> Json:
    response = client.get("/v1/search", params={"q": q, **parameters}, headers=acting_for(tenant))
    assert response.status_code == 200, response.text
    return response.json()


def hit_ids(client: TestClient, q: str, tenant: str | None = None, **parameters: Any) -> list[str]:
    return [hit["id"] for hit in search(client, q, tenant, **{"limit": 50, **parameters})["hits"]]


def all_pages(client: TestClient, path: str, rows: str, tenant: str | None = None, **parameters: Any) -> list[Json]:
    """Follows ``next_cursor`` to the end. Every page but the last must be full."""
    found: list[Json] = []
    cursor = None
    while True:
        asked = parameters if cursor is None else {**parameters, "cursor": cursor}
        response = client.get(path, params=asked, headers=acting_for(tenant))
        assert response.status_code == 200, response.text
        page = response.json()
        found += page[rows]
        cursor = page["next_cursor"]
        if cursor is None:
            return found
        assert len(page[rows]) == parameters["limit"]


def write_back(
    client: TestClient,
    id: str,
    subject: str,
    resolution: str,
    tenant: str | None = None,
    ticket: Json | None = None,
    **fields: Any,
) -> Json:
    body = {"ticket": {"subject": subject, **(ticket or {})}, "resolution": resolution, **fields}
    response = client.put(f"/v1/tickets/{quote(id)}/resolution", json=body, headers=acting_for(tenant))
    assert response.status_code in (200, 201), response.text
    return response.json()


def put_article(
    client: TestClient, id: str, title: str, resolution: str, tenant: str | None = None, **fields: Any
) -> Json:
    body = {"title": title, "resolution": resolution, **fields}
    response = client.put(f"/v1/articles/{quote(id)}", json=body, headers=acting_for(tenant))
    assert response.status_code in (200, 201), response.text
    return response.json()


def give_feedback(
    client: TestClient, suggestion_id: str, solution_id: str, outcome: str, tenant: str | None = None
) -> None:
    response = client.post(
        f"/v1/suggestions/{suggestion_id}/feedback",
        json={"solution_id": solution_id, "outcome": outcome},
        headers=acting_for(tenant),
    )
    assert response.status_code == 204, response.text
    assert response.content == b""


def pointers(response: Any) -> list[str]:
    """Where a 422 says the errors are."""
    assert response.status_code == 422, response.text
    return [error["pointer"] for error in response.json()["errors"]]
