"""The way in: what is asked before a route does anything, and in which order."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from clocks import FakeClock
from fastapi import APIRouter, FastAPI
from issuer import issuing
from starlette.testclient import TestClient

from api.conftest import PROBLEM, calling, serving
from kbsearch.access.key_text import KeyText
from kbsearch.access.keys import Keys
from kbsearch.access.people import Issuer, People
from kbsearch.api.app import create_app
from kbsearch.api.gate import Gate, GateRules, check_guarded
from kbsearch.api.lanes import Lane
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.embedding.embedder import Vectors
from kbsearch.errors import Overloaded
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Role, TenantId
from scripts.harness.hashing import HashingEmbedder

ACME = TenantId("acme")
SUGGEST = {"ticket": {"subject": "Fax shows E12"}}


def bearing(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@contextmanager
def called(knowledge: KnowledgeBase, rules: GateRules) -> Iterator[TestClient]:
    with calling(create_app(Service(knowledge), rules)) as client:
        yield client


# -- credentials -----------------------------------------------------------------------------------------------


def test_the_first_key_closes_the_server_to_callers_without_one(client: TestClient, knowledge: KnowledgeBase) -> None:
    assert client.post("/v1/suggest", json=SUGGEST).status_code == 200
    key, text = Keys(knowledge.store).create("RT", Role.SYSTEM, (ACME,))
    assert client.post("/v1/suggest", json=SUGGEST).status_code == 401
    assert client.post("/v1/suggest", json=SUGGEST, headers=bearing(text)).status_code == 200
    Keys(knowledge.store).revoke(key.id)
    assert client.post("/v1/suggest", json=SUGGEST, headers=bearing(text)).status_code == 401
    assert client.post("/v1/suggest", json=SUGGEST).status_code == 401  # the last key gone opens nothing


def test_a_server_that_others_reach_is_closed_without_keys(knowledge: KnowledgeBase) -> None:
    with called(knowledge, GateRules(open_without_keys=False)) as client:
        assert client.post("/v1/suggest", json=SUGGEST).status_code == 401
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic YTpi", "kbs_", "Bearer kbs_nonsense", "Bearer \xff"])
def test_other_credentials_are_refused(client: TestClient, knowledge: KnowledgeBase, given: str) -> None:
    Keys(knowledge.store).create("RT", Role.SYSTEM, (ACME,))
    response = client.post("/v1/suggest", json=SUGGEST, headers={"Authorization": given.encode("latin-1")})
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


def test_the_body_is_not_read_before_the_credential(server: str, knowledge: KnowledgeBase) -> None:
    Keys(knowledge.store).create("RT", Role.SYSTEM, (ACME,))
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=10)
    connection.putrequest("POST", "/v1/import/tickets")
    connection.putheader("Content-Length", "10000000000")
    connection.endheaders(b"{")
    response = connection.getresponse()  # none of the rest was sent
    assert (response.status, response.getheader("Content-Type")) == (401, PROBLEM)
    connection.close()


def test_a_role_is_refused_before_the_body_is_looked_at(client: TestClient, knowledge: KnowledgeBase) -> None:
    _, text = Keys(knowledge.store).create("a", Role.AGENT, (ACME,))
    for body in (b"", b"{", b"x" * 2_000_000):
        assert client.post("/v1/reindex", content=body, headers=bearing(text)).status_code == 403


def test_guessing_is_stopped(client: TestClient, knowledge: KnowledgeBase, caplog: pytest.LogCaptureFixture) -> None:
    key, text = Keys(knowledge.store).create("RT", Role.SYSTEM, (ACME,))
    guesses = [KeyText(key.id, KeyText.new().secret).written() for _ in range(10)]
    assert [client.get("/v1/articles", headers=bearing(guess)).status_code for guess in guesses] == [401] * 10
    for guess in (*guesses, text):  # not even the right one: it would tell that it is right
        refused = client.get("/v1/articles", headers=bearing(guess))
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 300
    assert "locked out" in caplog.text
    assert not any(guess in caplog.text for guess in (*guesses, text))


def test_forged_tokens_are_guesses_and_expired_ones_are_not(knowledge: KnowledgeBase, clock: FakeClock) -> None:
    with issuing() as issuer:
        people = People(Issuer(issuer.url, "kbsearch", "role", "tenants"), clock)
        expired = issuer.token({"iss": issuer.url, "aud": "kbsearch", "sub": "m", "exp": 1})
        with called(knowledge, GateRules(people=people)) as client:
            for token, last in ((expired, 401), (f"{expired[:-4]}AAAA", 429)):
                for _ in range(12):
                    status = client.get("/v1/articles", headers=bearing(token)).status_code
                assert status == last


def test_ended_keys_are_no_guesses(client: TestClient, knowledge: KnowledgeBase) -> None:
    keys = Keys(knowledge.store)
    ended, text = keys.create("old", Role.SYSTEM, (ACME,))
    keys.revoke(ended.id)
    assert {client.post("/v1/suggest", json=SUGGEST, headers=bearing(text)).status_code for _ in range(30)} == {401}


def test_a_person_is_let_in_by_a_token(knowledge: KnowledgeBase, clock: FakeClock) -> None:
    with issuing() as issuer:
        people = People(Issuer(issuer.url, "kbsearch", "role", "tenants"), clock)
        now = int(clock().timestamp())
        claims = {"iss": issuer.url, "aud": "kbsearch", "sub": "m", "exp": now + 60, "role": "agent", "tenants": "acme"}
        with called(knowledge, GateRules(open_without_keys=False, people=people)) as client:
            assert client.post("/v1/suggest", json=SUGGEST).status_code == 401
            headers = bearing(issuer.token(claims))
            assert client.post("/v1/suggest", json=SUGGEST, headers=headers).status_code == 200
            assert client.post("/v1/reindex", headers=headers).status_code == 403
            other = {**headers, "KBSearch-Tenant": "globex"}
            assert client.post("/v1/suggest", json=SUGGEST, headers=other).status_code == 403
            headers = bearing(issuer.token({**claims, "role": "root"}))
            assert client.post("/v1/suggest", json=SUGGEST, headers=headers).status_code == 401
            _, text = Keys(knowledge.store).create("RT", Role.SYSTEM, (ACME,))
            assert client.post("/v1/suggest", json=SUGGEST, headers=bearing(text)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example.org"},
        {"Host": "evil.example.org:8080", "Origin": "http://evil.example.org:8080"},
        {"Origin": "http://evil.example.org"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Host": "["},
        {"Host": ""},
        {"Host": "127.0.0.1.evil.example.org"},
        {"Host": "evil.example.org@127.0.0.1", "Origin": "http://evil.example.org"},
    ],
)
def test_other_sites_pages_cannot_use_a_server_without_keys(client: TestClient, headers: dict[str, str]) -> None:
    line = {"ticket": {"id": "RT-1", "subject": "Fax"}, "resolution": "Pulled the lever of the fax."}
    for response in (
        client.post("/v1/import/tickets", content=json.dumps(line), headers=headers),
        client.get("/v1/articles", headers=headers),
    ):
        assert response.status_code == 403
    assert client.get("/v1/tickets/RT-1").status_code == 404


@pytest.mark.parametrize("headers", [{"Host": "localhost:8080"}, {"Host": "[::1]:80"}, {"Origin": "http://127.0.0.1"}])
def test_this_machine_s_own_pages_can(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/v1/articles", headers=headers).status_code == 200


# -- shares and places -----------------------------------------------------------------------------------------


def test_each_key_has_a_share(knowledge: KnowledgeBase) -> None:
    keys = Keys(knowledge.store)
    first, second = (keys.create(name, Role.AGENT, (ACME,))[1] for name in "ab")
    app = create_app(Service(knowledge))
    app.state.gate = Gate(GateRules(requests_per_minute=50), monotonic=lambda: 0.0)
    with calling(app) as client:
        answers = [client.get("/v1/articles", headers=bearing(first)) for _ in range(12)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 7
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert client.get("/v1/articles", headers=bearing(second)).status_code == 200


def test_a_lane_is_bounded() -> None:
    async def scenario() -> None:
        lane = Lane(most_running=2, most_waiting=3, patience_s=5)
        leave, order = asyncio.Event(), []

        async def guest(number: int) -> None:
            async with lane.place():
                order.append(number)
                await leave.wait()

        guests = [asyncio.create_task(guest(number)) for number in range(5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (lane.running, lane.waiting, order) == (2, 3, [0, 1])
        with pytest.raises(Overloaded):
            async with lane.place():
                pass
        guests[3].cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert lane.waiting == 2
        leave.set()
        await asyncio.gather(*guests, return_exceptions=True)
        assert (lane.running, lane.waiting, order) == (0, 0, [0, 1, 2, 4])

    asyncio.run(scenario())


def test_nobody_waits_for_ever() -> None:
    async def scenario() -> None:
        lane = Lane(most_running=1, most_waiting=1, patience_s=0.01)
        async with lane.place():
            with pytest.raises(Overloaded):
                async with lane.place():
                    pass
        async with lane.place():
            assert lane.running == 1

    asyncio.run(scenario())


class HeldEmbedder(HashingEmbedder):
    """Embeds once it is let, or fails then."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = False
        self.go = threading.Event()
        self.go.set()

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.go.wait(30)
        if self.failing:
            raise RuntimeError
        return super().embed_documents(texts)


