"""Metadata of articles: kept, given back, never searched."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from api.calls import Json, hit_ids, pointers
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import SHARED, Scope, TenantId

ARTICLE: Json = {
    "title": "Label printer skips labels",
    "resolution": "Run the media calibration of the printer.",
    "state": "not_validated",
    "metadata": {"ms.date": "03/03/2026", "owners": ["network", {"team": 7}], "reviewed": None, "zyxwv": "Qwertzuiop"},
}


def _put(client: TestClient, article: Json) -> Json:
    response = client.put("/v1/articles/labels", json=article)
    assert response.status_code < 300, response.text
    return response.json()


def test_it_is_kept_and_given_back(client: TestClient) -> None:
    assert _put(client, ARTICLE)["metadata"] == ARTICLE["metadata"]
    assert client.get("/v1/articles/labels").json()["metadata"] == ARTICLE["metadata"]
    assert list(client.get("/v1/articles/labels").json()["metadata"]) == list(ARTICLE["metadata"])
    assert client.get("/v1/articles").json()["articles"][0]["metadata"] == ARTICLE["metadata"]


def test_nothing_is_found_by_it(client: TestClient) -> None:
    _put(client, ARTICLE)
    assert "labels" in hit_ids(client, "calibration")
    assert "labels" not in hit_ids(client, '"Qwertzuiop"')
    assert "labels" not in hit_ids(client, '"zyxwv"')


def test_a_patch_of_other_fields_leaves_it(client: TestClient) -> None:
    _put(client, ARTICLE)
    assert client.patch("/v1/articles/labels", json={"title": "Other"}).json()["metadata"] == ARTICLE["metadata"]
    changed = client.patch("/v1/articles/labels", json={"metadata": {"a": 1}}).json()
    assert (changed["title"], changed["metadata"]) == ("Other", {"a": 1})


def test_former_versions_have_theirs(client: TestClient) -> None:
    _put(client, ARTICLE)
    _put(client, {**ARTICLE, "metadata": {"a": 1}})
    _put(client, {**ARTICLE, "metadata": {}})
    versions = client.get("/v1/articles/labels/versions").json()["versions"]
    assert [one["metadata"] for one in versions] == [{"a": 1}, ARTICLE["metadata"]]


def test_it_is_cleaned_as_every_text_is(client: TestClient) -> None:
    found = _put(client, {**ARTICLE, "metadata": {"password": "Hx7!kqZ2", "note": ["the password is Hx7!kqZ2"]}})
    assert "Hx7!kqZ2" not in json.dumps(found)
    assert set(found["metadata"]) == {"password", "note"}


def test_what_is_shared_is_cleaned_wholly(client: TestClient, knowledge: KnowledgeBase) -> None:
    _put(client, {**ARTICLE, "metadata": {"author": "ana.petrova@example.com", "phone": 359888123456}})
    knowledge.sharing.share(TenantId("default"), "labels")
    shared = knowledge.articles.get(Scope(SHARED), "labels").article.metadata
    assert "petrova" not in json.dumps(dict(shared))


@pytest.mark.parametrize(
    "metadata",
    [
        {str(number): 1 for number in range(51)},
        {"a": "x" * 10_001},
        {"a": [[[[[1]]]]]},
        {"": 1},
        {"x" * 201: 1},
        {"title": "Another"},
        [1],
        "text",
    ],
    ids=["keys", "long", "deep", "no name", "long name", "field", "list", "text"],
)
def test_what_is_too_much_is_refused(client: TestClient, metadata: object) -> None:
    response = client.put("/v1/articles/labels", json={**ARTICLE, "metadata": metadata})
    assert pointers(response) == ["/metadata"]


def test_an_import_loses_no_article_for_it(client: TestClient) -> None:
    lines = [{**ARTICLE, "id": "a", "metadata": {"a": "x" * 10_001}}, {**ARTICLE, "id": "b", "metadata": {}}]
    report = client.post("/v1/import/articles", content="\n".join(map(json.dumps, lines))).json()
    assert (report["accepted"], report["rejected"]) == (2, 0)
    assert "/metadata: left out" in json.dumps(report)
    assert client.get("/v1/articles/a").json()["metadata"] == {}
