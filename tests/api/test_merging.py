"""Merging articles, splitting tickets off, proposals and drafts over HTTP."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from api.calls import put_article, suggest, write_back

STEPS = "Open the printer settings. Remove the old driver. Download the new driver. Restart the computer."


def test_merge_redirects_and_unmerge_restores(client: TestClient) -> None:
    put_article(client, "old/1", "Laser device is dead", "Restart the spooler")
    put_article(client, "new 2", "Printer offline", "Stop and start the spooler service")
    before = client.get("/v1/articles/old/1")
    merged = client.post("/v1/articles/old/1/merge", json={"into": "new 2"})
    assert (merged.status_code, merged.json()["id"]) == (200, "new 2")
    redirect = client.get("/v1/articles/old/1", follow_redirects=False)
    assert (redirect.status_code, redirect.headers["Location"]) == (307, "/v1/articles/new%202")
    assert client.get("/v1/articles/old/1").json()["id"] == "new 2"
    [archived] = client.get("/v1/articles", params={"state": "archived"}).json()["articles"]
    assert (archived["id"], archived["state"], archived["merged_into"]) == ("old/1", "archived", "new 2")
    assert suggest(client, "Laser device is dead")["solutions"][0]["solution_id"] == "new 2"
    again = client.post("/v1/articles/old/1/merge", json={"into": "new 2"})
    assert again.json() == merged.json(), "said once more after a crash"
    put_article(client, "third", "Scanner offline", "Look at the cable")
    assert client.post("/v1/articles/old/1/merge", json={"into": "third"}).status_code == 409
    restored = client.post("/v1/articles/old/1/unmerge")
    assert restored.json()["revision"] > merged.json()["revision"]
    after = client.get("/v1/articles/old/1")
    assert (after.json(), after.headers["ETag"]) == (before.json(), before.headers["ETag"])
    again = client.post("/v1/articles/old/1/unmerge")
    assert (again.status_code, again.json()) == (200, restored.json()), "said once more after a crash"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_merged_article_is_changed_by_nobody(client: TestClient, method: str) -> None:
    put_article(client, "old", "Laser device is dead", "Restart the spooler")
    put_article(client, "new", "Printer offline", "Stop and start the spooler service")
    client.post("/v1/articles/old/merge", json={"into": "new"})
    body = {"title": "Laser printer is dead", "resolution": "Zyxwvut"}
    assert client.request(method, "/v1/articles/old", json=body).status_code == 409
    report = client.post("/v1/import/articles", content=json.dumps({**body, "id": "old"})).json()
    assert (report["accepted"], report["rejected"]) == (0, 1)
    client.post("/v1/articles/old/unmerge")
    assert client.get("/v1/articles/old").json()["title"] == "Laser device is dead"
    assert client.request(method, "/v1/articles/old", json=body).status_code == 200


def test_merging_is_done_once_for_each_key(client: TestClient) -> None:
    put_article(client, "old", "Laser device is dead", "Restart the spooler")
    put_article(client, "new", "Printer offline", "Stop and start the spooler service")
    answers = [
        client.post("/v1/articles/old/merge", json={"into": "new"}, headers={"Idempotency-Key": "k"}) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()


def test_wordings_are_read_but_never_written_back(client: TestClient) -> None:
    put_article(client, "printer", "Printer offline", "Restart the spooler")
    write_back(client, "T-1", "Laser device shows a red lamp", "done", solution_id="printer")
    read = client.get("/v1/articles/printer").json()
    assert read["issue"] == ["Laser device shows a red lamp"]
    kept = ("title", "issue", "environment", "cause", "resolution", "tags", "language", "audience", "state")
    client.put("/v1/articles/printer", json={name: read[name] for name in kept})
    client.delete("/v1/tickets/T-1")
    assert client.get("/v1/articles/printer").json()["issue"] == []


def test_unlink_and_link(client: TestClient) -> None:
    first = write_back(client, "T-1", "Printer offline", "Restarted the print spooler service")
    write_back(client, "T-2", "Nothing prints", "Restarted the print spooler service")
    split = client.post("/v1/tickets/T-2/unlink").json()
    assert split["solution_id"] not in (None, first["solution_id"])
    assert client.get("/v1/tickets/T-2").json()["solution_id"] == split["solution_id"]
    linked = client.post("/v1/tickets/T-2/link", json={"solution_id": first["solution_id"]})
    assert linked.json()["revision"] > split["revision"]
    assert client.get("/v1/tickets/T-2").json()["solution_id"] == first["solution_id"]
    assert client.post("/v1/tickets/T-9/unlink").status_code == 404


def test_proposals_are_listed_and_dismissed(client: TestClient) -> None:
    for id in ("a", "b", "c"):
        put_article(client, id, "Printer offline", STEPS)
    page = client.get("/v1/merge-proposals", params={"limit": 2}).json()
    assert (len(page["proposals"]), page["complete"]) == (2, True)
    rest = client.get("/v1/merge-proposals", params={"cursor": page["next_cursor"]}).json()
    assert (len(rest["proposals"]), rest["next_cursor"]) == (1, None)
    first = page["proposals"][0]
    assert first["article"]["title"] == "Printer offline"
    assert first["likeness"] == 1.0
    pair = {"article": first["article"]["id"], "other": first["other"]["id"]}
    assert client.delete("/v1/merge-proposals", params=pair).status_code == 204
    assert len(client.get("/v1/merge-proposals").json()["proposals"]) == 2
    assert client.delete("/v1/merge-proposals", params={"article": "a", "other": "x"}).status_code == 404
    assert client.get("/v1/merge-proposals", params={"cursor": "WzFd" * 9}).status_code == 422


def test_a_draft_from_a_suggestion(client: TestClient) -> None:
    put_article(client, "printer", "Printer offline", STEPS)
    for asked, status in (("Printer offline", ["known", "unsure"]), ("Zyxwvut of ivan@example.com leaks", ["new"])):
        suggestion = suggest(client, asked)
        assert suggestion["verdict"]["status"] in status
        seed = {"suggestion_id": suggestion["suggestion_id"]}
        drafted = client.post("/v1/articles/draft", json=seed)
        assert drafted.status_code == 201
        title = asked.replace("ivan@example.com", "<EMAIL>")
        draft = {name: drafted.json()[name] for name in ("title", "issue", "state", "resolution")}
        assert draft == {"title": title, "issue": [title], "state": "wip", "resolution": ""}
        named = client.post("/v1/articles/draft", json={**seed, "solution_id": "printer"}).json()
        assert (named["title"], named["resolution"]) == (title, STEPS)
    assert client.post("/v1/articles/draft", json={}).status_code == 422
