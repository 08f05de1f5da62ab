"""POST /v1/reindex, GET and DELETE /v1/jobs/{id}."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from clocks import FakeClock
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.calls import Json, pointers, put_article, suggest, suggested_ids, write_back
from api.conftest import calling
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.embedding.embedder import Vectors
from kbsearch.errors import ModelNotLoadable
from scripts.harness.hashing import HashingEmbedder

SUBJECT = "Webcam picture is upside down"


class GatedEmbedder(HashingEmbedder):
    """Another model, which embeds documents only while its gate is open."""

    def __init__(self) -> None:
        super().__init__(dimension=32, name="gated")
        self.gate = threading.Event()
        self.waiting = threading.Event()

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.waiting.set()
        assert self.gate.wait(30)
        return super().embed_documents(texts)

    def embed_query(self, texts: Sequence[str]) -> Vectors:
        return super().embed_documents(texts)


@pytest.fixture
def gated() -> GatedEmbedder:
    return GatedEmbedder()


@pytest.fixture
def client(
    application: FastAPI, tmp_path: Path, embedder: HashingEmbedder, gated: GatedEmbedder, clock: FakeClock
) -> Iterator[TestClient]:
    """A client of a knowledge base that knows two models, with seventy tickets, more than two batches."""

    def load(model: str) -> HashingEmbedder:
        if model not in ("default", "hashing", "gated"):
            raise ModelNotLoadable(model, "there is no such folder")
        return gated if model == "gated" else embedder

    knowledge = embedded(tmp_path / "gated", load, clock=clock)
    application.state.service = Service(knowledge)
    with calling(application) as opened:
        lines = (
            {
                "ticket": {"id": f"RT-{i}", "subject": f"{SUBJECT} on laptop{i}"},
                "resolution": f"Turned camera{i} in the settings of the driver.",
            }
            for i in range(70)
        )
        opened.post("/v1/import/tickets", content="\n".join(map(json.dumps, lines)))
        yield opened
    gated.gate.set()
    knowledge.close()


def start(client: TestClient, **body: str) -> str:
    response = client.post("/v1/reindex", json=body)
    assert response.status_code == 202
    assert response.json().keys() == {"job_id"}
    return response.json()["job_id"]


def job(client: TestClient, id: str) -> Json:
    response = client.get(f"/v1/jobs/{id}")
    assert response.status_code == 200
    assert response.json().keys() == {"id", "state", "done", "total", "eta_seconds", "error"}
    return response.json()


def ended(client: TestClient, id: str) -> Json:
    deadline = time.monotonic() + 20
    while (state := job(client, id))["state"] in ("queued", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return state


def test_runs_to_the_end(client: TestClient) -> None:
    before = suggested_ids(client, SUBJECT)
    id = start(client)
    assert ended(client, id) == {
        "id": id, "state": "done", "done": 70, "total": 70, "eta_seconds": None, "error": None
    }  # fmt: skip
    assert suggested_ids(client, SUBJECT) == before
    assert suggest(client, SUBJECT)["model"] == "hashing@64"


def test_body_may_be_left_out(client: TestClient) -> None:
    response = client.post("/v1/reindex")
    assert response.status_code == 202
    assert ended(client, response.json()["job_id"])["state"] == "done"


def test_questions_and_writes_go_on_meanwhile(client: TestClient, gated: GatedEmbedder) -> None:
    id = start(client, model="gated")
    assert gated.waiting.wait(10)
    written = write_back(client, "RT-new", "Speaker crackles", "Updated the audio driver to the newest version.")
    answer = suggest(client, "Speaker crackles")
    assert answer["model"] == "hashing@64"
    assert answer["solutions"][0]["solution_id"] == written["solution_id"]
    assert job(client, id)["state"] in ("queued", "running")
    client.delete("/v1/tickets/RT-0")
    gated.gate.set()
    state = ended(client, id)
    assert state["state"] == "done"
    assert state["done"] == state["total"] >= 70
    answer = suggest(client, "Speaker crackles")
    assert answer["model"] == "gated@32"
    assert answer["solutions"][0]["solution_id"] == written["solution_id"]
    assert suggest(client, f"{SUBJECT} on laptop7", limit=1)["solutions"][0]["evidence"]["examples"] == ["RT-7"]
    found = suggest(client, f"{SUBJECT} on laptop0", limit=50)["solutions"]
    assert all("RT-0" not in solution["evidence"]["examples"] for solution in found)
    assert client.get("/readyz").json()["model"] == "gated@32"


def test_one_at_a_time(client: TestClient, gated: GatedEmbedder) -> None:
    id = start(client, model="gated")
    assert gated.waiting.wait(10)
    assert client.post("/v1/reindex", json={}).status_code == 409
    gated.gate.set()
    assert ended(client, id)["state"] == "done"
    assert ended(client, start(client))["state"] == "done"


def test_cancelled_job_stops_and_the_old_index_goes_on(client: TestClient, gated: GatedEmbedder) -> None:
    id = start(client, model="gated")
    assert gated.waiting.wait(10)
    response = client.delete(f"/v1/jobs/{id}")
    assert response.status_code == 202
    assert response.json()["id"] == id
    gated.gate.set()
    state = ended(client, id)
    assert state["state"] == "cancelled"
    assert state["error"] is None
    assert suggest(client, SUBJECT)["model"] == "hashing@64"
    assert len(suggested_ids(client, SUBJECT)) == 50
    assert ended(client, start(client, model="gated"))["state"] == "done"
    assert suggest(client, SUBJECT)["model"] == "gated@32"


def test_cancelling_what_has_ended_changes_nothing(client: TestClient) -> None:
    id = start(client)
    before = ended(client, id)
    assert client.delete(f"/v1/jobs/{id}").json() == before
    assert job(client, id) == before


@pytest.mark.parametrize("id", ["none", "a/b", "%00", "x" * 3_000])
def test_job_that_does_not_exist(client: TestClient, id: str) -> None:
    expected = 422 if id == "%00" else 404  # no id has a control character
    assert client.get(f"/v1/jobs/{id}").status_code == expected
    assert client.delete(f"/v1/jobs/{id}").status_code == expected


def test_model_that_cannot_be_loaded_fails_the_job_only(client: TestClient) -> None:
    response = client.post("/v1/reindex", json={"model": "no/such/model"})
    if response.status_code == 202:
        state = ended(client, response.json()["job_id"])
        assert state["state"] == "failed"
        assert state["error"]
    else:
        assert response.status_code == 422
    assert suggest(client, SUBJECT)["model"] == "hashing@64"
    assert ended(client, start(client))["state"] == "done"


def test_a_job_cancelled_while_its_model_loads_is_cancelled_at_once(
    client: TestClient, application: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading, go_on = threading.Event(), threading.Event()
    generations = application.state.service.knowledge()._generations
    load = generations.embedder_for

    def slowly(model: str) -> HashingEmbedder:
        loading.set()
        assert go_on.wait(30)
        return load(model)

    monkeypatch.setattr(generations, "embedder_for", slowly)
    id = start(client)
    assert loading.wait(30)
    assert client.delete(f"/v1/jobs/{id}").json()["state"] == "cancelled"
    assert client.get(f"/v1/jobs/{id}").json()["state"] == "cancelled"
    again = start(client)  # it waits for the cancelled one to let go
    go_on.set()
    assert ended(client, again)["state"] == "done"
    assert client.get(f"/v1/jobs/{id}").json()["state"] == "cancelled"


def test_what_was_deleted_is_not_counted(client: TestClient) -> None:
    for number in range(4):
        put_article(client, f"a-{number}", "Printer offline", "Restart the spooler.")
    client.delete("/v1/articles/a-0")
    client.patch("/v1/articles/a-1", json={"state": "archived"})
    state = ended(client, start(client))
    assert (state["done"], state["total"]) == (72, 72)


@pytest.mark.parametrize("model", ["no/such/model", "/etc", "/no/such/folder", "..", "sentence-transformers/LaBSE"])
def test_a_request_names_offered_models_only(tmp_path: Path, model: str) -> None:
    """What is on the machine, and what is not, is answered alike; nothing is loaded and no network asked."""
    asked: list[str] = []

    def load(name: str) -> HashingEmbedder:
        asked.append(name)
        return HashingEmbedder()

    knowledge = embedded(tmp_path, load, default_model="hashing", offered={"default"})
    with calling(create_app(Service(knowledge))) as client:
        before = list(asked)
        response = client.post("/v1/reindex", json={"model": model})
        assert pointers(response) == ["/model"]
        assert response.json()["errors"][0]["detail"] == "this server offers no model of this name"
        assert asked == before
        assert client.post("/v1/reindex", json={"model": "default"}).status_code == 202
    knowledge.close()
