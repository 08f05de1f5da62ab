"""The MCP server, driven by the SDK's own client in both eras of the protocol, and by hand where that is not enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from api.conftest import serving
from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Article, ArticleState, Role, Scope, TenantId, Ticket
from scripts.harness.hashing import HashingEmbedder

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
TOOLS = {"suggest_solutions", "search_solved_issues", "get_solution", "propose_article", "record_outcome"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, KnowledgeBase]]:
    knowledge = embedded(tmp_path_factory.mktemp("desk"), lambda model: HashingEmbedder())
    for tenant, title in ((ACME, "The fax shows E12"), (GLOBEX, "The forklift terminal is dark")):
        text = {"resolution": "1. Restart it.", "language": "en"}
        knowledge.articles.put(tenant, Article(f"{tenant}-1", title, state=ArticleState.VALIDATED, **text))
    with serving(create_app(Service(knowledge), mcp_hosts=["kb.example.org"])) as address:
        yield address, knowledge
    knowledge.close()


def key(knowledge: KnowledgeBase, role: Role = Role.ENGINEER, *tenants: TenantId) -> str:
    return Keys(knowledge.store).create("assistant", role, tenants or (ACME,))[1]


def talk(address: str, key: str, era: str, calls: list[tuple[str, dict[str, Any]]], **headers: str) -> list[Any]:
    """What the SDK's client gets: the list of tools, then the result of each call."""

    async def run() -> list[Any]:
        sent = {"Authorization": f"Bearer {key}", **headers}
        async with httpx2.AsyncClient(headers=sent, timeout=10) as http:
            transport = streamable_http_client(f"{address}/mcp", http_client=http)
            async with Client(transport, mode=era) as client:
                return [await client.list_tools(), *[await client.call_tool(name, given) for name, given in calls]]

    return anyio.run(run)


ERAS = ["auto", "legacy"]


@pytest.mark.parametrize("era", ERAS)
def test_an_assistant_asks_reads_and_says_what_came_of_it(served: tuple[str, KnowledgeBase], era: str) -> None:
    address, knowledge = served
    text = key(knowledge)
    tools, asked = talk(address, text, era, [("suggest_solutions", {"subject": "The fax shows E12"})])
    assert {tool.name for tool in tools.tools} == TOOLS
    assert all(tool.output_schema for tool in tools.tools)
    reads = {tool.name for tool in tools.tools if tool.annotations and tool.annotations.read_only_hint}
    assert reads == {"suggest_solutions", "search_solved_issues", "get_solution"}
    answer = asked.structured_content
    assert answer["solutions"][0]["title"] == "The fax shows E12"
    assert answer["verdict"]["status"] in ("known", "unsure")
    tried = {"suggestion_id": answer["suggestion_id"], "solution_id": "acme-1", "outcome": "solved"}
    _, read, noted, found = talk(
        address, text, era,
        [("get_solution", {"solution_id": "acme-1"}), ("record_outcome", tried),
         ("search_solved_issues", {"query": "fax E12", "kind": "article"})],
    )  # fmt: skip
    assert read.structured_content["resolution"] == "1. Restart it."
    assert noted.structured_content == {"recorded": "solved"}
    assert found.structured_content["hits"][0]["solution_id"] == "acme-1"
    [first, *_] = knowledge.suggest(Scope(ACME), Ticket("The fax shows E12")).solutions
    assert first.solution.evidence.agents_solved >= 1


@pytest.mark.parametrize("era", ERAS)
def test_what_an_assistant_proposes_waits_for_the_lead(served: tuple[str, KnowledgeBase], era: str) -> None:
    address, knowledge = served
    proposal = {
        "title": f"The badge reader blinks ({era})",
        "resolution": "1. Wipe it.",
        "issue": ["Blinks red"],
    }
    _, proposed = talk(address, key(knowledge, Role.ADMIN), era, [("propose_article", proposal)])
    stored = knowledge.articles.get(Scope(ACME), proposed.structured_content["article_id"]).article
    assert (stored.title, stored.state) == (proposal["title"], ArticleState.NOT_VALIDATED)


@pytest.mark.parametrize("era", ERAS)
def test_clients_never_see_one_another(served: tuple[str, KnowledgeBase], era: str) -> None:
    address, knowledge = served
    calls = [
        ("suggest_solutions", {"subject": "The forklift terminal is dark"}),
        ("search_solved_issues", {"query": "forklift terminal"}),
        ("get_solution", {"solution_id": "globex-1"}),
    ]
    _, asked, found, read = talk(address, key(knowledge), era, calls)
    for one in (asked, found):
        assert "forklift" not in str(one.structured_content)
    assert read.is_error
    both = key(knowledge, Role.AGENT, ACME, GLOBEX)
    _, _, _, read = talk(address, both, era, calls, **{"KBSearch-Tenant": "globex"})
    assert read.structured_content["client"] == "globex"