def test_beyond_its_bounds_the_server_says_come_again(tmp_path: Path) -> None:
    embedder = HeldEmbedder()
    knowledge = embedded(tmp_path / "held", lambda model: embedder)
    app = create_app(Service(knowledge), GateRules(requests_at_once=2, requests_waiting=2, patience_s=20))
    with serving(app) as address, httpx.Client(base_url=address, timeout=30) as client:
        embedder.go.clear()
        statuses: list[int] = []

        def ask(n: int) -> None:
            statuses.append(client.post("/v1/suggest", json={"ticket": {"subject": f"Fax {n}"}}).status_code)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        lane = app.state.gate.lanes["requests"]
        while lane.running + lane.waiting < 4:
            time.sleep(0.005)
        refused = client.post("/v1/suggest", json=SUGGEST)
        assert (refused.status_code, refused.headers["content-type"]) == (503, PROBLEM)
        assert int(refused.headers["retry-after"]) >= 1
        assert client.get("/healthz").status_code == 200  # what says that it lives has no lane
        embedder.go.set()
        for thread in threads:
            thread.join()
        assert statuses == [200] * 4
        assert client.post("/v1/suggest", json=SUGGEST).status_code == 200
    knowledge.close()


def test_an_import_takes_its_place_once_its_body_has_come(knowledge: KnowledgeBase) -> None:
    app = create_app(Service(knowledge), GateRules(imports_at_once=1, uploads_at_once=2, patience_s=0.2))
    with serving(app) as address, httpx.Client(base_url=address, timeout=30) as client:
        go_on = threading.Event()

        def slowly() -> Iterator[bytes]:
            yield b"\n"
            go_on.wait(30)

        thread = threading.Thread(target=lambda: client.post("/v1/import/tickets", content=slowly()))
        thread.start()
        wait_for(lambda: app.state.gate.lanes["uploads"].running)
        assert app.state.gate.lanes["imports"].running == 0
        assert client.post("/v1/import/tickets", content=b"\n").status_code == 200
        assert client.post("/v1/suggest", json=SUGGEST).status_code == 200
        go_on.set()
        thread.join()


