"""/healthz and /readyz, and what is answered before the knowledge base is open."""

from __future__ import annotations

import pytest
from clocks import FakeClock
from starlette.testclient import TestClient

import kbsearch
from api.conftest import calling
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.errors import IndexNotOpen, StorageError
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.upkeep import Task
from kbsearch.model import Article, GenerationState, TenantId
from kbsearch.store import generations


def test_lives_and_is_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "version": kbsearch.__version__}
    assert client.get("/readyz").json() == {"status": "ready", "model": "hashing@64", "upkeep": []}


def test_a_background_task_that_fails_shows(client: TestClient, knowledge: KnowledgeBase, clock: FakeClock) -> None:
    def fail() -> None:
        raise StorageError("/var/lib/kbsearch is full")

    knowledge.upkeep.attempt(Task("save the index", fail))
    ready = client.get("/readyz")
    assert ready.status_code == 200
    since = clock().isoformat().replace("+00:00", "Z")
    assert ready.json()["upkeep"] == [{"name": "save the index", "failures": 1, "failing_since": since}]
    shown = client.get("/metrics").text
    assert 'kbsearch_upkeep_failures{task="save the index"} 1.0' in shown
    assert 'kbsearch_upkeep_failing{task="save the index"} 1.0' in shown
    knowledge.upkeep.attempt(Task("save the index", lambda: None))
    assert client.get("/readyz").json()["upkeep"] == []
    shown = client.get("/metrics").text
    assert 'kbsearch_upkeep_failures{task="save the index"} 1.0' in shown
    assert 'kbsearch_upkeep_failing{task="save the index"} 0.0' in shown


def test_a_process_that_cannot_open_the_index_is_not_ready(client: TestClient, knowledge: KnowledgeBase) -> None:
    with knowledge.store.write() as tx:
        other = generations.create(tx, "other", "other@32", 32, "recipe", GenerationState.BUILDING)
        generations.activate(tx, other.id)
    with pytest.raises(IndexNotOpen):
        knowledge.articles.put(TenantId("default"), Article("a", "Printer offline", resolution="Restart the spooler."))
    for answer in (client.get("/readyz"), client.post("/v1/suggest", json={"ticket": {"subject": "printer"}})):
        assert answer.status_code == 503
        assert "other@32" in answer.json()["detail"]
        assert int(answer.headers["retry-after"]) >= 1
    assert client.get("/healthz").status_code == 200


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
