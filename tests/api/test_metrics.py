"""Times by stage, in answers and in metrics."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from api.calls import put_article

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