@contextmanager
def held(folder: Path, rules: GateRules) -> Iterator[tuple[FastAPI, httpx.Client, HeldEmbedder]]:
    """A served application whose work stands still while its embedder is not let go on."""
    embedder = HeldEmbedder()
    knowledge = embedded(folder / "held", lambda model: embedder)
    app = create_app(Service(knowledge), rules)
    with serving(app) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield app, client, embedder
    knowledge.close()


def wait_for(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def wait_until_idle(app: FastAPI) -> None:
    wait_for(lambda: not any(lane.running for lane in app.state.gate.lanes.values()))


def test_nobody_waits_for_work_that_takes_too_long(tmp_path: Path) -> None:
    rules = GateRules(requests_at_once=1, requests_waiting=0, request_timeout_s=0.2)
    with held(tmp_path, rules) as (app, client, embedder):
        embedder.go.clear()
        response = client.post("/v1/suggest", json=SUGGEST)
        assert (response.status_code, response.headers["content-type"]) == (503, PROBLEM)
        assert int(response.headers["retry-after"]) >= 1
        assert "took longer than 0.2 s" in response.json()["detail"]
        assert app.state.gate.lanes["requests"].running == 1  # what is still at work counts
        assert "too many requests are running" in client.post("/v1/suggest", json=SUGGEST).json()["detail"]
        embedder.go.set()
        wait_until_idle(app)
        assert client.post("/v1/suggest", json=SUGGEST).status_code == 200


def test_a_write_that_took_too_long_is_done_all_the_same(tmp_path: Path) -> None:
    body = {"ticket": {"subject": "Fax shows E12"}, "resolution": "Pulled the lever at the back of the fax."}
    with held(tmp_path, GateRules(request_timeout_s=0.2)) as (app, client, embedder):
        embedder.go.clear()
        response = client.put("/v1/tickets/RT-1/resolution", json=body)
        assert response.status_code == 503
        assert "may still complete" in response.json()["detail"]
        embedder.go.set()
        wait_until_idle(app)
        assert client.get("/v1/tickets/RT-1").json()["status"] == "resolved"
        entry = client.get("/v1/audit").json()["entries"][0]
        assert (entry["subject"], entry["request_id"]) == ("RT-1", response.headers["x-request-id"])


def test_a_repeated_request_gets_the_answer_of_the_one_that_took_too_long(tmp_path: Path) -> None:
    body, once = {"title": "Fax", "resolution": "Pull the lever."}, {"Idempotency-Key": "once"}
    with held(tmp_path, GateRules(request_timeout_s=0.2)) as (app, client, embedder):
        embedder.go.clear()
        assert client.post("/v1/articles", json=body, headers=once).status_code == 503
        again = client.post("/v1/articles", json=body, headers=once)
        assert (again.status_code, again.headers["retry-after"]) == (409, "1")
        embedder.go.set()
        wait_until_idle(app)
        assert client.post("/v1/articles", json=body, headers=once).json()["version"] == 1
        assert len(client.get("/v1/articles").json()["articles"]) == 1


def test_imports_take_the_time_they_need(tmp_path: Path) -> None:
    line = {"ticket": {"id": "RT-1", "subject": "Fax shows E12"}, "resolution": "Pulled the lever of the fax."}
    with held(tmp_path, GateRules(request_timeout_s=0.1)) as (_, client, embedder):
        embedder.go.clear()
        threading.Timer(0.5, embedder.go.set).start()
        response = client.post("/v1/import/tickets", content=json.dumps(line))
        assert (response.status_code, response.json()["accepted"]) == (200, 1)


def test_how_work_ended_that_was_given_up_on_stands_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with held(tmp_path, GateRules(request_timeout_s=0.1)) as (app, client, embedder):
        embedder.go.clear()
        embedder.failing = True
        assert client.post("/v1/suggest", json=SUGGEST).status_code == 503
        embedder.go.set()
        wait_until_idle(app)
    [record] = [one for one in caplog.records if "after its time limit" in one.getMessage()]
    assert record.exc_info is not None
    assert record.exc_info[0] is RuntimeError


@pytest.mark.parametrize("path", ["/v1/suggest", "/v1/import/tickets"])
def test_a_body_that_does_not_come_is_given_up(knowledge: KnowledgeBase, path: str) -> None:
    app = create_app(Service(knowledge), GateRules(body_timeout_s=0.2))
    with serving(app) as address:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
        connection.putrequest("POST", path)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", "1000")
        connection.endheaders(b"{")
        response = connection.getresponse()
        assert (response.status, response.getheader("Content-Type")) == (408, PROBLEM)
        connection.close()
        wait_until_idle(app)


def test_a_client_that_goes_away_leaves_no_place_taken(
    knowledge: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(Service(knowledge))
    with serving(app) as address:
        for path in ("/v1/suggest", "/v1/import/tickets"):
            parts = urlsplit(address)
            with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
                head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                connection.sendall(f"{head}Content-Length: 1000\r\n\r\n{{".encode())
                time.sleep(0.05)
        lanes = app.state.gate.lanes.values()
        deadline = time.monotonic() + 10
        while any(lane.running or lane.waiting for lane in lanes):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert "unexpected error" not in caplog.text


# -- what every answer carries ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/healthz", "/v1/articles", "/nothing", "/v1/search", "/metrics", "/docs"])
def test_every_answer_carries_the_headers_that_keep_it_safe(unchanged: TestClient, path: str) -> None:
    headers = unchanged.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith(
        "default-src 'self'" if path == "/docs" else "default-src 'none'"
    )
    assert "server" not in headers


def test_every_answer_has_a_request_id(unchanged: TestClient) -> None:
    ids = {unchanged.get(path).headers["x-request-id"] for path in ("/healthz", "/healthz", "/nothing", "/v1/search")}
    assert len(ids) == 4
    assert unchanged.get("/healthz", headers={"X-Request-ID": "trace-1.b"}).headers["x-request-id"] == "trace-1.b"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "é", "a\tb", "<script>"])
