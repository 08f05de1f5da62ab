"""The served OpenAPI document."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest
from openapi_spec_validator import validate
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
    ("get", "/v1/tickets"),
    ("get", "/v1/articles/flags"),
    ("post", "/v1/articles/flags/{flag_id}/resolve"),
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
    ("post", "/v1/articles/{article_id}/share"),
    ("post", "/v1/articles/draft"),
    ("get", "/v1/articles/{article_id}/versions"),
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


def test_document_is_valid() -> None:
    validate(DOCUMENT)


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)
    for name in names:  # a client's method is called so
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
        assert name not in ("put", "patch", "delete", "create", "get", "list", "update")


def test_schemas_have_names_of_their_own() -> None:
    for name in DOCUMENT["components"]["schemas"]:  # two classes of one name would get the names of their modules
        assert re.fullmatch(r"[A-Za-z]+", name)


def test_summaries_are_sentences_about_the_operation() -> None:
    for method, path, operation in operations():
        summary = operation["summary"]
        assert len(summary.split()) >= 3, (method, path, summary)
        assert summary.replace(" ", "_").lower() != operation["operationId"]
        assert "`" not in summary
        assert "\n" not in summary
    assert DOCUMENT["paths"]["/v1/suggest"]["post"]["summary"] == "Suggest solutions for a ticket"


def test_what_changes_single_fields_has_no_defaults() -> None:
    for _, path, operation in [one for one in operations() if one[0] == "patch"]:
        [content] = operation["requestBody"]["content"].values()
        name = content["schema"]["$ref"].rsplit("/", 1)[1]
        schema = DOCUMENT["components"]["schemas"][name]
        assert "default" not in json.dumps(schema["properties"]), path
        assert not schema.get("required")


def test_defaults_keep_their_own_schema() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for name, schema in schemas.items():
        for field, described in schema.get("properties", {}).items():
            if "default" in described:
                validator = jsonschema_rs.validator_for({**described, "components": {"schemas": schemas}})
                assert validator.is_valid(described["default"]), (name, field)


def test_times_have_their_format() -> None:
    times = {
        "created_at",
        "updated_at",
        "resolved_at",
        "respond_by",
        "resolve_by",
        "last_used_at",
        "at",
        "failing_since",
    }
    seen = set()
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field in times & schema.get("properties", {}).keys():
            described = schema["properties"][field]
            kinds = [one for one in described.get("anyOf", [described]) if one["type"] != "null"]
            assert [one["format"] for one in kinds] == ["date-time"], (name, field)
            seen.add(field)
    assert seen == times


def answers() -> list[tuple[str, str, str, Json, Json]]:
    """(method, path, status, answer, content) of every answer that is not an error and has a JSON body."""
    return [
        (method, path, status, answer, answer["content"]["application/json"])
        for method, path, operation in operations()
        for status, answer in operation["responses"].items()
        if status.startswith("2") and "application/json" in answer.get("content", {})
    ]


def test_every_answer_has_an_example_that_fits_its_schema() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for method, path, status, _, content in answers():
        assert "example" in content, (method, path, status)
        name = content["schema"]["$ref"].rsplit("/", 1)[1]
        jsonschema_rs.validate(
            {**content["schema"], "components": {"schemas": schemas}}, content["example"], validate_formats=True
        )
        fields = {field for field, one in schemas[name]["properties"].items() if field != "warnings"}
        assert content["example"].keys() == fields, name


def test_examples_of_requests_have_no_deadlines() -> None:
    for _, _, _, example in bodies():
        assert "_by" not in json.dumps(example).replace("resolved_by", "")


def test_answers_name_their_headers() -> None:
    def headers(method: str, path: str, status: str) -> set[str]:
        return set(DOCUMENT["paths"][path][method]["responses"][status]["headers"])

    for method, path, operation in operations():
        for status, answer in operation["responses"].items():
            assert "X-Request-ID" in answer["headers"], (method, path, status)
    assert "ETag" in headers("get", "/v1/articles/{article_id}", "200")
    assert "ETag" in headers("get", "/v1/articles/{article_id}", "304")
    assert "Location" in headers("get", "/v1/articles/{article_id}", "307")
    assert headers("post", "/v1/articles", "201") >= {"ETag", "Location"}
    assert "Retry-After" in headers("post", "/v1/suggest", "503") & headers("post", "/v1/suggest", "429")
    assert "WWW-Authenticate" in headers("post", "/v1/suggest", "401")


def test_errors_of_a_problem_are_typed() -> None:
    problem = DOCUMENT["components"]["schemas"]["ProblemOut"]
    [listed] = [one for one in problem["properties"]["errors"]["anyOf"] if one["type"] == "array"]
    error = DOCUMENT["components"]["schemas"][listed["items"]["$ref"].rsplit("/", 1)[1]]
    assert error["properties"].keys() == set(error["required"]) == {"pointer", "detail"}


def test_every_read_of_knowledge_may_ask_for_a_revision() -> None:
    of_the_service = ("/v1/audit", "/v1/redaction", "/v1/jobs/{job_id}", "/healthz", "/readyz", "/metrics")
    for method, path, operation in operations():
        if method == "get" and path not in of_the_service:
            names = {parameter["name"] for parameter in operation["parameters"]}
            assert "min_revision" in names, path


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
        "word": "впн",
        "suggestion_id": suggest(client, "Outlook asks for the password")["suggestion_id"],
    }
    url = path.format(**{name: quote(value) for name, value in values.items()})
    sent = {"json": example} if media_type == "application/json" else {"content": example}
    response = client.request(method, url, headers={"Content-Type": media_type}, **sent)
    assert response.is_success, response.text
    described = DOCUMENT["paths"][path][method]["responses"][str(response.status_code)]
    if response.content:
        schema = described["content"]["application/json"]["schema"]
        jsonschema_rs.validate({**schema, "components": DOCUMENT["components"]}, response.json(), validate_formats=True)
    for header in set(described["headers"]):
        assert header in response.headers
    if path.startswith("/v1/import/"):
        assert response.json()["accepted"] >= 1
        assert response.json()["rejected"] == 0


def test_two_applications_do_not_share_a_document() -> None:
    one, other = create_app(Service()), create_app(Service())
    assert one.openapi() is not other.openapi()
    assert one.openapi() == other.openapi()
