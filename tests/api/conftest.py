"""The real application, called in the process and over a socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from kbsearch.api.app import create_app
from kbsearch.api.gate import Gate, GateRules
from kbsearch.api.problem_kinds import all_kinds
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.knowledge import KnowledgeBase
from scripts.harness.hashing import HashingEmbedder

PROBLEM = "application/problem+json"
KNOWN_PROBLEMS = {(kind.type, kind.status) for kind in all_kinds()}


@contextmanager
def calling(app: FastAPI) -> Iterator[TestClient]:
    """A client that looks at every answer: what is not 2xx must be problem details."""
    with TestClient(app, base_url="http://127.0.0.1") as client:
        client.event_hooks = {"response": [check_answer]}
        yield client


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """A real server in a thread; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, ws="none"))
    thread = threading.Thread(target=server.run, name="uvicorn")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            thread.join(0.005)
        host, port = server.servers[0].sockets[0].getsockname()
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join()


def check_answer(response: Any) -> None:
    response.read()
    media_type = response.headers.get("content-type", "")
    if response.status_code < 400:
        if response.status_code in (204, 304) or response.request.method == "HEAD":
            assert response.content == b""
        elif response.url.path == "/v1/desk/tickets/export":
            assert media_type == "text/csv; charset=utf-8"
        elif response.url.path not in ("/docs", "/metrics"):
            assert media_type == "application/json"
        return
    assert media_type == PROBLEM, response.text
    if response.request.method == "HEAD":
        assert response.content == b""
        return
    body = response.json()
    assert {"type", "title", "status", "detail", "instance"} <= body.keys() <= {
        "type", "title", "status", "detail", "instance", "errors"
    }  # fmt: skip
    assert (body["type"], body["status"]) in KNOWN_PROBLEMS
    assert body["status"] == response.status_code
    assert body["title"]
    assert body["detail"]
    assert "?" not in body["instance"]
    if response.status_code == 422:
        assert body["errors"]
    for error in body.get("errors", []):
        assert error.keys() == {"pointer", "detail"}
        assert error["pointer"] == "" or error["pointer"].startswith("/")
        assert error["detail"]
    if response.status_code == 503:
        assert int(response.headers["retry-after"]) >= 1


@pytest.fixture(scope="session")
def application() -> FastAPI:
    """Made once: its first request builds all routes, which takes longer than most tests."""
    return create_app(Service())


@pytest.fixture
def app(application: FastAPI, knowledge: KnowledgeBase) -> FastAPI:
    application.state.service = Service(knowledge)
    application.state.gate = Gate(GateRules())
    return application


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with calling(app) as opened:
        yield opened


@pytest.fixture(scope="session")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of one empty knowledge base for all requests that must not change anything."""
    knowledge = embedded(tmp_path_factory.mktemp("unchanged"), lambda model: HashingEmbedder())
    with calling(create_app(Service(knowledge))) as opened:
        yield opened
        assert opened.post("/v1/suggest", json={"ticket": {"subject": "anything"}}).json()["revision"] == 0
    knowledge.close()


@pytest.fixture
def server(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture
def http(server: str) -> Iterator[httpx.Client]:
    """A client of the real server."""
    with httpx.Client(base_url=server, timeout=30) as opened:
        yield opened
