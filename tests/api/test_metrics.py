"""Times by stage, in answers and in metrics."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from api.calls import put_article
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import DocumentKind, Source, TenantId
from kbsearch.store import changes
from kbsearch.store.sqlite.database import SQLiteStore

STAGES = {"analysis", "lexical", "embedding", "dense", "ranking", "store", "explanation"}


def _samples(client: TestClient, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        tuple(sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
        if sample.name == name
    }


def test_an_answer_tells_its_stages_where_they_are_asked_for(client: TestClient) -> None:
    put_article(client, "printer", "Printer offline", "Restart the print spooler service.")
    told = client.post("/v1/suggest", json={"ticket": {"subject": "printer offline"}, "stages": True}).json()
    assert told["stages_ms"].keys() == STAGES
    assert 0 < sum(told["stages_ms"].values()) <= told["took_ms"]
    found = client.get("/v1/search", params={"q": "printer", "stages": True}).json()
    assert found["stages_ms"].keys() == STAGES - {"explanation"}


@pytest.mark.parametrize("stages", [False, None])
def test_an_answer_tells_no_stages_otherwise(client: TestClient, stages: bool | None) -> None:
    asked = {"ticket": {"subject": "printer"}} | ({} if stages is None else {"stages": stages})
    assert client.post("/v1/suggest", json=asked).json()["stages_ms"] is None
    assert client.get("/v1/search", params={"q": "printer"}).json()["stages_ms"] is None


def test_metrics_count_answers_by_stage_and_requests_by_route(client: TestClient) -> None:
    suggests, lexical = (("answer", "suggest"),), (("stage", "lexical"),)
    asked = (("method", "POST"), ("route", "/v1/suggest"), ("status", "200"))
    missed = (("method", "GET"), ("route", "/v1/tickets/{ticket_id:path}"), ("status", "404"))
    before = _samples(client, "kbsearch_stage_seconds_count"), _samples(client, "kbsearch_request_seconds_count")
    for _ in range(3):
        client.post("/v1/suggest", json={"ticket": {"subject": "printer offline"}})
    client.get("/v1/tickets/unknown")
    after = _samples(client, "kbsearch_stage_seconds_count"), _samples(client, "kbsearch_request_seconds_count")

    def more(place: int, labels: tuple[tuple[str, str], ...]) -> float:
        return after[place][labels] - before[place].get(labels, 0)

    assert more(0, (*suggests, *lexical)) == 3
    assert more(1, asked) == 3
    assert more(1, missed) == 1


def test_metrics_hold_no_text_and_no_ids(client: TestClient) -> None:
    client.post("/v1/suggest", json={"ticket": {"id": "RT-SECRET", "subject": "Zanzibarian secret"}})
    client.get("/v1/tickets/RT-SECRET", headers={"KBSearch-Tenant": "zanzibar"})
    client.get("/no/such/RT-SECRET")
    text = client.get("/metrics").text.lower()
    assert "secret" not in text
    assert "zanzibar" not in text


def test_metrics_count_verdicts_and_show_index_and_queue(client: TestClient) -> None:
    before = _samples(client, "kbsearch_verdicts_total")
    client.post("/v1/suggest", json={"ticket": {"subject": "printer offline"}})
    new = (("action", "escalate"), ("status", "new"))
    assert _samples(client, "kbsearch_verdicts_total")[new] - before.get(new, 0) == 1
    assert _samples(client, "kbsearch_index_documents") == {(): 0}
    put_article(client, "printer", "Printer offline", "Restart the print spooler service.")
    assert _samples(client, "kbsearch_index_documents") == {(): 1}
    assert _samples(client, "kbsearch_index_passages")[()] >= 1
    assert _samples(client, "kbsearch_index_changes_behind") == {(): 0}
    running = _samples(client, "kbsearch_running")
    assert running[("lane", "requests"),] >= 0
    assert _samples(client, "kbsearch_waiting") == {
        (("lane", name),): 0 for name in ("bodies", "requests", "imports", "uploads")
    }


def test_metrics_show_changes_that_another_process_made(client: TestClient, knowledge: KnowledgeBase) -> None:
    other = SQLiteStore(knowledge.store.path.parent, knowledge.store.clock)
    with other.write() as tx:
        changes.record(tx, Source(TenantId("acme"), DocumentKind.ARTICLE, "printer"))
    assert _samples(client, "kbsearch_index_changes_behind") == {(): 1}
    client.post("/v1/suggest", json={"ticket": {"subject": "printer offline"}})
    assert _samples(client, "kbsearch_index_changes_behind") == {(): 0}
    other.close()
