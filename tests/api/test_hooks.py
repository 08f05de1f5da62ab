"""Webhooks of ticket systems: who is believed, what is kept, what comes of a message."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from clocks import FakeClock
from starlette.testclient import TestClient

from kbsearch.api.app import create_app
from kbsearch.api.gate import GateRules
from kbsearch.api.hooks import Hooks, Source
from kbsearch.api.service import Service
from kbsearch.errors import StorageError
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Scope, TenantId, Ticket, TicketStatus, WriteBackOutcome
from kbsearch.store import inbox
from kbsearch.ticketing.connector import read_connector

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
SECRET = b"s" * 32
FIX = "Pulled the lever at the back of the fax until the lamp was green."


@dataclass
class Desk:
    """A server with one connected ticket system, which signs what it sends."""

    client: TestClient
    hooks: Hooks
    knowledge: KnowledgeBase
    clock: FakeClock
    numbers: list[int] = field(default_factory=lambda: [0])

    def send(self, event: str, ticket: str = "T-1", secret: bytes = SECRET, **more: Any) -> Any:
        self.numbers[0] += 1
        message = {
            "event": event, "tenant": "acme", "id": f"d-{self.numbers[0]}",
            "ticket": {"id": ticket, "subject": "The fax shows E12"}, **more,
        }  # fmt: skip
        return self.post(json.dumps(message).encode(), secret)

    def post(self, body: bytes, secret: bytes = SECRET, path: str = "/v1/hooks/desk") -> Any:
        stamp = str(int(self.clock().timestamp()))
        proof = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"X-KBSearch-Signature": f"sha256={proof}", "X-KBSearch-Timestamp": stamp}
        return self.client.post(path, content=body, headers=headers)

    def work(self) -> None:
        while self.hooks.work_off(self.knowledge):
            pass

    def rows(self) -> list[dict[str, Any]]:
        with self.knowledge.store.read() as tx:
            return [dict(row) for row in tx.rows("SELECT * FROM inbox ORDER BY received_at, delivery")]  # type: ignore[call-overload]

    def found(self, tenant: TenantId = ACME) -> list[str]:
        solutions = self.knowledge.suggest(Scope(tenant), Ticket("The fax shows E12")).solutions
        return [one.solution.resolution for one in solutions]


@pytest.fixture
def desk(knowledge: KnowledgeBase, clock: FakeClock, tmp_path: Path) -> Iterator[Desk]:
    path = tmp_path / "desk.yaml"
    path.write_text("preset: generic\nsecrets: [S]\nown_accounts: [kbsearch]\n")
    hooks = Hooks({"desk": Source(read_connector(path), [SECRET])})
    # The tests work the messages off themselves.
    hooks.begin = lambda knowledge: None  # type: ignore[method-assign]
    app = create_app(Service(knowledge), GateRules(wrong_keys=3), hooks=hooks)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield Desk(client, hooks, knowledge, clock)


def test_a_fix_flows_back_from_the_ticket_system(desk: Desk) -> None:
    assert desk.send("created").json() == {"accepted": True, "duplicate": False}
    answer = desk.send("resolved", resolution=FIX, resolved_by="ivo")
    assert answer.status_code == 202
    assert desk.found() == []  # nothing is done in the request
    desk.work()
    assert desk.found() == [FIX]
    assert desk.found(GLOBEX) == []
    stored = desk.knowledge.tickets.get(ACME, "T-1")
    assert (stored.resolution.resolved_by, stored.status) == ("ivo", TicketStatus.RESOLVED)
    assert [row["state"] for row in desk.rows()] == ["done", "done"]
    with desk.knowledge.store.read() as tx:
        actors = {row["actor"] for row in tx.rows("SELECT actor FROM audit WHERE subject = 'T-1'")}
    assert actors == {"connector:desk"}


def test_reopening_withdraws_and_resolving_again_brings_it_back(desk: Desk) -> None:
    for event in ("resolved", "reopened"):
        desk.send(event, resolution=FIX)
        desk.work()
    assert desk.found() == []
    desk.send("resolved", resolution=FIX)
    desk.work()
    assert desk.found() == [FIX]
    desk.send("reopened", ticket="never heard of")
    desk.work()
    assert desk.rows()[-1]["state"] == "done"


@pytest.mark.parametrize("resolution", [None, "", "done", "Note [kbsearch:suggest:1] try this and that and more of it"])
def test_a_ticket_resolved_without_a_fix_waits_for_review(desk: Desk, resolution: str | None) -> None:
    desk.send("resolved", resolution=resolution)
    desk.work()
    assert desk.knowledge.tickets.get(ACME, "T-1").outcome == WriteBackOutcome.NEEDS_REVIEW
    assert desk.found() == []


def test_the_same_delivery_and_the_same_question_count_once(desk: Desk) -> None:
    body = json.dumps(
        {"event": "created", "tenant": "acme", "id": "d", "ticket": {"id": "1", "subject": "Fax"}}
    ).encode()
    assert [desk.post(body).json()["duplicate"] for _ in range(3)] == [False, True, True]
    desk.work()
    for _ in range(2):  # another delivery that asks for the same
        desk.send("created", ticket="T-7")
        desk.work()
    assert [row["reason"] for row in desk.rows()] == ["asked", "asked", "the same was asked before"]


def test_what_our_own_account_does_is_no_event(desk: Desk) -> None:
    desk.send("changed", actor="kbsearch")
    desk.work()
    assert [(row["state"], row["tenant"]) for row in desk.rows()] == [("done", None)]


@pytest.mark.parametrize("tenant", ["shared", "", "ACME Ltd"])
def test_a_message_of_nobody_is_refused_with_its_reason_and_not_kept(desk: Desk, tenant: str) -> None:
    desk.send("resolved", resolution=FIX, **{"tenant": tenant})
    desk.work()
    [row] = desk.rows()
    assert (row["state"], row["message"]) == ("refused", None)
    assert row["reason"].startswith("tenant: ")
    with desk.knowledge.store.read() as tx:
        [refusal] = inbox.refusals(tx, 10)
    assert refusal.connector == "desk"


def test_no_text_of_a_message_stays_once_it_is_worked_off(desk: Desk) -> None:
    desk.send("resolved", resolution="Told Ana Petrova that the password is Winter2026!x and restarted the fax.")
    assert "Winter2026" in str(desk.rows())
    desk.work()
    assert "Winter2026" not in str(desk.rows())
    assert "Winter2026" not in desk.knowledge.tickets.get(ACME, "T-1").resolution.text


@pytest.mark.parametrize(
    "text",
    ["{{ ticket }} {% x %}", "<script>alert(1)</script> restarted the fax", "Ю" * 40_000, "a\u202eb restarted it"],
)
def test_any_text_comes_through(desk: Desk, text: str) -> None:
    assert desk.send("resolved", resolution=f"{FIX} {text}").status_code == 202
    desk.work()
    assert desk.rows()[0]["state"] == "done"


def test_who_does_not_know_the_secret_is_refused_and_locked_out(desk: Desk) -> None:
    assert [desk.send("created", secret=b"x" * 32).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert desk.send("created").status_code == 429
    assert desk.rows() == []


@pytest.mark.parametrize(
    ("body", "path", "status"),
    [
        (b"{", "/v1/hooks/desk", 422),
        (b"[]", "/v1/hooks/desk", 422),
        (b"\xff", "/v1/hooks/desk", 422),
        (b"{}", "/v1/hooks/other", 404),
        (b"{}", "/v1/hooks/..%2Fdesk", 404),
        (b'{"a": "' + b"x" * 1_100_000 + b'"}', "/v1/hooks/desk", 413),
    ],
)
def test_what_cannot_be_a_message_is_reported(desk: Desk, body: bytes, path: str, status: int) -> None:
    assert desk.post(body, path=path).status_code == status
    assert desk.rows() == []


def test_a_message_that_cannot_be_worked_off_now_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.send("resolved", resolution=FIX)
    with monkeypatch.context() as patch:
        patch.setattr(desk.knowledge.tickets, "resolve", _full)
        desk.work()
        assert [(row["state"], row["tries"]) for row in desk.rows()] == [("waiting", 1)]
        desk.work()  # not due yet
        assert desk.rows()[0]["tries"] == 1
        for _ in range(8):
            desk.clock.advance(hours=1)
            desk.work()
    [row] = desk.rows()
    assert (row["state"], row["tries"], row["message"]) == ("refused", 8, None)
    assert "given up after 8 tries" in row["reason"]


def _full(*given: object) -> None:
    raise StorageError("the disk is full")


def test_two_processes_never_work_off_the_same_message(desk: Desk) -> None:
    desk.send("created")
    with desk.knowledge.store.write() as tx:
        assert len(inbox.take(tx, timedelta(minutes=2), 10)) == 1
        assert inbox.take(tx, timedelta(minutes=2), 10) == []
    desk.clock.advance(minutes=3)  # the first one was killed
    with desk.knowledge.store.write() as tx:
        assert len(inbox.take(tx, timedelta(minutes=2), 10)) == 1


def test_what_was_worked_off_long_ago_is_forgotten(desk: Desk) -> None:
    desk.send("created")
    desk.work()
    desk.clock.advance(days=31)
    desk.work()
    assert desk.rows() == []


def test_messages_are_worked_off_by_the_running_server(
    knowledge: KnowledgeBase, clock: FakeClock, tmp_path: Path
) -> None:
    path = tmp_path / "desk.yaml"
    path.write_text("preset: generic\nsecrets: [S]\n")
    hooks = Hooks({"desk": Source(read_connector(path), [SECRET])})
    with TestClient(create_app(Service(knowledge), hooks=hooks), base_url="http://127.0.0.1") as client:
        desk = Desk(client, hooks, knowledge, clock)
        desk.send("resolved", resolution=FIX)
        until = time.monotonic() + 20
        while desk.rows()[0]["state"] == "waiting" and time.monotonic() < until:
            time.sleep(0.05)
        assert desk.found() == [FIX]


def test_of_what_redaction_takes_out_of_a_message_no_file_holds_anything_in_the_end(desk: Desk) -> None:
    secret = "Zima2024!Qwertzuiop"
    desk.send("resolved", resolution=f"{FIX} The password is {secret}", resolved_by="ivo")
    desk.work()
    assert any("<SECRET>" in text for text in desk.found())
    folder = desk.knowledge.store.path.parent
    assert any(secret.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())  # the log
    desk.clock.now += timedelta(minutes=5)
    desk.work()
    assert not any(secret.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())
