"""The OpenAPI document: FastAPI's description of the routes, with roles, headers, problems and examples."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from kbsearch.api.access import ACCESS
from kbsearch.api.access_log import REQUEST_ID
from kbsearch.api.callers import TENANT_HEADER
from kbsearch.api.examples import EXAMPLES
from kbsearch.api.problems import MEDIA_TYPE

_JSON = "application/json"
_ARTICLES = ("ArticleOut", "WrittenArticleOut")

_TENANT_PARAMETER = {
    "name": TENANT_HEADER,
    "in": "header",
    "required": False,
    "description": "The tenant to act for; required if the key covers several.",
    "schema": {"type": "string"},
}

_HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    REQUEST_ID: ("Identifies the request in the server's log and the audit log.", {"type": "string"}),
    "ETag": ("Identifies the version, for `If-Match` and `If-None-Match`.", {"type": "string"}),
    "Location": ("The address of the article.", {"type": "string", "format": "uri-reference"}),
    "Retry-After": ("Seconds to wait before trying again.", {"type": "integer", "minimum": 0}),
    "WWW-Authenticate": ("How to authenticate (RFC 6750).", {"type": "string"}),
}


def described(app: FastAPI) -> dict[str, Any]:
    """The document of an application, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        components = schema["components"]
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        components["headers"] = {
            name: {"description": description, "schema": kind} for name, (description, kind) in _HEADERS.items()
        }
        rules = {(method, re.sub(r":path}", "}", path)): rule for (method, path), rule in ACCESS.items()}
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                _describe(operation)
                if rule := rules.get((method.upper(), path)):
                    operation["security"] = [{"key": []}]
                    operation["x-roles"] = sorted(rule.roles)
                    operation.setdefault("parameters", []).append(_TENANT_PARAMETER)
        app.openapi_schema = schema
    return app.openapi_schema


def _describe(operation: dict[str, Any]) -> None:
    """The first paragraph of a route's docstring is its summary, the rest its description."""
    summary, _, rest = operation.pop("description").partition("\n\n")
    operation["summary"] = " ".join(summary.split()).rstrip(".")
    if rest:
        operation["description"] = rest
    for status, answer in operation["responses"].items():
        if status.startswith(("4", "5")):
            answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
        name = _schema_name(answer)
        if name in EXAMPLES:
            answer["content"][_JSON]["example"] = EXAMPLES[name]
        answer["headers"] = {
            header: {"$ref": f"#/components/headers/{header}"} for header in (REQUEST_ID, *_headers(status, name))
        }


def _headers(status: str, schema: str) -> list[str]:
    by_status = {"201": ["Location"], "304": ["ETag"], "307": ["Location"], "401": ["WWW-Authenticate"]}
    if status in ("429", "503"):
        return ["Retry-After"]
    if status.startswith("2"):
        return ["ETag", *by_status.get(status, [])] if schema in _ARTICLES else []
    return by_status.get(status, [])


def _schema_name(answer: dict[str, Any]) -> str:
    return answer.get("content", {}).get(_JSON, {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
