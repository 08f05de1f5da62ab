"""How the server is set up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.gate import GateRules
from kbsearch.api.service import Service
from kbsearch.cli.serve import server_config
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Role, TenantId
from kbsearch.settings import Settings


@contextmanager
def served(knowledge: KnowledgeBase, configured: Settings) -> Iterator[httpx.Client]:
    config = server_config(create_app(Service(knowledge), GateRules(wrong_keys=3)), configured)
    config.port = 0
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.005)
    host, port = server.servers[0].sockets[0].getsockname()
    try:
        with httpx.Client(base_url=f"http://{host}:{port}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(
    ("trusted", "statuses"),
    [(None, [401, 401, 401, 429, 429]), ("192.0.2.1", [401, 401, 401, 429, 429]), ("127.0.0.1", [401] * 5)],
)
def test_only_a_named_proxy_says_who_the_client_is(
    knowledge: KnowledgeBase, trusted: str | None, statuses: list[int]
) -> None:
    Keys(knowledge.store).create("RT", Role.SYSTEM, (TenantId("acme"),))
    with served(knowledge, Settings(trusted_proxies=trusted)) as client:
        found = [
            client.get(
                "/v1/articles", headers={"Authorization": "Bearer kbs_guess", "X-Forwarded-For": f"198.51.100.{n}"}
            ).status_code
            for n in range(5)
        ]
    assert found == statuses


def test_it_does_not_say_what_it_is_made_of(knowledge: KnowledgeBase) -> None:
    with served(knowledge, Settings()) as client:
        assert "server" not in client.get("/healthz").headers
