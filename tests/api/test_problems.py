"""Errors as problem details."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.calls import pointers
from api.conftest import PROBLEM, calling
from kbsearch.api.problem_kinds import KINDS, OTHERS, all_kinds
from kbsearch.errors import KBSearchError
from kbsearch.knowledge import KnowledgeBase

JSON = {"Content-Type": "application/json"}
ARTICLE = {"title": "Fax shows E12", "resolution": "Pull the lever at the back of the fax."}


def subclasses(kind: type[KBSearchError]) -> Iterator[type[KBSearchError]]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def test_every_error_has_a_row() -> None:
    ours = {one for one in subclasses(KBSearchError) if one.__module__.startswith("kbsearch.")}
    assert len(ours) >= 15
    assert ours == set(KINDS)


def test_no_error_is_a_bug() -> None:
    assert all(400 <= kind.status < 600 and kind.status != 500 for kind in KINDS.values())


def test_a_type_names_one_kind() -> None:
    kinds = {*KINDS.values(), *OTHERS}
    assert len({kind.type for kind in kinds}) == len(kinds) >= 25


def test_types_are_uris_and_no_prose() -> None:
    for kind in all_kinds():
        assert re.fullmatch(r"urn:kbsearch:problem:[a-z]+(-[a-z]+)*", kind.type)


def test_every_problem_has_the_type_of_its_kind(unchanged: TestClient) -> None:
    for response, name in (
        (unchanged.get("/v1/nothing"), "no-such-address"),
        (unchanged.get("/v1/suggest"), "wrong-method"),
        (unchanged.post("/v1/suggest", content=b"{", headers=JSON), "malformed-body"),
        (unchanged.post("/v1/suggest", json={}), "invalid-value"),
        (
            unchanged.post("/v1/suggest", content=b"{}", headers={"Content-Type": "text/plain"}),
            "unsupported-media-type",
        ),
        (unchanged.get("/v1/articles/none"), "not-found"),
        (unchanged.get("/v1/articles", headers={"KBSearch-Tenant": "NO!"}), "invalid-tenant"),
        (unchanged.post("/v1/suggest", json={"ticket": {"subject": "x"}, "min_revision": 9}), "revision-not-reached"),
        (unchanged.get("/v1/articles", headers={"Authorization": "Bearer kbs_x"}), "unauthorized"),
        (unchanged.get("/v1/articles", headers={"Host": "example.org"}), "forbidden"),
        (unchanged.delete("/v1/articles/none", headers={"If-Match": '"1"'}), "not-found"),
        (unchanged.put("/v1/articles/none", json=ARTICLE, headers={"If-Match": '"1"'}), "precondition-failed"),
    ):
        assert response.json()["type"] == f"urn:kbsearch:problem:{name}", response.text


def test_an_error_nobody_thought_of_has_a_type(
    app: FastAPI, knowledge: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knowledge.articles, "get", lambda *_: 1 / 0)
    with calling(app) as client:
        response = client.get("/v1/articles/a")
    assert (response.status_code, response.json()["type"]) == (500, "urn:kbsearch:problem:internal-error")


@pytest.mark.parametrize("path", ["/v1", "/v1/nothing", "/v1/hooks", "/v2/suggest", "/healthz/x", "/%00", "/\u2603"])
def test_unknown_address_is_404(unchanged: TestClient, path: str) -> None:
    response = unchanged.get(path)
    assert response.status_code == 404
    assert response.json()["type"] == "urn:kbsearch:problem:no-such-address"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/suggest", {"POST"}),
        ("DELETE", "/v1/suggest", {"POST"}),
        ("POST", "/v1/search", {"GET", "HEAD"}),
        ("PUT", "/v1/reindex", {"POST"}),
        ("POST", "/v1/jobs/x", {"GET", "HEAD", "DELETE"}),
        ("GET", "/v1/import/tickets", {"POST"}),
        ("POST", "/healthz", {"GET", "HEAD"}),
        ("DELETE", "/v1/articles", {"GET", "HEAD", "POST"}),
        ("POST", "/v1/articles/a/b", {"GET", "HEAD", "PUT", "PATCH", "DELETE"}),
        ("DELETE", "/v1/redaction", {"GET", "HEAD", "PUT"}),
        ("OPTIONS", "/v1/tickets", {"GET", "HEAD"}),
    ],
)
def test_other_method_is_405_and_names_all_that_the_address_has(
    unchanged: TestClient, method: str, path: str, allowed: set[str]
) -> None:
    response = unchanged.request(method, path)
    assert response.status_code == 405
    assert {one.strip() for one in response.headers["allow"].split(",")} == allowed


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'{"ticket": {"subject": "x"}} trailing',
        b"{'ticket': 1}",
        b'{"ticket": {"subject": "line\nbreak"}}',
        b'{"ticket": {"subject": "\xff"}}',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"limit": ' + b"1" * 5_000 + b', "ticket": {"subject": "x"}}',
        b"\x00",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_malformed_json_is_400(unchanged: TestClient, body: bytes) -> None:
    for method, path in (("POST", "/v1/suggest"), ("PUT", "/v1/tickets/1/resolution"), ("PATCH", "/v1/articles/a")):
        assert unchanged.request(method, path, content=body, headers=JSON).status_code == 400


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"text"', b"5", b"true"])
def test_json_that_is_no_object_is_422(unchanged: TestClient, body: bytes) -> None:
    assert pointers(unchanged.post("/v1/suggest", content=body, headers=JSON)) == [""]


@pytest.mark.parametrize(
    "headers", [{"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}, {}]
)
def test_body_of_another_type_is_refused(unchanged: TestClient, headers: dict[str, str]) -> None:
    body = json.dumps({"ticket": {"subject": "Ms Dimitrova"}}).encode()
    for method, path in (
        ("POST", "/v1/suggest"),
        ("PUT", "/v1/articles/a"),
        ("PATCH", "/v1/articles/a"),
        ("PUT", "/v1/tickets/1/resolution"),
        ("POST", "/v1/reindex"),
    ):
        response = unchanged.request(method, path, content=body, headers=headers)
        assert response.status_code == 415
        assert response.headers["accept"] == "application/json"
        assert "Content-Type: application/json" in response.json()["detail"]
        assert "Dimitrova" not in response.text


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"]
)
def test_a_body_of_json_is_read_under_any_name_of_it(unchanged: TestClient, media_type: str) -> None:
    response = unchanged.post(
        "/v1/suggest", content=b'{"ticket": {"subject": "x"}}', headers={"Content-Type": media_type}
    )
    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/v1/articles", "/v1/search?q=x", "/healthz", "/readyz", "/metrics", "/docs"])
def test_head_is_answered_wherever_get_is(unchanged: TestClient, path: str) -> None:
    got, asked = unchanged.get(path), unchanged.head(path)
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-type"] == got.headers["content-type"]
    assert int(asked.headers["content-length"]) > 0


def test_head_of_what_is_not_there(unchanged: TestClient) -> None:
    assert unchanged.head("/v1/articles/none").status_code == 404
    assert unchanged.head("/v1/tickets/none").status_code == 404
    assert unchanged.head("/v1/suggest").status_code == 405
    assert "HEAD" not in unchanged.head("/v1/suggest").headers["allow"]
    assert "HEAD" in unchanged.post("/v1/search").headers["allow"]


def test_head_on_a_real_server(http: httpx.Client) -> None:
    assert http.head("/v1/articles").status_code == 200
    assert http.get("/v1/articles").json()["articles"] == []  # the connection is still in step


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"ticket": {"subject": "x"}, "colour": 1}, ""),
        ({"ticket": {"subject": "x", "colour": 1}}, "/ticket"),
        ({"ticket": {"subject": "x", "a/b~c": 1}}, "/ticket"),
        ({"ticket": {"subject": "x", "environment": ["ok", 5]}}, "/ticket/environment/1"),
        ({"ticket": {"subject": "x", "environment": {"os": "x"}}}, "/ticket/environment"),
        ({"ticket": {"subject": 5}}, "/ticket/subject"),
        ({"ticket": {"subject": None}}, "/ticket/subject"),
        ({"ticket": {"subject": ["x"]}}, "/ticket/subject"),
        ({"ticket": {"subject": True}}, "/ticket/subject"),
        ({"ticket": {"subject": ""}}, "/ticket/subject"),
        ({"ticket": {"subject": "\n\t "}}, "/ticket/subject"),
        ({"ticket": {"subject": "\x00\x01"}}, "/ticket/subject"),
        ({"ticket": {}}, "/ticket/subject"),
        ({"ticket": {"subject": "x", "description": None}}, "/ticket/description"),
        ({"ticket": {"subject": "x", "language": 5}}, "/ticket/language"),
        ({"ticket": {"subject": "x", "created_at": "2026-11-23"}}, "/ticket/created_at"),
        ({"ticket": {"subject": "x", "created_at": "2026-11-23T09:30:00"}}, "/ticket/created_at"),
        ({"ticket": {"subject": "x", "created_at": "2026-13-23T09:30:00Z"}}, "/ticket/created_at"),
        ({"ticket": {"subject": "x", "created_at": 1763890200}}, "/ticket/created_at"),
        ({"limit": 5}, "/ticket"),
    ],
    ids=repr,
)
def test_value_that_cannot_be_is_422_and_named(unchanged: TestClient, body: Any, pointer: str) -> None:
    assert pointers(unchanged.post("/v1/suggest", json=body)) == [pointer]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"ticket": {"subject": NaN}}', "/ticket/subject"),
        (b'{"ticket": {"subject": "x"}, "limit": NaN}', "/limit"),
        (b'{"ticket": {"subject": "x"}, "limit": Infinity}', "/limit"),
        (b'{"ticket": {"subject": "x"}, "limit": -Infinity}', "/limit"),
        (b'{"ticket": {"subject": "x"}, "limit": 1e999}', "/limit"),
        (b'{"ticket": {"subject": "x"}, "min_revision": NaN}', "/min_revision"),
    ],
)
def test_not_a_number_is_refused(unchanged: TestClient, body: bytes, pointer: str) -> None:
    response = unchanged.post("/v1/suggest", content=body, headers=JSON)
    if response.status_code != 400:  # NaN is no JSON, so either answer is right
        assert pointers(response) == [pointer]


def test_every_broken_value_is_named(unchanged: TestClient) -> None:
    body = {"ticket": {"subject": "", "language": 5, "colour": 1}, "limit": 0}
    found = pointers(unchanged.post("/v1/suggest", json=body))
    assert sorted(found) == ["/limit", "/ticket", "/ticket/language", "/ticket/subject"]


def test_instance_is_the_path_without_the_query(unchanged: TestClient) -> None:
    response = unchanged.get("/v1/search", params={"q": "x", "limit": 0, "note": "Ms Dimitrova"})
    assert response.json()["instance"] == "/v1/search"


def test_broken_requests_on_a_real_server(http: httpx.Client) -> None:
    for response, status in (
        (http.get("/nothing"), 404),
        (http.get("/v1/suggest"), 405),
        (http.post("/v1/suggest", content=b"{", headers=JSON), 400),
        (http.post("/v1/suggest", json={}), 422),
        (http.get("/v1/search?q=%ff%fe&cursor=%00"), 422),
    ):
        assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM)
