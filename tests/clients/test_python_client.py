"""The Python client against a real server, and against connections that fail."""

from __future__ import annotations

import ast
import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from api.conftest import serving
from kbsearch_client import AsyncClient, Client, ConnectionFailed, Problem, Retry

from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Role, TenantId
from scripts.harness.hashing import HashingEmbedder

PACKAGE = Path(__file__).parents[2] / "clients/python"
ACME, GLOBEX = TenantId("acme"), TenantId("globex")
NO_WAIT = Retry(first_wait_s=0)
NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, KnowledgeBase]]:
    knowledge = embedded(tmp_path_factory.mktemp("desk"), lambda model: HashingEmbedder())
    with serving(create_app(Service(knowledge))) as address:
        yield address, knowledge
    knowledge.close()


@pytest.fixture
def kb(served: tuple[str, KnowledgeBase]) -> Iterator[Client]:
    key = Keys(served[1].store).create("client", Role.ADMIN, (ACME,))[1]
    with Client(served[0], key, retry=NO_WAIT) as opened:
        yield opened


def test_a_fix_is_written_back_found_and_judged(kb: Client) -> None:
    written = kb.resolve(
        "RT/1 ю", "The fax shows E12", "Pulled the lever at the back of the fax.", cause="Paper jam", level=2,
        resolved_at=NINE, minutes_spent=5, created_at=datetime(2026, 11, 2, 8, tzinfo=UTC),
    )  # fmt: skip
    assert (written.ticket_id, written.outcome) == ("RT/1 ю", "created")
    suggestion = kb.suggest("The fax shows E12", environment=["Fax 9"], min_revision=written.revision)
    best = suggestion.solutions[0]
    assert (best.solution_id, best.evidence.tickets) == (written.solution_id, 1)
    kb.give_feedback(suggestion.suggestion_id, best.solution_id, "solved")
    stored = kb.ticket("RT/1 ю")
    assert (stored.id, stored.cause, stored.resolved_at) == ("RT/1 ю", "Paper jam", NINE)
    assert kb.reopen("RT/1 ю") > written.revision
    assert kb.erase_ticket("RT/1 ю") > written.revision
    with pytest.raises(Problem) as told:
        kb.ticket("RT/1 ю")
    assert (told.value.status, told.value.type) == (404, "urn:kbsearch:problem:not-found")


def test_articles_are_written_changed_and_deleted(kb: Client) -> None:
    made = kb.create_article("The badge reader blinks", "1. Wipe it.", issue=["Blinks red"], language="en")
    assert made.etag
    changed = kb.change_article(made.id, if_match=made.etag, cause="Dust")
    assert (changed.cause, changed.issue, changed.version) == ("Dust", ["Blinks red"], 2)
    with pytest.raises(Problem) as told:
        kb.put_article(made.id, "The badge reader", "1. Wipe it.", if_match=made.etag)
    assert told.value.status == 412
    assert kb.put_article(made.id, "The badge reader", "1. Wipe it.").cause is None
    assert kb.article(made.id).title == "The badge reader"
    assert kb.flag_article(made.id, "outdated") > 0
    assert kb.delete_article(made.id) > 0


def test_lists_are_read_to_their_end(kb: Client) -> None:
    records = [
        {"ticket": {"id": f"L-{n}", "subject": f"Scanner {n} is dark"}, "resolution": f"Pressed button {n} twice."}
        for n in range(7)
    ]
    done = kb.import_tickets(iter([*records, {"ticket": {"id": "L-bad"}}]))
    assert (done.accepted, done.rejected, done.errors[0].line) == (7, 1, 8)
    assert len({one.id for one in kb.all_tickets(limit=3) if one.id.startswith("L-")}) == 7
    hits = list(kb.search_all("scanner dark", kind="ticket", limit=2))
    assert {hit.id for hit in hits} >= {f"L-{n}" for n in range(7)}
    kb.import_articles([{"id": f"A-{n}", "title": f"Lamp {n}", "resolution": "1. Turn it."} for n in range(3)])
    assert {one.id for one in kb.all_articles(limit=1)} >= {"A-0", "A-1", "A-2"}


def test_a_key_of_several_tenants_names_one(served: tuple[str, KnowledgeBase]) -> None:
    address, knowledge = served
    key = Keys(knowledge.store).create("both", Role.SYSTEM, (ACME, GLOBEX))[1]
    with Client(address, key, retry=NO_WAIT) as unnamed, pytest.raises(Problem) as told:
        unnamed.suggest("fax")
    assert told.value.status == 400
    with Client(address, key, tenant="globex", retry=NO_WAIT) as named:
        assert named.suggest("fax").verdict.status == "new"
        panel = named.open_panel("RT-1", agent="m.petrova")
        assert panel.url.startswith(address)
        assert panel.expires_at.tzinfo is not None


def test_what_cannot_be_used_is_named(kb: Client) -> None:
    with pytest.raises(Problem) as told:
        kb.suggest("")
    assert [pointer for pointer, _ in told.value.errors] == ["/ticket/subject"]


def test_the_awaited_client_does_the_same(served: tuple[str, KnowledgeBase]) -> None:
    address, knowledge = served
    key = Keys(knowledge.store).create("client", Role.ADMIN, (ACME,))[1]

    async def run() -> None:
        async with AsyncClient(address, key, retry=NO_WAIT) as kb:
            assert await kb.is_ready()
            written = await kb.resolve("AS-1", "The plotter smells", "Cleaned the fan of the plotter.")
            suggestion = await kb.suggest("The plotter smells", min_revision=written.revision)
            assert suggestion.solutions[0].solution_id == written.solution_id
            done = await kb.import_tickets(
                {"ticket": {"id": f"AS-{n}", "subject": "Plotter"}, "resolution": f"Turned screw {n} of the plotter."}
                for n in range(2, 6)
            )
            assert done.accepted == 4
            assert len({one.id async for one in kb.all_tickets(limit=2) if one.id.startswith("AS-")}) == 5
            with pytest.raises(Problem):
                await kb.ticket("no such")

    asyncio.run(run())