def test_a_request_id_that_is_not_plain_is_not_taken(unchanged: TestClient, given: str) -> None:
    answered = unchanged.get("/healthz", headers={"X-Request-ID": given.encode("latin-1")}).headers["x-request-id"]
    assert answered != given
    assert answered.isalnum()


def test_other_sites_are_not_let_in_unless_named(knowledge: KnowledgeBase) -> None:
    asked = {"Origin": "https://desk.example.org", "Access-Control-Request-Method": "POST"}
    with TestClient(create_app(Service(knowledge))) as client:
        response = client.options("/v1/suggest", headers=asked)
        assert response.status_code == 405
        assert not [name for name in response.headers if name.startswith("access-control")]
    with TestClient(create_app(Service(knowledge), cors_origins=["https://desk.example.org"])) as client:
        response = client.options("/v1/suggest", headers=asked)
        assert response.headers["access-control-allow-origin"] == "https://desk.example.org"
        assert "access-control-allow-credentials" not in response.headers
        refused = client.options("/v1/suggest", headers={**asked, "Origin": "https://evil.example.org"})
        assert "access-control-allow-origin" not in refused.headers


def test_a_route_that_nobody_guards_is_not_served() -> None:
    router = APIRouter()
    router.add_api_route("/v1/secrets", lambda: None, methods=["GET"])
    app = create_app(Service())
    check_guarded(app)
    app.include_router(router)
    with pytest.raises(RuntimeError, match="/v1/secrets"):
        check_guarded(app)
