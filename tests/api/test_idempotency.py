"""Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from clocks import FakeClock
from starlette.testclient import TestClient

from api.calls import acting_for, put_article, suggest, write_back
from api.conftest import calling
from api.test_gate import HeldEmbedder, wait_for
from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Role, TenantId
from scripts.harness.hashing import HashingEmbedder

TITLE = "Monitor stays black after docking"
ARTICLE = {"title": TITLE, "resolution": "Unplug the dock for ten seconds."}
ACME = TenantId("acme")
LINE = b'{"ticket": {"id": "RT-9", "subject": "No mail"}, "resolution": "Emptied the full mailbox of the user."}'

Send = Callable[..., httpx.Response]


def post_article(client: TestClient, **kwargs: object) -> httpx.Response:
    return client.post("/v1/articles", json=ARTICLE, **kwargs)


def post_flag(client: TestClient, **kwargs: object) -> httpx.Response:
    return client.post("/v1/articles/known/flags", json={"reason": "outdated"}, **kwargs)


def post_reopen(client: TestClient, **kwargs: object) -> httpx.Response:
    return client.post("/v1/tickets/RT-1/reopen", **kwargs)


def post_tickets(client: TestClient, **kwargs: object) -> httpx.Response:
    return client.post("/v1/import/tickets", content=LINE, **kwargs)


def post_articles(client: TestClient, **kwargs: object) -> httpx.Response:
    return client.post("/v1/import/articles", content=b'{"id": "a", "title": "T", "resolution": "R"}', **kwargs)


def post_reindex(client: TestClient, **kwargs: object) -> httpx.Response:
    return client.post("/v1/reindex", json={}, **kwargs)


@pytest.fixture
def desk(client: TestClient) -> TestClient:
    put_article(client, "known", "Dock shows a black monitor", "Replace the dock.")
    write_back(client, "RT-1", "Dock is hot", "Replaced the dock by a new one.")
    return client


@pytest.mark.parametrize(
    "send", [post_article, post_flag, post_reopen, post_tickets, post_articles, post_reindex], ids=lambda f: f.__name__
)
def test_sent_again_gets_the_first_answer(desk: TestClient, knowledge: KnowledgeBase, send: Send) -> None:
    first = send(desk, headers={"Idempotency-Key": "k-1"})
    assert first.is_success
    revision = suggest(desk, TITLE)["revision"]
    put_article(desk, "later", "Something newer", "Written in between.")
    again = send(desk, headers={"Idempotency-Key": "k-1"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert suggest(desk, TITLE)["revision"] == revision + 1
    with knowledge.store.read() as tx:
        assert tx.rows("SELECT count(*) AS n FROM flags")[0]["n"] == (send is post_flag)


def test_feedback_sent_again_gets_the_first_answer(desk: TestClient) -> None:
    suggestion = suggest(desk, "Dock shows a black monitor")
    url = f"/v1/suggestions/{suggestion['suggestion_id']}/feedback"
    body = {"solution_id": "known", "outcome": "wrong"}
    for _ in range(2):
        response = desk.post(url, json=body, headers={"Idempotency-Key": "k-1"})
        assert (response.status_code, response.content) == (204, b"")
    corrected = {**body, "outcome": "solved"}
    assert desk.post(url, json=corrected, headers={"Idempotency-Key": "k-2"}).status_code == 204
    assert desk.post(url, json=body, headers={"Idempotency-Key": "k-1"}).status_code == 204
    evidence = suggest(desk, "Dock shows a black monitor")["solutions"][0]["evidence"]
    assert (evidence["agents_solved"], evidence["agents_failed"]) == (1, 0)


def test_without_a_key_each_post_is_a_new_one(client: TestClient) -> None:
    assert post_article(client).json()["id"] != post_article(client).json()["id"]


def test_same_key_with_another_body_is_422(client: TestClient) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = post_article(client, headers=headers)
    other = client.post("/v1/articles", json={**ARTICLE, "title": "Another"}, headers=headers)
    assert other.status_code == 422
    assert len(client.get("/v1/articles").json()["articles"]) == 1
    assert post_article(client, headers=headers).json() == first.json()


def test_same_key_at_another_address_is_422(desk: TestClient) -> None:
    headers = {"Idempotency-Key": "k-1"}
    assert desk.post("/v1/tickets/RT-1/reopen", headers=headers).status_code == 200
    write_back(desk, "RT-2", "Dock is cold", "Warmed the dock with the heater.")
    assert desk.post("/v1/tickets/RT-2/reopen", headers=headers).status_code == 422
    assert desk.get("/v1/tickets/RT-2").json()["status"] == "resolved"


def test_same_key_for_another_import_is_422(client: TestClient) -> None:
    headers = {"Idempotency-Key": "k-1"}
    assert post_tickets(client, headers=headers).status_code == 200
    other = client.post("/v1/import/tickets", content=LINE.replace(b"RT-9", b"RT-8"), headers=headers)
    assert other.status_code == 422
    assert client.get("/v1/tickets/RT-8").status_code == 404


def test_keys_belong_to_a_tenant(client: TestClient) -> None:
    headers = {"Idempotency-Key": "k-1"}
    ours = post_article(client, headers={**headers, **acting_for("acme")}).json()
    theirs = client.post(
        "/v1/articles", json={**ARTICLE, "title": "Another"}, headers={**headers, **acting_for("globex")}
    )
    assert theirs.status_code == 201
    assert (ours["tenant"], theirs.json()["tenant"]) == ("acme", "globex")
    assert theirs.json()["id"] != ours["id"]


def test_request_that_failed_may_be_sent_again(client: TestClient) -> None:
    headers = {"Idempotency-Key": "k-1"}
    assert client.post("/v1/tickets/RT-1/reopen", headers=headers).status_code == 404
    assert client.post("/v1/articles", json={"title": ""}, headers=headers).status_code == 422
    write_back(client, "RT-1", TITLE, "Replaced the dock by a new one.")
    assert client.post("/v1/tickets/RT-1/reopen", headers=headers).status_code == 200


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "ключ".encode()])
def test_key_that_cannot_be(unchanged: TestClient, key: str | bytes) -> None:
    assert post_article(unchanged, headers={"Idempotency-Key": key}).status_code == 422
    assert unchanged.get("/v1/articles").json()["articles"] == []


def test_sent_many_times_at_once_happens_once(http: httpx.Client) -> None:
    def send(_: int) -> httpx.Response:
        return http.post("/v1/articles", json=ARTICLE, headers={"Idempotency-Key": "k-1"})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    done = [answer for answer in answers if answer.status_code == 201]
    assert done
    assert {answer.text for answer in done} == {send(0).text}
    refused = [answer for answer in answers if answer not in done]
    assert all(answer.status_code == 409 and int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert len(http.get("/v1/articles").json()["articles"]) == 1


def test_a_key_belongs_to_its_caller(client: TestClient, knowledge: KnowledgeBase) -> None:
    keys = Keys(knowledge.store)
    ani, ivan = ({"Authorization": f"Bearer {keys.create(name, Role.ENGINEER, (ACME,))[1]}"} for name in ("a", "i"))
    once = {"Idempotency-Key": "k-1"}
    first = post_article(client, headers={**ani, **once})
    other = post_article(client, headers={**ivan, **once})
    assert (first.status_code, other.status_code) == (201, 201)
    assert first.json()["id"] != other.json()["id"]
    article = first.json()["id"]
    for caller in (ani, ivan):
        shown = client.post("/v1/suggest", json={"ticket": {"subject": TITLE}}, headers=ani).json()
        body = {"solution_id": shown["solutions"][0]["solution_id"], "outcome": "wrong"}
        path = f"/v1/suggestions/{shown['suggestion_id']}/feedback"
        assert client.post(path, json=body, headers={**caller, "Idempotency-Key": "k-2"}).status_code == 204
    with knowledge.store.read() as tx:
        assert len(tx.rows("SELECT DISTINCT agent FROM feedback")) == 2
    assert post_article(client, headers={**ani, **once}).json()["id"] == article


def test_an_answer_is_kept_for_a_day(client: TestClient, knowledge: KnowledgeBase, clock: FakeClock) -> None:
    headers = {"Idempotency-Key": "k-1"}
    assert post_article(client, headers=headers).json()["version"] == 1
    clock.advance(hours=23)
    assert post_article(client, headers=headers).json()["version"] == 1
    clock.advance(days=30)
    other = client.post("/v1/articles", json={**ARTICLE, "title": "Another"}, headers=headers)
    assert other.json()["title"] == "Another"
    assert client.post("/v1/articles", json=ARTICLE, headers=headers).status_code == 422


def test_a_key_at_work_in_another_process_is_409_at_once(tmp_path: Path) -> None:
    held = HeldEmbedder()
    processes = [embedded(tmp_path / "data", lambda model, one=one: one) for one in (held, HashingEmbedder())]
    body, headers = {"title": "Fax shows E12", "resolution": "Pull the lever."}, {"Idempotency-Key": "once"}
    with ExitStack() as opened, ThreadPoolExecutor(1) as sender:
        opened.callback(held.go.set)
        here, there = [opened.enter_context(calling(create_app(Service(one)))) for one in processes]
        held.go.clear()
        first = sender.submit(here.post, "/v1/articles", json=body, headers=headers)
        wait_for(lambda: here.app.state.gate.lanes["requests"].running)
        for path, other in (("/v1/articles", body), ("/v1/articles/draft", {"ticket": {"subject": "Fax"}})):
            again = there.post(path, json=other, headers=headers)
            assert (again.status_code, again.json()["type"]) == (409, "urn:kbsearch:problem:still-at-work")
            assert int(again.headers["retry-after"]) >= 1
        assert there.post("/v1/articles", json=body, headers={"Idempotency-Key": "twice"}).status_code == 201
        held.go.set()
        assert first.result().status_code == 201
        answered = there.post("/v1/articles", json=body, headers=headers)
        assert (answered.status_code, answered.json()) == (201, first.result().json())
        assert len(there.get("/v1/articles").json()["articles"]) == 2
    for one in processes:
        one.close()
