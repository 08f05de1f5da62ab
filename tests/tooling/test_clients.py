from __future__ import annotations

import pytest
from api.conftest import serving

from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.knowledge import KnowledgeBase
from scripts.benchmarks.calls import Calls
from scripts.benchmarks.clients import Clients, arrivals
from scripts.harness.invented import problem


@pytest.mark.parametrize("paced", [False, True])
def test_each_question_is_asked_once_and_answered(knowledge: KnowledgeBase, paced: bool) -> None:
    texts = [problem(seed).issue for seed in range(20)]
    with serving(create_app(Service(knowledge))) as address:
        port = int(address.rpartition(":")[2])
        done = Clients(port, texts, arrivals(20, 200.0, 1) if paced else None).run(4)
    assert len(done["times_ms"]) == 20
    assert done["errors"] == []


def test_errors_are_counted(knowledge: KnowledgeBase) -> None:
    with serving(create_app(Service(knowledge))) as address:
        port = int(address.rpartition(":")[2])
        calls = Calls(port)
        assert calls.suggest("")[0] == 422
        calls.close()
        done = Clients(port, ["", "a question"], None).run(2)
    assert [error[:3] for error in done["errors"]] == ["422"]


def test_a_server_that_is_gone_is_an_error() -> None:
    assert Clients(9, ["a question"], None).run(1)["errors"] == ["ConnectionRefusedError"]


def test_arrivals_come_at_the_rate() -> None:
    times = arrivals(10_000, 50.0, 1)
    assert times == sorted(times)
    assert times[-1] == pytest.approx(200, rel=0.05)
