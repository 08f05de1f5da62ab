"""/v1/words."""

from __future__ import annotations

from starlette.testclient import TestClient

from api.calls import pointers, put_article, search


def test_a_word_is_set_listed_and_removed(client: TestClient) -> None:
    put_article(client, "close", title="Navision does not close", resolution="Post the open entries.")
    before = search(client, "навитото")["hits"]
    written = client.put("/v1/words/%D0%9D%D0%B0%D0%B2%D0%B8%D1%82%D0%BE", json={"name": "Navision"})
    assert written.status_code == 200
    assert {**written.json(), "revision": 0} == {
        "word": "навито", "name": "Navision", "origin": "lead", "tickets": 0, "revision": 0,
    }  # fmt: skip
    [hit] = search(client, "навитото")["hits"]
    assert hit["score"] > max((one["score"] for one in before), default=0.0) + 0.1
    assert client.get("/v1/words").json()["words"][0]["word"] == "навито"
    removed = client.delete("/v1/words/навито")
    assert removed.json()["revision"] > written.json()["revision"]
    assert search(client, "навитото")["hits"] == before
    assert client.delete("/v1/words/навито").status_code == 404


def test_all_pages_are_all_words(client: TestClient) -> None:
    for number in range(5):
        assert client.put(f"/v1/words/word{'abcde'[number]}", json={"name": "Name"}).is_success
    first = client.get("/v1/words", params={"limit": 3}).json()
    rest = client.get("/v1/words", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [one["word"][-1] for one in first["words"] + rest["words"]] == list("abcde")
    assert rest["next_cursor"] is None


def test_what_cannot_be_is_refused(client: TestClient) -> None:
    assert pointers(client.put("/v1/words/12", json={"name": "X"})) == ["/word"]
    assert pointers(client.put("/v1/words/x", json={"name": "ana@example.com"})) == ["/name"]
    assert pointers(client.put("/v1/words/x", json={})) == ["/name"]
    assert client.get("/v1/words", params={"cursor": "x"}).status_code == 422
