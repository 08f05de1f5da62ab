"""/healthz and /readyz, and what is answered before the knowledge base is open."""

from __future__ import annotations

from starlette.testclient import TestClient

import kbsearch
from api.conftest import calling
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.knowledge import KnowledgeBase


def test_lives_and_is_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "version": kbsearch.__version__}
    assert client.get("/readyz").json() == {"status": "ready", "model": "hashing@64"}


def test_lives_but_is_not_ready_until_it_is_open(knowledge: KnowledgeBase) -> None:
    service = Service()
    service.waiting_for = "loading the model"
    with calling(create_app(service)) as client:
        assert client.get("/healthz").status_code == 200
        waiting = client.get("/readyz")
        assert waiting.status_code == 503
        assert "loading the model" in waiting.json()["detail"]
        assert int(waiting.headers["retry-after"]) >= 1
        for response in (
            client.post("/v1/suggest", json={"ticket": {"subject": "x"}}),
            client.get("/v1/search", params={"q": "x"}),
            client.put("/v1/tickets/1/resolution", json={"ticket": {"subject": "x"}, "resolution": "x"}),
            client.post("/v1/import/tickets", content=b""),
            client.get("/v1/jobs/x"),
        ):
            assert response.status_code == 503
            assert int(response.headers["retry-after"]) >= 1
        service.open(knowledge)
        assert client.get("/readyz").status_code == 200
        assert client.post("/v1/suggest", json={"ticket": {"subject": "x"}}).status_code == 200


def test_documentation_is_served_before_it_is_open() -> None:
    with calling(create_app(Service())) as client:
        assert client.get("/openapi.json").status_code == 200
        assert client.get("/docs").status_code == 200