SUGGESTION = {
    "suggestion_id": "s", "verdict": {"status": "new", "action": "escalate", "confidence": 0.1, "reason": "."},
    "solutions": [], "revision": 1, "of_a_newer_server": True,
}  # fmt: skip


class Flaky:
    """A server that answers in this order; an exception stands for a connection that fails."""

    def __init__(self, *answers: int | Exception | httpx.Response) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(answer, json=SUGGESTION)


def with_server(flaky: Flaky, retry: Retry = NO_WAIT) -> Client:
    return Client("http://kb", retry=retry, transport=httpx.MockTransport(flaky))


@pytest.mark.parametrize(
    "failures",
    [[httpx.ConnectError("x")], [httpx.ReadTimeout("x")], [503, 502, 504], [429, 408], [httpx.ReadError("x"), 503]],
)
def test_what_passes_is_tried_again(failures: list[Any]) -> None:
    flaky = Flaky(*failures, 200)
    assert with_server(flaky).suggest("fax").revision == 1
    assert len(flaky.requests) == len(failures) + 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 413, 415, 422, 500])
def test_what_does_not_pass_is_reported_at_once(status: int) -> None:
    flaky = Flaky(status, 200)
    with pytest.raises(Problem) as told:
        with_server(flaky).suggest("fax")
    assert (told.value.status, len(flaky.requests)) == (status, 1)


def test_a_repeated_change_carries_the_same_key() -> None:
    flaky = Flaky(httpx.ReadTimeout("x"), 503, httpx.Response(204))
    with_server(flaky).give_feedback("s", "a", "solved")
    with_server(second := Flaky(httpx.Response(204))).give_feedback("s", "a", "solved")
    keys = [request.headers["idempotency-key"] for request in flaky.requests]
    assert len(set(keys)) == 1
    assert second.requests[0].headers["idempotency-key"] != keys[0]


def test_a_request_that_is_still_at_work_is_asked_for_again() -> None:
    at_work = httpx.Response(409, json={"type": "urn:kbsearch:problem:still-at-work", "title": "x", "status": 409})
    flaky = Flaky(at_work, httpx.Response(204))
    with_server(flaky).give_feedback("s", "a", "solved")
    assert len(flaky.requests) == 2


def test_records_of_an_import_are_sent_once() -> None:
    flaky = Flaky(httpx.ConnectError("x"), 200)
    with pytest.raises(ConnectionFailed):
        with_server(flaky).import_tickets(iter([{"ticket": {"id": "1"}}]))
    assert len(flaky.requests) == 1


def test_it_gives_up_in_the_end() -> None:
    flaky = Flaky(*[httpx.ConnectError("x")] * 9)
    with pytest.raises(ConnectionFailed):
        with_server(flaky).suggest("fax")
    assert len(flaky.requests) == 4


@pytest.mark.parametrize(("header", "waited"), [("2", 2.0), ("31", None), ("Tue, 01 Dec 2026 00:00:00 GMT", 0.5)])
def test_the_server_says_how_long_to_wait(monkeypatch: pytest.MonkeyPatch, header: str, waited: float | None) -> None:
    waits: list[float] = []
    monkeypatch.setattr("kbsearch_client.client.time.sleep", waits.append)
    monkeypatch.setattr("kbsearch_client.retrying.random.uniform", lambda low, high: high)
    client = with_server(Flaky(httpx.Response(429, headers={"Retry-After": header}), 200), Retry())
    ask: Callable[[], Any] = lambda: client.suggest("fax")  # noqa: E731
    if waited is None:
        with pytest.raises(Problem):
            ask()
    else:
        ask()
    assert waits == ([] if waited is None else [waited])


def test_a_proxy_s_page_is_a_problem_too() -> None:
    page = httpx.Response(403, html="<h1>Blocked</h1>")
    with pytest.raises(Problem) as told:
        with_server(Flaky(page)).suggest("fax")
    assert (told.value.status, told.value.type) == (403, "about:blank")


def test_the_key_stands_in_no_error_and_no_representation() -> None:
    client = Client("http://kb", "kbs_secret", retry=NO_WAIT, transport=httpx.MockTransport(Flaky(401)))
    with pytest.raises(Problem) as told:
        client.suggest("fax")
    assert "kbs_secret" not in f"{told.value!r} {client!r}"


def test_it_needs_httpx_and_nothing_of_the_server() -> None:
    allowed = {"httpx", "kbsearch_client"}
    for path in (PACKAGE / "kbsearch_client").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                root = name.partition(".")[0]
                assert root in allowed or root in sys.stdlib_module_names, f"{path.name}: {name}"


def test_it_is_a_distribution_of_its_own(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=PACKAGE, check=True)
    [wheel] = tmp_path.glob("kbsearch_client-*.whl")
    with ZipFile(wheel) as opened:
        names = opened.namelist()
        [metadata] = [name for name in names if name.endswith("METADATA")]
        needs = message_from_bytes(opened.read(metadata)).get_all("Requires-Dist")
    assert {"kbsearch_client/client.py", "kbsearch_client/py.typed"} <= {*names}
    assert needs == ["httpx<1,>=0.27"]