def test_a_role_may_do_by_a_tool_what_it_may_do_by_the_api(served: tuple[str, KnowledgeBase]) -> None:
    address, knowledge = served
    proposal = {"title": "The lift stops", "resolution": "1. Wait."}
    _, proposed, asked = talk(
        address, key(knowledge, Role.AGENT), "auto",
        [("propose_article", proposal), ("suggest_solutions", {"subject": "fax"})],
    )  # fmt: skip
    assert proposed.is_error
    assert "role agent may not do this" in proposed.content[0].text
    assert not asked.is_error
    _, searched = talk(address, key(knowledge, Role.SYSTEM), "auto", [("search_solved_issues", {"query": "fax"})])
    assert searched.is_error


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("suggest_solutions", {"subject": ""}),
        ("suggest_solutions", {"subject": "fax", "limit": 1_000}),
        ("record_outcome", {"suggestion_id": "x", "solution_id": "y", "outcome": "great"}),
        ("record_outcome", {"suggestion_id": "x", "solution_id": "y", "outcome": "solved"}),
        ("get_solution", {"solution_id": "no such"}),
        ("search_solved_issues", {}),
    ],
)
def test_a_wrong_call_is_answered_in_words(served: tuple[str, KnowledgeBase], tool: str, given: dict[str, Any]) -> None:
    address, knowledge = served
    _, result = talk(address, key(knowledge), "auto", [(tool, given)])
    assert result.is_error
    assert "Traceback" not in result.content[0].text
    assert result.content[0].text not in ("", f"Error executing tool {tool}")


CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
HEADERS = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}


def post(address: str, headers: dict[str, str], **body: Any) -> httpx2.Response:
    return httpx2.post(f"{address}/mcp", json={**CALL, **body}, headers={**HEADERS, **headers})


def test_the_gate_stands_before_the_tools(served: tuple[str, KnowledgeBase]) -> None:
    address, knowledge = served
    own = {"Authorization": f"Bearer {key(knowledge)}"}
    assert post(address, {}).status_code == 401
    assert post(address, {"Authorization": "Bearer kbs_wrong"}).status_code == 401
    assert post(address, {**own, "KBSearch-Tenant": "globex"}).status_code == 403
    monitor = {"Authorization": f"Bearer {key(knowledge, Role.MONITOR)}"}
    assert post(address, monitor).status_code == 403
    assert post(address, own).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"), [("kb.example.org", 200), ("evil.example.org", 421), ("kb.example.org.evil.org", 421)]
)
def test_another_host_is_refused(served: tuple[str, KnowledgeBase], host: str, status: int) -> None:
    address, knowledge = served
    assert post(address, {"Authorization": f"Bearer {key(knowledge)}", "Host": host}).status_code == status


def test_a_page_of_another_site_is_refused(served: tuple[str, KnowledgeBase]) -> None:
    address, knowledge = served
    own = {"Authorization": f"Bearer {key(knowledge)}", "Origin": "http://evil.example.org"}
    assert post(address, own).status_code == 403


def test_a_body_over_the_limit_is_refused(served: tuple[str, KnowledgeBase]) -> None:
    address, knowledge = served
    answer = post(address, {"Authorization": f"Bearer {key(knowledge)}"}, params={"x": "y" * 1_100_000})
    assert answer.status_code == 413


def test_a_server_can_be_started_more_than_once(served: tuple[str, KnowledgeBase]) -> None:
    _, knowledge = served
    app = create_app(Service(knowledge))
    for _ in range(2):
        with serving(app) as address:
            assert post(address, {"Authorization": f"Bearer {key(knowledge)}"}).status_code == 200


def test_texts_of_tickets_come_back_redacted(served: tuple[str, KnowledgeBase]) -> None:
    address, knowledge = served
    secret = {"title": "The scanner asks for a password", "resolution": "The password is: Winter2026!x"}
    _, proposed = talk(address, key(knowledge), "auto", [("propose_article", secret)])
    stored = knowledge.articles.get(Scope(ACME), proposed.structured_content["article_id"]).article
    assert "Winter2026" not in stored.resolution
