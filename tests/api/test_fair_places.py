"""Nobody keeps others out: attacks by one caller beside the questions of another tenant."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI

from api.conftest import serving
from api.test_gate import HeldEmbedder, wait_for
from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.gate import GateRules
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Role, TenantId

SUGGEST = {"ticket": {"subject": "Fax shows E12"}}
LINE = b'{"ticket": {"id": "RT-9", "subject": "No mail"}, "resolution": "Emptied the full mailbox of the user."}\n'


class Desk:
    """A served application, and a client for a new key of a tenant."""

    def __init__(self, app: FastAPI, address: str, knowledge: KnowledgeBase, embedder: HeldEmbedder) -> None:
        self.app, self.embedder = app, embedder
        self.host = urlsplit(address).netloc
        self._address = address
        self._keys = Keys(knowledge.store)
        self._clients = ExitStack()

    def headers(self, tenant: str, role: Role = Role.ENGINEER) -> dict[str, str]:
        _, text = self._keys.create("k", role, (TenantId(tenant),))
        return {"Authorization": f"Bearer {text}"}

    def client(self, tenant: str, role: Role = Role.ENGINEER) -> httpx.Client:
        headers = self.headers(tenant, role)
        return self._clients.enter_context(httpx.Client(base_url=self._address, timeout=30, headers=headers))

    def half_sent(self, path: str, headers: dict[str, str]) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self.host, timeout=30)
        connection.putrequest("POST", path)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": "1000"}.items():
            connection.putheader(name, value)
        connection.endheaders(b"{")
        return connection

    def close(self) -> None:
        self._clients.close()


@contextmanager
def desk(folder: Path, rules: GateRules) -> Iterator[Desk]:
    embedder = HeldEmbedder()
    knowledge = embedded(folder / "desk", lambda model: embedder)
    app = create_app(Service(knowledge), rules)
    with serving(app) as address:
        opened = Desk(app, address, knowledge, embedder)
        yield opened
        embedder.go.set()
        opened.close()
    knowledge.close()


def test_repeats_of_a_key_at_work_are_refused_at_once_and_hold_nothing(tmp_path: Path) -> None:
    with desk(tmp_path, GateRules(requests_at_once=4, requests_waiting=4)) as served:
        ours, theirs = served.client("acme"), served.client("globex")
        once = {"Idempotency-Key": "k-1"}
        served.embedder.go.clear()
        with ThreadPoolExecutor(9) as pool:
            first = pool.submit(lambda: ours.post("/v1/import/tickets", content=LINE, headers=once))
            wait_for(lambda: served.app.state.gate.lanes["imports"].running)
            article = {"title": "T", "resolution": "R"}
            again = list(pool.map(lambda _: ours.post("/v1/articles", json=article, headers=once), range(32)))
            assert {one.status_code for one in again} == {409}
            assert all(int(one.headers["retry-after"]) >= 1 for one in again)
            assert theirs.post("/v1/articles/none/flags", json={"reason": "old"}, headers=once).status_code == 404
            served.embedder.go.set()
            assert first.result().json()["accepted"] == 1
        answer = ours.post("/v1/import/tickets", content=LINE, headers=once)
        assert answer.content == first.result().content


def test_a_key_whose_first_body_is_still_coming_is_at_work(tmp_path: Path) -> None:
    with desk(tmp_path, GateRules()) as served:
        once = {**served.headers("acme"), "Idempotency-Key": "k-1"}
        connection = served.half_sent("/v1/import/tickets", once)
        wait_for(lambda: served.app.state.gate.lanes["uploads"].running)
        with httpx.Client(base_url=f"http://{served.host}", headers=once) as client:
            assert client.post("/v1/import/tickets", content=LINE).status_code == 409
            connection.close()
            wait_for(lambda: client.post("/v1/import/tickets", content=LINE).status_code == 200)


def test_half_sent_bodies_of_one_caller_leave_room_for_others(tmp_path: Path) -> None:
    with desk(tmp_path, GateRules()) as served:
        attacker, colleague = served.headers("acme", Role.AGENT), served.client("acme", Role.AGENT)
        connections = [served.half_sent("/v1/suggest", attacker) for _ in range(256)]
        lane = served.app.state.gate.lanes["bodies"]
        wait_for(lambda: lane.running == 64)
        assert colleague.post("/v1/suggest", json=SUGGEST).status_code == 200
        assert served.client("globex", Role.AGENT).post("/v1/suggest", json=SUGGEST).status_code == 200
        refused = http.client.HTTPConnection(served.host, timeout=30)
        refused.request("POST", "/v1/suggest", "{}", {**attacker, "Content-Type": "application/json"})
        answer = refused.getresponse()
        assert answer.status == 429
        assert int(answer.getheader("Retry-After") or 0) >= 1
        for connection in [*connections, refused]:
            connection.close()


def test_imports_that_drip_hold_no_place_of_an_import_and_end(tmp_path: Path) -> None:
    with desk(tmp_path, GateRules(body_timeout_s=0.4, import_bytes_per_s=1000)) as served:
        parts = urlsplit(f"http://{served.host}")
        end = threading.Event()
        dripping = []

        def drip(connection: socket.socket) -> None:
            while not end.wait(0.05):
                try:
                    connection.sendall(b"\n")
                except OSError:
                    return

        key = served.headers("acme")["Authorization"]
        head = f"POST /v1/import/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nContent-Length: 100000\r\n\r\n"
        for _ in range(2):
            connection = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30)
            connection.sendall(head.encode())
            thread = threading.Thread(target=drip, args=(connection,))
            thread.start()
            dripping.append((connection, thread))
        wait_for(lambda: served.app.state.gate.lanes["uploads"].running == 2)
        answer = served.client("globex").post("/v1/import/tickets", content=LINE)
        assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
        try:
            for connection, _ in dripping:
                assert b" 408 " in connection.recv(65_536)
        finally:
            end.set()
            for connection, thread in dripping:
                thread.join()
                connection.close()


def test_an_import_that_comes_fast_enough_may_take_long(tmp_path: Path) -> None:
    with desk(tmp_path, GateRules(body_timeout_s=0.3, import_bytes_per_s=200)) as served:
        pause = threading.Event()

        def steadily() -> Iterator[bytes]:
            for number in range(8):
                yield LINE.replace(b"RT-9", f"RT-{number}".encode())
                pause.wait(0.1)

        answer = served.client("acme").post("/v1/import/tickets", content=steadily())
        assert (answer.status_code, answer.json()["accepted"]) == (200, 8)


def test_work_of_one_tenant_that_stands_still_leaves_places_for_others(tmp_path: Path) -> None:
    rules = GateRules(requests_at_once=8, requests_waiting=8, patience_s=0.5)
    with desk(tmp_path, rules) as served:
        ours, other = served.client("acme"), served.client("acme")
        served.embedder.go.clear()
        with ThreadPoolExecutor(40) as pool:
            asked = [pool.submit(lambda: ours.post("/v1/suggest", json=SUGGEST)) for _ in range(20)]
            wait_for(lambda: sum(one.done() for one in asked) >= 18)
            assert served.app.state.gate.lanes["requests"].running == 2
            for client in (other, served.client("globex")):
                assert client.get("/v1/articles").status_code == 200
            served.embedder.go.set()
            statuses = sorted(one.result().status_code for one in asked)
        assert statuses[:2] == [200, 200]
        assert set(statuses[2:]) <= {429, 503}


def test_one_caller_runs_one_of_two_imports(tmp_path: Path) -> None:
    with desk(tmp_path, GateRules(request_timeout_s=0.3)) as served:
        served.embedder.go.clear()
        ours = served.client("acme")
        with ThreadPoolExecutor(4) as pool:
            first = pool.submit(lambda: ours.post("/v1/import/tickets", content=LINE))
            wait_for(lambda: served.app.state.gate.lanes["imports"].running)
            assert ours.post("/v1/import/tickets", content=LINE).status_code == 429
            other = pool.submit(lambda: served.client("globex").post("/v1/import/tickets", content=LINE))
            wait_for(lambda: served.app.state.gate.lanes["imports"].running == 2)
            served.embedder.go.set()
            assert first.result().status_code == other.result().status_code == 200
