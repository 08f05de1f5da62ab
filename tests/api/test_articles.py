"""/v1/articles."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from clocks import FakeClock
from starlette.testclient import TestClient

from api.calls import (
    Json,
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

TITLE = "Teams plays no sound in meetings"
FIX = "1. Open *Settings*, then *Devices*.\n2. Choose the headset as the speaker."
ARTICLE: Json = {
    "title": TITLE,
    "issue": ["I hear nobody in the meeting", "Headset is **silent**"],
    "environment": ["Windows 11", "Teams 2.1"],
    "cause": "Another device was chosen.",
    "resolution": FIX,
    "tags": ["teams", "audio"],
    "language": "en",
    "audience": "internal",
    "state": "validated",
}


def without_revision(answer: Json) -> Json:
    return {name: value for name, value in answer.items() if name != "revision"}


def test_put_get_and_replace(client: TestClient) -> None:
    created = client.put("/v1/articles/teams-sound", json={"id": "teams-sound", **ARTICLE})
    assert created.status_code == 201
    answer = created.json()
    assert {name: answer[name] for name in ARTICLE} == ARTICLE
    assert (answer["id"], answer["tenant"], answer["version"], answer["revision"]) == ("teams-sound", "default", 1, 1)
    assert client.get("/v1/articles/teams-sound").json() == without_revision(answer)
    replaced = client.put("/v1/articles/teams-sound", json={"title": "Teams is silent", "resolution": "Restart it."})
    assert replaced.status_code == 200
    assert replaced.json()["version"] == 2
    assert replaced.json()["revision"] == 2
    stored = client.get("/v1/articles/teams-sound").json()
    assert (stored["title"], stored["issue"], stored["tags"], stored["cause"]) == ("Teams is silent", [], [], None)
    assert stored["created_at"] == answer["created_at"]


def test_put_twice_is_put_once(client: TestClient) -> None:
    first = client.put("/v1/articles/a", json=ARTICLE)
    second = client.put("/v1/articles/a", json=ARTICLE)
    assert second.status_code == 200
    assert second.json() == first.json()
    assert second.headers["etag"] == first.headers["etag"]


def test_post_makes_an_id(client: TestClient) -> None:
    first = client.post("/v1/articles", json=ARTICLE)
    second = client.post("/v1/articles", json=ARTICLE)
    assert first.status_code == second.status_code == 201
    assert first.json()["id"] != second.json()["id"]
    for response in (first, second):
        stored = client.get(f"/v1/articles/{response.json()['id']}")
        assert stored.json() == without_revision(response.json())


def test_post_names_what_it_made(client: TestClient) -> None:
    response = client.post("/v1/articles", json={"id": "guides/vpn error", **ARTICLE})
    assert response.headers["location"] == "/v1/articles/guides%2Fvpn%20error"
    stored = client.get(response.headers["location"])
    assert stored.headers["etag"] == response.headers["etag"]
    draft = client.post("/v1/articles/draft", json={"ticket": {"subject": "Teams is silent"}})
    assert client.get(draft.headers["location"]).headers["etag"] == draft.headers["etag"]


def test_post_of_an_id_that_exists_is_409_and_changes_nothing(client: TestClient) -> None:
    before = client.post("/v1/articles", json={"id": "a", **ARTICLE}).json()
    for again in ({"id": "a", **ARTICLE}, {"id": "a", **ARTICLE, "title": "Another title"}):
        response = client.post("/v1/articles", json=again)
        assert (response.status_code, response.json()["type"]) == (409, "urn:kbsearch:problem:already-exists")
    assert client.get("/v1/articles/a").json() == without_revision(before)


def test_post_of_the_id_of_a_shared_article_is_409_and_hides_nothing(client: TestClient) -> None:
    put_article(client, "b", "Shared one", "Do it.", tenant="shared")
    for path, body in (("/v1/articles", ARTICLE), ("/v1/articles/draft", {"ticket": {"subject": "No sound"}})):
        response = client.post(path, json={"id": "b", **body})
        assert (response.status_code, response.json()["type"]) == (409, "urn:kbsearch:problem:already-exists")
    assert client.get("/v1/articles/b").json()["tenant"] == "shared"


def test_a_draft_of_an_id_that_exists_is_409_unless_it_is_the_same_request(client: TestClient) -> None:
    body, headers = {"id": "b", "ticket": {"subject": "No sound"}}, {"Idempotency-Key": "k-1"}
    assert [client.post("/v1/articles/draft", json=body).status_code for _ in range(2)] == [201, 409]
    body["id"] = "c"
    assert [client.post("/v1/articles/draft", json=body, headers=headers).status_code for _ in range(2)] == [201, 201]


def test_post_that_is_sent_again_with_its_key_is_answered_again(client: TestClient, knowledge: KnowledgeBase) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = client.post("/v1/articles", json={"id": "a", **ARTICLE}, headers=headers)
    again = client.post("/v1/articles", json={"id": "a", **ARTICLE}, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["location"] == first.headers["location"]
    with knowledge.store.write() as tx:  # as after a crash between the change and the note of its answer
        tx.execute("DELETE FROM idempotency")
    assert client.post("/v1/articles", json={"id": "a", **ARTICLE}, headers=headers).status_code == 201


def test_if_none_match_adds_only(client: TestClient) -> None:
    only_new = {"If-None-Match": "*"}
    added = client.put("/v1/articles/a", json=ARTICLE, headers=only_new)
    assert added.status_code == 201
    assert added.headers["location"] == "/v1/articles/a"
    for body in (ARTICLE, {**ARTICLE, "title": "Another title"}):
        response = client.put("/v1/articles/a", json=body, headers=only_new)
        assert (response.status_code, response.json()["type"]) == (412, "urn:kbsearch:problem:precondition-failed")
    assert client.get("/v1/articles/a").json()["version"] == 1
    put_article(client, "b", "Shared one", "Do it.", tenant="shared")
    assert client.put("/v1/articles/b", json=ARTICLE, headers=only_new).status_code == 201  # an own edition


def test_of_many_that_add_one_wins(http: httpx.Client) -> None:
    def add(i: int) -> int:
        body = {**ARTICLE, "title": f"Title {i}"}
        return http.put("/v1/articles/a", json=body, headers={"If-None-Match": "*"}).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(add, range(6))) == [201, 412, 412, 412, 412, 412]


def test_get_of_what_one_has_is_304(client: TestClient) -> None:
    tag = client.put("/v1/articles/a", json=ARTICLE).headers["etag"]
    for header in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        response = client.get("/v1/articles/a", headers={"If-None-Match": header})
        assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", tag)
    assert client.get("/v1/articles/a", headers={"If-None-Match": '"x"'}).status_code == 200


def test_an_etag_names_what_is_answered(client: TestClient) -> None:
    """Another article of the same id and version, and another wording of its tickets, have another ETag."""
    shared = client.put("/v1/articles/a", json=ARTICLE, headers={"KBSearch-Tenant": "shared"}).headers["etag"]
    own = client.put("/v1/articles/a", json={**ARTICLE, "cause": "Dust."}).headers["etag"]
    assert client.get("/v1/articles/a", headers={"If-None-Match": shared}).status_code == 200
    write_back(client, "RT-1", "Nobody hears my microphone", "Did as the article says.", solution_id="a")
    worded = client.get("/v1/articles/a", headers={"If-None-Match": own})
    assert worded.status_code == 200
    # What tickets say is no change of the article: it can still be changed by the ETag that was read before.
    assert client.patch("/v1/articles/a", json={"cause": None}, headers={"If-Match": own}).status_code == 200


def test_an_article_that_was_deleted_and_made_again_is_another(client: TestClient, clock: FakeClock) -> None:
    tag = client.put("/v1/articles/a", json=ARTICLE).headers["etag"]
    client.delete("/v1/articles/a")
    clock.advance(seconds=1)
    client.put("/v1/articles/a", json={**ARTICLE, "title": "Made again"})
    assert client.patch("/v1/articles/a", json={"title": "Lost"}, headers={"If-Match": tag}).status_code == 412


def test_patch_takes_no_wording_of_tickets_for_the_article_s_own(client: TestClient) -> None:
    issue = [f"Statement number {i} of the issue" for i in range(50)]
    client.put("/v1/articles/a", json={**ARTICLE, "issue": issue})
    write_back(client, "RT-1", "Nobody hears my microphone", "Did as the article says.", solution_id="a")
    assert len(client.get("/v1/articles/a").json()["issue"]) == 50
    assert client.patch("/v1/articles/a", json={"cause": "Dust."}).status_code == 200
    client.delete("/v1/tickets/RT-1")
    assert client.get("/v1/articles/a").json()["issue"] == issue


@pytest.mark.parametrize("id", ["flags", ".", "..", "a/../b", "line\nbreak", "tab\t"])
def test_an_id_that_no_address_leads_to_is_refused(client: TestClient, id: str) -> None:
    assert pointers(client.post("/v1/articles", json={"id": id, **ARTICLE})) == ["/id"]
    assert pointers(client.post("/v1/articles/draft", json={"id": id, "ticket": {"subject": "x"}})) == ["/id"]
    line = json.dumps({"id": id, **ARTICLE})
    assert client.post("/v1/import/articles", content=line).json()["rejected"] == 1
    encoded = quote(id, safe="").replace(".", "%2E")
    assert client.put(f"/v1/articles/{encoded}", json=ARTICLE).status_code in (404, 422)
    assert client.get("/v1/articles").json()["articles"] == []


@pytest.mark.parametrize(("sent", "stored"), [("BG", "bg"), ("en_GB", "en-GB"), ("english", "en"), ("eng", "en")])
def test_a_language_is_normalised(client: TestClient, sent: str, stored: str) -> None:
    assert client.put("/v1/articles/a", json={**ARTICLE, "language": sent}).json()["language"] == stored


def test_open_flags_are_listed_and_closed(client: TestClient, clock: FakeClock) -> None:
    put_article(client, "a", TITLE, FIX)
    put_article(client, "s", "Projector is dark", "Replace its lamp.", tenant="shared")
    opened: list[str] = []
    for id, reason in (("a", "one"), ("s", "two"), ("a", "three")):
        body = {"reason": reason, "comment": f"Number {reason}"}
        opened.append(client.post(f"/v1/articles/{id}/flags", json=body).json()["id"])
        clock.advance(seconds=1)
    suggestion = suggest(client, TITLE)
    give_feedback(client, suggestion["suggestion_id"], "a", "wrong")
    listed = all_pages(client, "/v1/articles/flags", "flags", limit=1)
    assert [flag["reason"] for flag in listed] == ["one", "two", "three", "wrong"]
    assert [flag["id"] for flag in listed[:3]] == opened
    assert (listed[1]["solution_id"], listed[1]["tenant"], listed[1]["kind"]) == ("s", "shared", "article")
    assert listed[0]["title"] == TITLE
    assert listed[0]["comment"] == "Number one"
    assert all_pages(client, "/v1/articles/flags", "flags", tenant="other", limit=9) == []
    for flag in (listed[0], listed[3]):
        path = f"/v1/articles/flags/{quote(flag['id'], safe='')}/resolve"
        assert client.post(path, headers={"KBSearch-Tenant": "other"}).status_code == 404
        assert client.post(path).json()["id"] == flag["id"]
        assert client.post(path).status_code == 404
    assert [one["id"] for one in all_pages(client, "/v1/articles/flags", "flags", limit=9)] == opened[1:]


def test_id_in_the_body_must_be_the_one_in_the_address(client: TestClient) -> None:
    assert pointers(client.put("/v1/articles/a", json={"id": "b", **ARTICLE})) == ["/id"]
    assert client.get("/v1/articles").json()["articles"] == []


@pytest.mark.parametrize("id", ["guides/vpn/error 809", "статия/първа", "a?b#c", "50%", "a/flags/b", "x" * 200])
def test_ids_with_slashes_and_more(client: TestClient, id: str) -> None:
    url, encoded = f"/v1/articles/{quote(id)}", f"/v1/articles/{quote(id, safe='')}"
    assert client.put(url, json=ARTICLE).json()["id"] == id
    assert client.get(encoded).json()["id"] == id
    assert client.patch(encoded, json={"cause": None}).json()["version"] == 2
    assert client.post(f"{encoded}/flags", json={"reason": "outdated"}).status_code == 201
    assert suggested_ids(client, TITLE) == [id]
    assert client.delete(url).json()["id"] == id
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_article_that_does_not_exist(unchanged: TestClient, method: str) -> None:
    body = {"json": {"title": "x"}} if method == "PATCH" else {}
    assert unchanged.request(method, "/v1/articles/none", **body).status_code == 404


def test_found_by_the_very_next_question(client: TestClient) -> None:
    put_article(client, "a", TITLE, FIX)
    assert suggested_ids(client, TITLE) == ["a"]
    put_article(client, "a", "Projector is dark", "Replace its lamp.")
    assert suggested_ids(client, TITLE) == []
    assert suggested_ids(client, "Projector is dark") == ["a"]
    client.delete("/v1/articles/a")
    assert suggested_ids(client, "Projector is dark") == []
    assert hit_ids(client, "projector") == []


def test_every_statement_of_the_issue_is_found(client: TestClient) -> None:
    client.put("/v1/articles/a", json=ARTICLE)
    assert suggested_ids(client, "I hear nobody in the meeting") == ["a"]


def test_patch_changes_the_fields_it_names(client: TestClient) -> None:
    before = client.put("/v1/articles/a", json=ARTICLE).json()
    response = client.patch("/v1/articles/a", json={"title": "No sound", "tags": [], "cause": None})
    assert response.status_code == 200
    changed = response.json()
    assert (changed["title"], changed["tags"], changed["cause"]) == ("No sound", [], None)
    for name in ("issue", "environment", "resolution", "language", "audience", "state", "created_at"):
        assert changed[name] == before[name]
    assert changed["version"] == 2
    assert changed["revision"] > before["revision"]
    assert client.get("/v1/articles/a").json() == without_revision(changed)


def test_patch_without_fields_changes_nothing(client: TestClient) -> None:
    before = client.put("/v1/articles/a", json=ARTICLE)
    assert client.patch("/v1/articles/a", json={}).json() == before.json()


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"id": "b"}, ""),
        ({"tenant": "other"}, ""),
        ({"version": 7}, ""),
        ({"title": None}, "/title"),
        ({"title": ""}, "/title"),
        ({"state": "done"}, "/state"),
        ({"state": None}, "/state"),
        ({"resolution": None}, "/resolution"),
        ({"tags": "one"}, "/tags"),
        ({"tags": ["good", 7]}, "/tags/1"),
    ],
)
def test_patch_that_cannot_be(client: TestClient, fields: Json, pointer: str) -> None:
    before = client.put("/v1/articles/a", json=ARTICLE).json()
    assert pointers(client.patch("/v1/articles/a", json=fields)) == [pointer]
    assert client.get("/v1/articles/a").json() == without_revision(before)


def test_etag_names_the_version(client: TestClient) -> None:
    tags = [client.put("/v1/articles/a", json={**ARTICLE, "title": f"Title {i}"}).headers["etag"] for i in range(3)]
    assert len(set(tags)) == 3
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)
    assert client.get("/v1/articles/a").headers["etag"] == tags[-1]
    patched = client.patch("/v1/articles/a", json={"title": "Title 4"})
    assert patched.headers["etag"] == client.get("/v1/articles/a").headers["etag"] != tags[-1]


def test_if_match_of_the_stored_version_passes(client: TestClient) -> None:
    tag = client.put("/v1/articles/a", json=ARTICLE).headers["etag"]
    put = client.put("/v1/articles/a", json={**ARTICLE, "title": "One"}, headers={"If-Match": tag})
    assert put.status_code == 200
    patch = client.patch("/v1/articles/a", json={"title": "Two"}, headers={"If-Match": put.headers["etag"]})
    assert patch.status_code == 200
    assert client.patch("/v1/articles/a", json={"title": "Three"}, headers={"If-Match": "*"}).status_code == 200
    current = client.get("/v1/articles/a").headers["etag"]
    listed = f'"999", {current}'
    assert client.patch("/v1/articles/a", json={"title": "Four"}, headers={"If-Match": listed}).status_code == 200
    current = client.get("/v1/articles/a").headers["etag"]
    assert client.delete("/v1/articles/a", headers={"If-Match": current}).status_code == 200


@pytest.mark.parametrize("tag", ['"1"', '"99"', '"x"', "x", '"1", "99"', '"99999999999999999999"'])
def test_if_match_of_another_version_is_412_and_changes_nothing(client: TestClient, tag: str) -> None:
    client.put("/v1/articles/a", json=ARTICLE)
    before = client.patch("/v1/articles/a", json={"title": "Changed meanwhile"}).json()
    headers = {"If-Match": tag}
    assert client.put("/v1/articles/a", json=ARTICLE, headers=headers).status_code == 412
    assert client.patch("/v1/articles/a", json={"title": "Lost update"}, headers=headers).status_code == 412
    assert client.delete("/v1/articles/a", headers=headers).status_code == 412
    assert client.get("/v1/articles/a").json() == without_revision(before)


@pytest.mark.parametrize("tag", ['"1"', "*"])
def test_if_match_of_an_article_that_does_not_exist_is_412(client: TestClient, tag: str) -> None:
    assert client.put("/v1/articles/a", json=ARTICLE, headers={"If-Match": tag}).status_code == 412
    assert client.get("/v1/articles/a").status_code == 404


def test_of_two_changes_to_one_version_one_wins(http: httpx.Client) -> None:
    tag = http.put("/v1/articles/a", json=ARTICLE).headers["etag"]

    def change(i: int) -> int:
        return http.patch("/v1/articles/a", json={"title": f"Title {i}"}, headers={"If-Match": tag}).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(change, range(6))) == [200, 412, 412, 412, 412, 412]
    assert http.get("/v1/articles/a").json()["version"] == 2


@pytest.mark.parametrize("state", ["not_validated", "validated", "archived"])
@pytest.mark.parametrize("resolution", [None, "", " \n "])
def test_resolution_is_needed_unless_wip(unchanged: TestClient, state: str, resolution: str | None) -> None:
    body = {"title": TITLE, "state": state, **({} if resolution is None else {"resolution": resolution})}
    assert unchanged.put("/v1/articles/a", json=body).status_code == 422
    assert unchanged.post("/v1/articles", json=body).status_code == 422
    assert unchanged.get("/v1/articles").json()["articles"] == []


def test_draft_needs_no_resolution_until_it_leaves_wip(client: TestClient) -> None:
    assert client.put("/v1/articles/a", json={"title": TITLE, "state": "wip"}).status_code == 201
    assert client.patch("/v1/articles/a", json={"state": "not_validated"}).status_code == 422
    assert client.get("/v1/articles/a").json()["state"] == "wip"
    assert client.patch("/v1/articles/a", json={"state": "not_validated", "resolution": FIX}).status_code == 200
    assert client.patch("/v1/articles/a", json={"resolution": ""}).status_code == 422


def test_draft_is_suggested_and_marked(client: TestClient) -> None:
    put_article(client, "a", TITLE, "", state="wip")
    [solution] = suggest(client, TITLE)["solutions"]
    assert (solution["solution_id"], solution["state"]) == ("a", "wip")
    assert any("working on" in caution for caution in solution["cautions"])
    assert hit_ids(client, TITLE) == ["a"]


def test_archived_article_never_appears(client: TestClient) -> None:
    put_article(client, "born-archived", TITLE, FIX, state="archived")
    assert suggested_ids(client, TITLE) == []
    put_article(client, "a", TITLE, FIX)
    write_back(client, "RT-1", TITLE, "Did as the article says.", solution_id="a")
    assert suggested_ids(client, TITLE) == ["a"]
    client.patch("/v1/articles/a", json={"state": "archived"})
    assert suggested_ids(client, TITLE) == []
    assert hit_ids(client, TITLE, kind="article") == []
    assert hit_ids(client, f'"{TITLE}"', kind="article") == []
    assert client.get("/v1/articles/a").json()["state"] == "archived"
    similar = write_back(client, "RT-2", TITLE, "Bought another headset for the user.")["similar"]
    assert [one["solution_id"] for one in similar] == []
    client.patch("/v1/articles/a", json={"state": "validated"})
    assert "a" in suggested_ids(client, TITLE)


def test_fix_of_an_archived_article_is_not_linked_to_it(client: TestClient) -> None:
    put_article(client, "a", TITLE, FIX, state="archived")
    answer = write_back(client, "RT-1", TITLE, FIX)
    assert answer["outcome"] == "created"
    assert suggested_ids(client, TITLE) == [answer["solution_id"]]


def test_tickets_of_a_deleted_article_need_review(client: TestClient) -> None:
    put_article(client, "a", TITLE, FIX)
    write_back(client, "RT-1", TITLE, "Did as the article says.", solution_id="a")
    client.delete("/v1/articles/a")
    stored = client.get("/v1/tickets/RT-1").json()
    assert (stored["outcome"], stored["solution_id"]) == ("needs_review", None)
    assert suggested_ids(client, TITLE) == []


@pytest.mark.parametrize("limit", [1, 4, 50])
def test_list_covers_everything_once(client: TestClient, limit: int) -> None:
    for i in range(9):
        put_article(client, f"a/{i}", f"{TITLE} {i}", FIX, tenant="shared" if i % 3 == 0 else None)
    found = all_pages(client, "/v1/articles", "articles", limit=limit)
    assert sorted(article["id"] for article in found) == [f"a/{i}" for i in range(9)]
    assert found == all_pages(client, "/v1/articles", "articles", limit=limit)


def test_list_by_state(client: TestClient) -> None:
    for state in ("wip", "not_validated", "validated", "archived"):
        put_article(client, state, TITLE, FIX, state=state)
    for state in ("wip", "not_validated", "validated", "archived"):
        found = client.get("/v1/articles", params={"state": state}).json()
        assert [article["id"] for article in found["articles"]] == [state]
    assert len(client.get("/v1/articles").json()["articles"]) == 4
    assert pointers(client.get("/v1/articles", params={"state": "lost"})) == ["/state"]


@pytest.mark.parametrize(
    "cursor", ["W1tb" * 246, "x", "AAAA", "WyIiXQ", "WzEsMl0", "WyJcdWQ4MDAiLCJ4Il0", "WyJhIiwiXHVkZmZmIl0"]
)
def test_cursor_that_is_none(client: TestClient, cursor: str) -> None:
    put_article(client, "a", TITLE, FIX)
    assert pointers(client.get("/v1/articles", params={"cursor": cursor})) == ["/cursor"]


@pytest.mark.parametrize("limit", ["0", "51", "-1", "ten", "1.5"])
def test_limit_that_cannot_be(unchanged: TestClient, limit: str) -> None:
    assert pointers(unchanged.get("/v1/articles", params={"limit": limit})) == ["/limit"]


def test_flag_is_opened(client: TestClient, knowledge: KnowledgeBase) -> None:
    put_article(client, "a", TITLE, FIX)
    response = client.post("/v1/articles/a/flags", json={"reason": "outdated", "comment": "The menu moved."})
    assert response.status_code == 201
    assert response.json().keys() == {"id", "revision"}
    with knowledge.store.read() as tx:
        [flag] = tx.rows("SELECT * FROM flags")
    assert (flag["id"], flag["reason"], flag["comment"]) == (response.json()["id"], "outdated", "The menu moved.")
    second = client.post("/v1/articles/a/flags", json={"reason": "outdated"})
    assert second.json()["id"] != response.json()["id"]


def test_flag_of_an_article_that_does_not_exist(client: TestClient) -> None:
    assert client.post("/v1/articles/none/flags", json={"reason": "outdated"}).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/reason"),
        ({"reason": ""}, "/reason"),
        ({"reason": " "}, "/reason"),
        ({"reason": "x", "comment": 5}, "/comment"),
        ({"reason": "x", "agent": "me"}, ""),
    ],
)
def test_flag_that_cannot_be(client: TestClient, body: Json, pointer: str) -> None:
    put_article(client, "a", TITLE, FIX)
    assert pointers(client.post("/v1/articles/a/flags", json=body)) == [pointer]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"title": "x" * 501}, "/title"),
        ({"title": 5}, "/title"),
        ({"issue": "one"}, "/issue"),
        ({"issue": [""]}, "/issue/0"),
        ({"issue": ["x"] * 51}, "/issue"),
        ({"environment": ["x" * 201]}, "/environment/0"),
        ({"tags": [None]}, "/tags/0"),
        ({"language": "english language"}, "/language"),
        ({"state": "VALIDATED"}, "/state"),
        ({"resolution": "x" * 50_001}, "/resolution"),
        ({"cause": []}, "/cause"),
        ({"tenant": "shared"}, ""),
        ({"version": 1}, ""),
    ],
)
def test_value_that_cannot_be(unchanged: TestClient, fields: dict[str, Any], pointer: str) -> None:
    assert pointers(unchanged.put("/v1/articles/a", json={**ARTICLE, **fields})) == [pointer]
    assert pointers(unchanged.post("/v1/articles", json={**ARTICLE, **fields})) == [pointer]
    assert unchanged.get("/v1/articles").json()["articles"] == []
