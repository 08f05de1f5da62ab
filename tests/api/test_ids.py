"""Ids that cannot be fetched cannot be created."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from api.calls import all_pages, give_feedback, put_article, suggest, write_back

UNFETCHABLE = [
    "T\n1", "T\r1", "T\t1", "T\x001", "T\x0b1", "T\x1b1", "T\x7f1", "T\x851", "T\u20281", "T\u20291", "\nT", "T\n",
    " T", ".", "..", "../T", "T/..", "a/./b", "",
]  # fmt: skip
FETCHABLE = ["T-1", "T 1", "a/b", "a.b", "...", ".a", "a..b", "заявка-7", "a%b", "a?b", "a#b", "a+b", "x/", "日本"]
FIX = "Restarted the print spooler service"


def bodies(id: str) -> list[tuple[str, str, object]]:
    article = {"id": id, "title": "Printer offline", "resolution": "Restart the spooler."}
    ticket = {"ticket": {"id": id, "subject": "Printer offline"}, "resolution": FIX}
    return [
        ("POST", "/v1/articles", article),
        ("POST", "/v1/articles/draft", {"id": id, "ticket": {"subject": "Printer offline"}}),
        ("PUT", "/v1/tickets/T-1/resolution", {**ticket, "solution_id": id}),
    ]


@pytest.mark.parametrize("id", UNFETCHABLE)
def test_an_id_that_cannot_be_fetched_is_refused_in_bodies(client: TestClient, id: str) -> None:
    for method, path, body in bodies(id):
        assert client.request(method, path, json=body).status_code == 422, path
    for kind, line in (
        ("tickets", {"ticket": {"id": id, "subject": "Printer offline"}, "resolution": FIX}),
        ("articles", {"id": id, "title": "Printer offline", "resolution": "Restart the spooler."}),
    ):
        report = client.post(f"/v1/import/{kind}", content=json.dumps(line)).json()
        assert (report["accepted"], report["rejected"]) == (0, 1)


@pytest.mark.parametrize("id", [id for id in UNFETCHABLE if id.strip(" .")])
def test_and_in_addresses(client: TestClient, id: str) -> None:
    named = quote(id, safe="")
    body = {"ticket": {"subject": "Printer offline"}, "resolution": FIX}
    assert client.put(f"/v1/tickets/{named}/resolution", json=body).status_code in (404, 405, 422)
    article = {"title": "Printer offline", "resolution": "Restart the spooler."}
    assert client.put(f"/v1/articles/{named}", json=article).status_code in (404, 405, 422)
    assert client.get("/v1/articles").json()["articles"] == []


@pytest.mark.parametrize("id", FETCHABLE)
def test_whatever_can_be_created_can_be_fetched_and_erased(client: TestClient, id: str) -> None:
    named = quote(id, safe="")
    article = {"id": id, "title": "Printer offline", "resolution": "Restart the spooler."}
    assert client.post("/v1/articles", json=article).status_code == 201
    ticket = {"ticket": {"id": id, "subject": "Printer offline"}, "resolution": FIX}
    assert client.post("/v1/import/tickets", content=json.dumps(ticket)).json()["accepted"] == 1
    for path, shown in ((f"/v1/articles/{named}", "id"), (f"/v1/tickets/{named}", "ticket")):
        response = client.get(path)
        assert response.status_code == 200, path
        assert id in (response.json()[shown], response.json().get("ticket", {}).get("id"))
        assert client.delete(path).status_code == 200


@pytest.mark.parametrize("id", ["draft", "flags", "a/versions"])
def test_an_article_has_no_id_whose_address_is_something_elses(client: TestClient, id: str) -> None:
    article = {"title": "Printer offline", "resolution": "Restart the spooler."}
    assert client.post("/v1/articles", json={**article, "id": id}).status_code == 422
    assert client.put(f"/v1/articles/{quote(id, safe='')}", json=article).status_code in (405, 422)


WRONG = ["%ff", "%e9t%e9", "T-%c3", "%ed%a0%80"]


@pytest.mark.parametrize("wrong", WRONG)
def test_an_address_that_is_not_utf_8_is_refused(client: TestClient, wrong: str) -> None:
    body = {"ticket": {"subject": "Printer offline"}, "resolution": FIX}
    for method, path in (
        ("PUT", f"/v1/tickets/{wrong}/resolution"),
        ("GET", f"/v1/tickets/{wrong}"),
        ("GET", f"/v1/search?q={wrong}"),
        ("DELETE", f"/v1/merge-proposals?article={wrong}&other=b"),
    ):
        response = client.request(method, path, json=body if method == "PUT" else None)
        assert response.status_code == 422, path
        assert wrong not in response.json()["detail"]
    assert client.get("/v1/tickets/%EF%BF%BD").status_code == 404, "nothing was stored under the sign for wrong bytes"


def test_an_article_with_as_many_issues_as_it_may_have_can_be_changed(client: TestClient) -> None:
    issues = [f"Symptom number {number}" for number in range(50)]
    put_article(client, "printer", "Printer offline", "Restart the spooler.", issue=issues)
    write_back(client, "T-1", "The device blinks red and beeps", "Did so", solution_id="printer")
    response = client.patch("/v1/articles/printer", json={"cause": "age"})
    assert response.status_code == 200, response.text
    assert response.json()["issue"] == issues
    read = client.get("/v1/articles/printer").json()
    body = {name: read[name] for name in ("title", "issue", "resolution", "cause")}
    assert client.put("/v1/articles/printer", json=body).json()["version"] == read["version"], "nothing has changed"


def test_wordings_of_tickets_never_become_an_articles_own(client: TestClient) -> None:
    put_article(client, "printer", "Printer offline", "Restart the spooler.", issue=["The queue stands still"])
    for number in range(3):
        write_back(client, f"T-{number}", f"Device{number} blinks red{number}", "Did so", solution_id="printer")
    read = client.get("/v1/articles/printer").json()
    assert len(read["issue"]) == 4
    for number in range(3, 20):  # others are shown by now
        write_back(client, f"T-{number}", f"Device{number} blinks red{number}", "Did so", solution_id="printer")
    client.patch("/v1/articles/printer", json={"tags": ["queue"]})
    client.put("/v1/articles/printer", json={name: read[name] for name in ("title", "issue", "resolution")})
    for number in range(20):
        client.delete(f"/v1/tickets/T-{number}")
    assert client.get("/v1/articles/printer").json()["issue"] == ["The queue stands still"]


def test_former_versions_are_listed_page_by_page(client: TestClient) -> None:
    for number in range(1, 6):
        put_article(client, "printer", "Printer offline", f"Text {number}", issue=["It stands still"])
    found = all_pages(client, "/v1/articles/printer/versions", "versions", limit=2)
    assert [(one["version"], one["resolution"]) for one in found] == [(n, f"Text {n}") for n in (4, 3, 2, 1)]
    assert found[0]["issue"] == ["It stands still"]
    assert found[0]["written_by"] == "admin"
    assert client.get("/v1/articles/none/versions").status_code == 404
    assert client.get("/v1/articles/printer/versions?cursor=WzBd").status_code == 422


def test_a_lead_may_repeat_a_merge_and_an_unlink(client: TestClient) -> None:
    put_article(client, "a", "Printer offline", FIX)
    put_article(client, "b", "Printer is offline", "Look at the cable.")
    write_back(client, "T-1", "Printer offline", FIX)
    for path, body in (("/v1/tickets/T-1/unlink", None), ("/v1/articles/a/merge", {"into": "b"})):
        first, second = (client.post(path, json=body) for _ in range(2))
        assert (first.status_code, second.status_code) == (200, 200), second.text
        assert first.json() == second.json()


def test_a_flag_is_taken_back_after_a_merge(client: TestClient) -> None:
    put_article(client, "a", "Printer offline", FIX)
    put_article(client, "b", "Scanner is broken", "Look at the cable.")
    suggestion = suggest(client, "Printer offline")["suggestion_id"]
    give_feedback(client, suggestion, "a", "wrong")
    client.post("/v1/articles/a/merge", json={"into": "b"})
    give_feedback(client, suggestion, "b", "solved")
    audited = client.get("/v1/audit", params={"action": "flag.closed"}).json()["entries"]
    assert len(audited) == 1
