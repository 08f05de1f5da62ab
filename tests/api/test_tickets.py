"""GET and DELETE /v1/tickets/{id}, reopening."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.calls import (
    all_pages,
    give_feedback,
    hit_ids,
    pointers,
    put_article,
    suggest,
    suggested_ids,
    write_back,
)
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import DocumentKind, TenantId, WriteBackOutcome
from kbsearch.store import tickets
from scripts.harness.residue import residue, traces

SUBJECT = "Badge reader at gate three stays red"
FIX = "Renewed the reader's certificate in the access panel and restarted it."


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("POST", "/reopen")])
def test_ticket_that_does_not_exist(unchanged: TestClient, method: str, path: str) -> None:
    assert unchanged.request(method, f"/v1/tickets/RT-7{path}").status_code == 404


def test_erased_ticket_is_found_by_nothing(client: TestClient) -> None:
    revision = write_back(client, "RT-7", SUBJECT, FIX, ticket={"description": "error 0xC0FFEE42"})["revision"]
    suggest(client, SUBJECT, id="RT-7")
    response = client.delete("/v1/tickets/RT-7")
    assert response.status_code == 200
    erased = response.json()
    assert erased.pop("revision") > revision
    assert erased == {"id": "RT-7", "purged": False, "drafts_erased": [], "articles_to_review": []}
    assert suggest(client, SUBJECT)["solutions"] == []
    for q in (SUBJECT, f'"{SUBJECT}"', "0xC0FFEE42", FIX, "RT-7"):
        assert hit_ids(client, q) == []
    assert client.get("/v1/tickets/RT-7").status_code == 404
    assert client.delete("/v1/tickets/RT-7").status_code == 404
    assert client.post("/v1/tickets/RT-7/reopen").status_code == 404


def test_erased_ticket_leaves_the_solution_to_the_others(client: TestClient) -> None:
    solution_id = write_back(client, "RT-7", SUBJECT, FIX)["solution_id"]
    write_back(client, "RT-8", "Gate three reader is red again", FIX)
    client.delete("/v1/tickets/RT-7")
    [solution] = suggest(client, "Gate three reader is red again")["solutions"]
    assert solution["solution_id"] == solution_id
    assert solution["evidence"]["tickets"] == 1
    assert solution["evidence"]["examples"] == ["RT-8"]
    assert hit_ids(client, "gate") == ["RT-8"]


def test_erased_tickets_words_stay_in_no_solution(client: TestClient) -> None:
    write_back(
        client,
        "RT-7",
        "Ms Dimitrova cannot enter gate three",
        FIX,
        cause="Ms Dimitrova had changed her name.",
        ticket={"environment": ["Dimitrova's badge"]},
    )
    write_back(client, "RT-8", SUBJECT, FIX)
    client.delete("/v1/tickets/RT-7")
    for subject in ("Ms Dimitrova cannot enter gate three", SUBJECT):
        answers = [
            client.post("/v1/suggest", json={"ticket": {"subject": subject}, "limit": 50}).text,
            client.get("/v1/search", params={"q": subject}).text,
        ]
        assert all("Dimitrova" not in answer for answer in answers)
    assert len(suggested_ids(client, SUBJECT)) == 1


def test_erased_tickets_words_stay_in_no_file(client: TestClient, knowledge: KnowledgeBase, tmp_path: Path) -> None:
    for i in range(20):
        write_back(client, f"RT-{i}", f"Door {i} is stuck", f"Oiled the hinges of door {i} and adjusted the closer.")
    write_back(client, "RT-7000", "The Zyxwvutabc lock stays shut", "Renewed the Zyxwvutabc badge in the access panel.")
    suggestion_id = suggest(client, "Zyxwvutabc", id="RT-7000")["suggestion_id"]
    erased = traces(knowledge.store, TenantId("default"), DocumentKind.TICKET, "RT-7000", ["Zyxwvutabc"])
    put_article(client, "gate", "Gate", "Open the gate")
    write_back(client, "RT-7000", "The Zyxwvutabc lock stays shut", "Renewed the Zyxwvutabc badge.", solution_id="gate")
    for body in ({"ticket_id": "RT-7000"}, {"suggestion_id": suggestion_id}, {"id": "d", "ticket_id": "RT-7000"}):
        key = {"Idempotency-Key": str(body)[:20].replace(" ", "")}
        assert client.post("/v1/articles/draft", json=body, headers=key).status_code == 201
    client.put("/v1/articles/copy", json={"title": "Gate", "resolution": "Open the gate"})
    key = {"Idempotency-Key": "merge"}  # its answer holds the wordings of the other article's tickets
    merged = client.post("/v1/articles/copy/merge", json={"into": "gate"}, headers=key)
    assert "Zyxwvutabc" in merged.text
    assert len(client.delete("/v1/tickets/RT-7000").json()["drafts_erased"]) == 3
    assert "kbsearch_erasures_pending 0.0" not in client.get("/metrics").text
    assert client.post("/v1/articles/copy/merge", json={"into": "gate"}, headers=key).json()["id"] == "gate"
    knowledge.purges.run()
    assert "kbsearch_erasures_pending 0.0" in client.get("/metrics").text
    assert residue(tmp_path, [erased]) == []


def test_erased_tickets_feedback_counts_no_more(client: TestClient) -> None:
    put_article(client, "gate", SUBJECT, FIX)
    suggestion_id = suggest(client, SUBJECT, id="RT-7")["suggestion_id"]
    give_feedback(client, suggestion_id, "gate", "wrong")
    write_back(client, "RT-7", SUBJECT, FIX)
    client.delete("/v1/tickets/RT-7")
    [solution] = suggest(client, SUBJECT)["solutions"]
    assert (solution["evidence"]["tickets"], solution["evidence"]["failed"]) == (0, 0)
    response = client.post(
        f"/v1/suggestions/{suggestion_id}/feedback", json={"solution_id": "gate", "outcome": "solved"}
    )
    assert response.status_code == 404


def test_erased_ticket_may_come_again(client: TestClient) -> None:
    write_back(client, "RT-7", SUBJECT, FIX)
    client.delete("/v1/tickets/RT-7")
    response = client.put("/v1/tickets/RT-7/resolution", json={"ticket": {"subject": SUBJECT}, "resolution": FIX})
    assert response.status_code == 201
    assert hit_ids(client, SUBJECT) == ["RT-7"]


def test_reopened_ticket_is_no_longer_suggested_or_found(client: TestClient) -> None:
    revision = write_back(client, "RT-7", SUBJECT, FIX)["revision"]
    response = client.post("/v1/tickets/RT-7/reopen")
    assert response.status_code == 200
    assert response.json()["revision"] > revision
    assert suggest(client, SUBJECT)["solutions"] == []
    assert hit_ids(client, SUBJECT) == []
    assert client.get("/v1/tickets/RT-7").json()["status"] == "reopened"


def test_reopening_counts_as_failed(client: TestClient) -> None:
    put_article(client, "gate", SUBJECT, "Restart the reader at the gate.")
    write_back(client, "RT-7", SUBJECT, "Followed the article.", solution_id="gate")
    before = suggest(client, SUBJECT)["solutions"][0]
    assert (before["evidence"]["solved"], before["evidence"]["failed"]) == (1, 0)
    client.post("/v1/tickets/RT-7/reopen")
    after = suggest(client, SUBJECT)["solutions"][0]
    assert (after["evidence"]["solved"], after["evidence"]["failed"]) == (0, 1)
    assert after["evidence"]["examples"] == []
    assert after["score"] < before["score"]


def test_reopening_twice_counts_once(client: TestClient) -> None:
    put_article(client, "gate", SUBJECT, "Restart the reader at the gate.")
    write_back(client, "RT-7", SUBJECT, "Followed the article.", solution_id="gate")
    first = client.post("/v1/tickets/RT-7/reopen").json()
    assert client.post("/v1/tickets/RT-7/reopen").json() == first
    assert suggest(client, SUBJECT)["solutions"][0]["evidence"]["failed"] == 1


def test_reopened_ticket_is_resolved_again(client: TestClient) -> None:
    first = write_back(client, "RT-7", SUBJECT, FIX)
    reopened = client.post("/v1/tickets/RT-7/reopen").json()
    again = write_back(client, "RT-7", SUBJECT, FIX)
    assert again["revision"] > reopened["revision"]
    assert suggested_ids(client, SUBJECT) == [first["solution_id"]]
    assert hit_ids(client, SUBJECT) == ["RT-7"]
    assert client.get("/v1/tickets/RT-7").json()["status"] == "resolved"


def listed(client: TestClient, **parameters: object) -> list[str]:
    found = all_pages(client, "/v1/tickets", "tickets", **{"limit": 2, **parameters})
    return [one["ticket"]["id"] for one in found]


def test_tickets_are_listed_the_last_resolved_first(client: TestClient) -> None:
    for day in (3, 1, 2):
        write_back(client, f"RT-{day}", SUBJECT, f"{FIX} Then step {day}.", resolved_at=f"2026-01-0{day}T12:00:00Z")
    write_back(client, "RT-0", SUBJECT, FIX, tenant="other")
    assert listed(client) == ["RT-3", "RT-2", "RT-1"]
    assert listed(client, limit=1) == listed(client, limit=50)
    one = client.get("/v1/tickets", params={"limit": 1}).json()["tickets"][0]
    stored = client.get("/v1/tickets/RT-3").json()
    assert one == {name: value for name, value in stored.items() if name != "revision"}
    assert listed(client, **{"from": "2026-01-02T12:00:00Z"}) == ["RT-3", "RT-2"]
    assert listed(client, to="2026-01-02T12:00:00Z") == ["RT-1"]
    assert listed(client, **{"from": "2026-01-01T13:00:00+01:00", "to": "2026-01-03T00:00:00Z"}) == ["RT-2", "RT-1"]


def test_tickets_of_one_moment_are_each_listed_once(client: TestClient) -> None:
    for i in range(7):
        write_back(client, f"RT-{i}", f"{SUBJECT} {i}", FIX, resolved_at="2026-01-01T12:00:00Z")
    assert sorted(listed(client)) == [f"RT-{i}" for i in range(7)]


def test_tickets_are_listed_by_status_outcome_and_solution(client: TestClient) -> None:
    put_article(client, "gate", SUBJECT, FIX)
    put_article(client, "other-gate", "Gate four is red", "Reset gate four at the panel of the floor.")
    write_back(client, "RT-1", SUBJECT, "Did as the article says.", solution_id="gate")
    write_back(client, "RT-2", "Gate is red", "Done, thanks!")
    write_back(client, "RT-3", "Lift stands still", "Replaced the fuse of the lift's door.")
    client.post("/v1/tickets/RT-3/reopen")
    assert listed(client, outcome="needs_review") == ["RT-2"]
    assert listed(client, outcome="linked") == ["RT-1"]
    assert listed(client, status="reopened") == ["RT-3"]
    assert sorted(listed(client, status="resolved")) == ["RT-1", "RT-2"]
    assert listed(client, solution_id="gate") == ["RT-1"]
    assert listed(client, solution_id="gate", outcome="created") == []
    assert listed(client, solution_id="never-made") == []
    client.post("/v1/tickets/RT-2/link", json={"solution_id": "gate"})
    assert listed(client, outcome="needs_review") == []
    client.post("/v1/articles/gate/merge", json={"into": "other-gate"})
    assert sorted(listed(client, solution_id="gate")) == ["RT-1", "RT-2"]  # it leads to the one that answers


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "new"), ("outcome", "x"), ("from", "today"), ("to", "2026-01-01"), ("limit", "51"), ("cursor", "x")],
)
def test_filter_that_cannot_be(unchanged: TestClient, name: str, value: str) -> None:
    assert pointers(unchanged.get("/v1/tickets", params={name: value})) == [f"/{name}"]


def test_what_waits_for_review_is_found_by_its_index(knowledge: KnowledgeBase, client: TestClient) -> None:
    write_back(client, "RT-2", "Gate is red", "Done, thanks!")
    with knowledge.store.read() as tx:
        asked: list[str] = []
        tx.connection.set_trace_callback(asked.append)
        tickets.page(tx, TenantId("default"), tickets.Filter(outcome=WriteBackOutcome.NEEDS_REVIEW), None, 5)
        tx.connection.set_trace_callback(None)
        plan = " ".join(row["detail"] for row in tx.rows(f"EXPLAIN QUERY PLAN {asked[-1]}"))
    assert "tickets_to_review" in plan
    assert "TEMP B-TREE" not in plan


def test_revision_means_the_same_everywhere(client: TestClient) -> None:
    put_article(client, "shared-one", "Lift stands still", "Replace the fuse.", tenant="shared")
    written = write_back(client, "RT-7", SUBJECT, FIX)["revision"]
    assert client.get("/v1/tickets/RT-7").json()["revision"] == written
    assert suggest(client, SUBJECT)["revision"] == written
    later = put_article(client, "a", "Gate four is red", "Reset gate four.")["revision"]
    assert later == written + 1
    assert client.get("/v1/tickets/RT-7").json()["revision"] == later


@pytest.mark.parametrize(
    "path", ["/v1/tickets", "/v1/tickets/RT-7", "/v1/articles", "/v1/articles/a", "/v1/articles/flags",
             "/v1/merge-proposals", "/v1/search?q=gate"],
)  # fmt: skip
def test_a_read_sees_the_revision_that_it_asks_for(client: TestClient, path: str) -> None:
    put_article(client, "a", "Gate four is red", "Reset gate four.")
    revision = write_back(client, "RT-7", SUBJECT, FIX)["revision"]
    joined = f"{path}{'&' if '?' in path else '?'}min_revision="
    assert client.get(f"{joined}{revision}").status_code == 200
    ahead = client.get(f"{joined}{revision + 1}")
    assert (ahead.status_code, ahead.json()["type"]) == (503, "urn:kbsearch:problem:revision-not-reached")
    assert pointers(client.get(f"{joined}-1")) == ["/min_revision"]
