"""A server that is stopped answers what it cuts off."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import uvicorn

from api.conftest import PROBLEM
from api.test_gate import HeldEmbedder, wait_for
from kbsearch.api.app import create_app
from kbsearch.api.gate import GateRules
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded


def line(number: int) -> bytes:
    text = f"Fax {number} shows E12 and {'does not print ' * 40}"
    fix = f"Pulled the lever {number} of the fax. {'Then it was cleaned. ' * 40}"
    return json.dumps({"ticket": {"id": f"RT-{number}", "subject": text[:300]}, "resolution": fix}).encode() + b"\n"


def test_an_import_stops_behind_what_it_has_stored(tmp_path: Path) -> None:
    embedder = HeldEmbedder()
    knowledge = embedded(tmp_path / "data", lambda model: embedder)
    service = Service(knowledge)
    app = create_app(service, GateRules())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=30))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started)
    address = "http://{}:{}".format(*server.servers[0].sockets[0].getsockname())
    with ThreadPoolExecutor(1) as pool, httpx.Client(base_url=address, timeout=60) as client:
        embedder.go.clear()
        body = b"".join(map(line, range(2_000)))
        answer = pool.submit(lambda: client.post("/v1/import/tickets", content=body))
        wait_for(lambda: app.state.gate.lanes["imports"].running)
        time.sleep(0.2)  # the first batches are being prepared
        service.stopping.set()
        server.should_exit = True
        embedder.go.set()
        response = answer.result()
    thread.join(30)
    assert not thread.is_alive()
    assert (response.status_code, response.headers["content-type"]) == (503, PROBLEM)
    assert int(response.headers["retry-after"]) >= 1
    told = response.json()
    assert told["type"] == "urn:kbsearch:problem:stopping"
    with knowledge.store.read() as tx:
        [(stored,)] = tx.rows("SELECT count(*) FROM tickets")
    assert f"the first {stored} lines of this import are stored" in told["detail"]
    assert stored < 2_000
    knowledge.close()


def test_a_request_that_the_end_cuts_off_is_answered(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    embedder = HeldEmbedder()
    knowledge = embedded(tmp_path / "data", lambda model: embedder)
    app = create_app(Service(knowledge), GateRules())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started)
    address = "http://{}:{}".format(*server.servers[0].sockets[0].getsockname())
    with ThreadPoolExecutor(3) as pool, httpx.Client(base_url=address, timeout=60) as client:
        embedder.go.clear()
        suggest = {"ticket": {"subject": "Fax"}}
        answers = [
            pool.submit(lambda: client.post("/v1/suggest", json=suggest)),
            pool.submit(lambda: client.post("/v1/import/tickets", content=line(1))),
        ]
        lanes = app.state.gate.lanes
        wait_for(lambda: lanes["imports"].running and lanes["requests"].running)
        server.should_exit = True
        responses = [answer.result() for answer in answers]
        embedder.go.set()
    thread.join(30)
    assert not thread.is_alive()
    for response in responses:
        assert (response.status_code, response.headers["content-type"]) == (503, PROBLEM)
        assert int(response.headers["retry-after"]) >= 1
    assert "Traceback" not in caplog.text
    assert "Exception in ASGI" not in caplog.text
    knowledge.close()
