"""The served OpenAPI document."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from api.calls import Json, put_article, suggest, write_back
from api.conftest import PROBLEM
from kbsearch.api.app import create_app
from kbsearch.api.service import Service

METHODS = ("get", "put", "post", "patch", "delete")
DOCUMENT = create_app(Service()).openapi()

OPERATIONS = {
    ("post", "/v1/suggest"),
    ("get", "/v1/search"),
    ("put", "/v1/tickets/{ticket_id}/resolution"),
    ("post", "/v1/tickets/{ticket_id}/reopen"),
    ("get", "/v1/tickets/{ticket_id}"),
    ("delete", "/v1/tickets/{ticket_id}"),
    ("post", "/v1/suggestions/{suggestion_id}/feedback"),
    ("get", "/v1/articles"),
    ("post", "/v1/articles"),
    ("get", "/v1/articles/{article_id}"),
    ("put", "/v1/articles/{article_id}"),
    ("patch", "/v1/articles/{article_id}"),
    ("delete", "/v1/articles/{article_id}"),
    ("post", "/v1/articles/{article_id}/flags"),
    ("post", "/v1/articles/{article_id}/merge"),
    ("post", "/v1/articles/{article_id}/unmerge"),
    ("post", "/v1/articles/draft"),
    ("get", "/v1/merge-proposals"),
    ("delete", "/v1/merge-proposals"),
    ("post", "/v1/tickets/{ticket_id}/link"),
    ("post", "/v1/tickets/{ticket_id}/unlink"),
    ("post", "/v1/import/tickets"),
    ("post", "/v1/import/articles"),
    ("post", "/v1/reindex"),
    ("get", "/v1/jobs/{job_id}"),
    ("delete", "/v1/jobs/{job_id}"),
    ("get", "/healthz"),
    ("get", "/readyz"),
}


def operations() -> list[tuple[str, str, Json]]:
    return [
        (method, path, operation)
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def bodies() -> list[tuple[str, str, str, Any]]:
    """(method, path, media type, example) of every example of a request body."""
    found: list[tuple[str, str, str, Any]] = []
    for method, path, operation in operations():
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            found += [(method, path, media_type, example) for example in examples_of(content)]
    return found


def examples_of(content: Json) -> list[Any]:
    if "example" in content:
        return [content["example"]]
    if "examples" in content:
        return [one["value"] for one in content["examples"].values()]
    schema = content["schema"]
    for one in (schema, *schema.get("anyOf", [])):
        if "$ref" in one:
            one = DOCUMENT["components"]["schemas"][one["$ref"].rsplit("/", 1)[1]]
        if "examples" in one:
            return one["examples"]
    return []


def test_served_document_is_openapi_3_1(client: TestClient) -> None:
    response = client.get("/openapi.json")
    assert response.status_code == 200
    assert response.json()["openapi"].startswith("3.1.")
    assert response.json()["paths"].keys() == DOCUMENT["paths"].keys()
    assert "/openapi.json" in client.get("/docs").text


def test_every_operation_of_the_contract_is_there() -> None:
    missing = OPERATIONS - {(method, path) for method, path, _ in operations()}
    assert not missing


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)
    assert all(operation["summary"] for _, _, operation in operations())


def test_errors_are_problems_in_the_document_too() -> None:
    for method, path, operation in operations():
        for status, answer in operation["responses"].items():
            if status[0] in "45":
                assert list(answer["content"]) == [PROBLEM], (method, path, status)
                assert answer["content"][PROBLEM]["schema"] == {"$ref": "#/components/schemas/ProblemOut"}


def test_answers_of_articles_document_what_their_conditions_may_bring() -> None:
    for method in ("put", "patch", "delete"):
        assert "412" in DOCUMENT["paths"]["/v1/articles/{article_id}"][method]["responses"]
    for method in ("patch", "delete"):
        assert "403" in DOCUMENT["paths"]["/v1/articles/{article_id}"][method]["responses"]


def test_every_body_has_an_example() -> None:
    with_body = {(method, path) for method, path, operation in operations() if "requestBody" in operation}
    assert with_body == {(method, path) for method, path, _, _ in bodies()}


def test_bodies_are_closed() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        if name.endswith(("In", "Patch")):
            assert schema["additionalProperties"] is False, name


@pytest.mark.parametrize(
    ("method", "path", "media_type", "example"), bodies(), ids=lambda v: v if isinstance(v, str) else ""
)
def test_example_runs(client: TestClient, method: str, path: str, media_type: str, example: Any) -> None:
    article_id, ticket_id = "outlook-password-prompt.en", "RT-1042"
    put_article(client, article_id, "Outlook asks for the password", "Remove the stored credential.", state="validated")
    put_article(client, "outlook-password-prompt.bg", "Outlook пита за парола", "Изтрийте запазената парола.")
    write_back(client, ticket_id, "Outlook is slow", "Switched off the add-in that hung.")
    values = {
        "article_id": example.get("id", article_id) if isinstance(example, dict) else article_id,
        "ticket_id": ticket_id,
        "suggestion_id": suggest(client, "Outlook asks for the password")["suggestion_id"],
    }
    url = path.format(**{name: quote(value) for name, value in values.items()})
    sent = {"json": example} if media_type == "application/json" else {"content": example}
    response = client.request(method, url, headers={"Content-Type": media_type}, **sent)
    assert response.is_success, response.text
    if path.startswith("/v1/import/"):
        assert response.json()["accepted"] >= 1
        assert response.json()["rejected"] == 0


def test_two_applications_do_not_share_a_document() -> None:
    one, other = create_app(Service()), create_app(Service())
    assert one.openapi() is not other.openapi()
    assert one.openapi() == other.openapi()
