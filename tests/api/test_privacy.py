"""A submitted text is in no error and in no line of the log."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.calls import suggest, write_back

MARK = "Dimitrova-4711"
JSON = {"Content-Type": "application/json"}

BROKEN: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/v1/suggest", {"content": f'{{"ticket": {{"subject": "{MARK}"', "headers": JSON}),
    (
        "POST",
        "/v1/suggest",
        {"content": f'{{"ticket": {{"subject": "{MARK}"}}}}', "headers": {"Content-Type": "text/x"}},
    ),
    ("POST", "/v1/suggest", {"content": f"\xff{MARK}".encode("latin-1"), "headers": JSON}),
    ("POST", "/v1/suggest", {"json": MARK}),
    ("POST", "/v1/suggest", {"json": [MARK]}),
    ("POST", "/v1/suggest", {"json": {"ticket": MARK}}),
    ("POST", "/v1/suggest", {"json": {"ticket": {"subject": [MARK], "description": {"a": MARK}}}}),
    ("POST", "/v1/suggest", {"json": {"ticket": {"subject": MARK, "colour": MARK}}}),
    ("POST", "/v1/suggest", {"json": {"ticket": {"subject": MARK, MARK: 1}, f"the {MARK}": {"a": 1}}}),
    ("POST", "/v1/suggest", {"json": {"ticket": {"subject": MARK}, "limit": MARK}}),
    ("POST", "/v1/suggest", {"json": {"ticket": {"subject": MARK, "created_at": MARK, "language": MARK}}}),
    ("POST", "/v1/suggest", {"json": {"ticket": {"subject": MARK, "created_at": f"2026-11-23T09:30:00 {MARK}"}}}),
    ("POST", "/v1/suggest", {"json": {"ticket": {"subject": MARK}, "min_revision": 10**9}}),
    ("POST", "/v1/suggest", {"json": {"ticket": {"subject": MARK, "description": MARK * 80_000}}}),
    ("GET", "/v1/search", {"params": {"q": MARK, "kind": MARK, "language": MARK, "limit": MARK, "cursor": MARK}}),
    ("GET", "/v1/search", {"params": {"q": MARK, "min_revision": 10**9}}),
    ("GET", "/v1/search", {"params": {"q": MARK * 500}}),
    ("PUT", "/v1/tickets/1/resolution", {"json": {"ticket": {"subject": MARK, "id": MARK}, "resolution": MARK}}),
    ("PUT", "/v1/tickets/1/resolution", {"json": {"ticket": {"subject": MARK}, "resolution": MARK, "level": MARK}}),
    (
        "PUT",
        "/v1/tickets/1/resolution",
        {"json": {"ticket": {"subject": MARK}, "resolution": MARK, "solution_id": MARK}},
    ),
    ("PUT", "/v1/tickets/1/resolution", {"json": {"ticket": {"subject": MARK}, "resolution": MARK, "cause": [MARK]}}),
    ("POST", "/v1/suggestions/x/feedback", {"json": {"solution_id": MARK, "outcome": "wrong", "comment": MARK}}),
    ("POST", "/v1/suggestions/x/feedback", {"json": {"solution_id": MARK, "outcome": MARK, "comment": MARK}}),
    ("POST", "/v1/articles", {"json": {"title": MARK, "state": MARK, "tags": MARK, "issue": [MARK, [MARK]]}}),
    ("PATCH", "/v1/articles/a", {"json": {"title": MARK, "resolution": "", "state": "validated"}}),
    ("PATCH", "/v1/articles/a", {"json": {"title": [MARK]}}),
    ("POST", "/v1/articles/none/flags", {"json": {"reason": MARK, "comment": MARK}}),
    ("POST", "/v1/articles", {"json": {"title": "a", "resolution": MARK}, "headers": {"Idempotency-Key": "used"}}),
    ("GET", "/v1/articles", {"params": {"cursor": MARK, "state": MARK}}),
    ("POST", "/v1/reindex", {"json": {"model": [MARK]}}),
    ("POST", "/v1/suggest", {"json": {"ticket": {"subject": MARK}}, "headers": {"KBSearch-Tenant": MARK}}),
]


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """What the server logged; the test's own HTTP client logs addresses too."""
    lines = [
        caplog.handler.format(record) for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    ]
    return "\n".join(lines)


@pytest.mark.parametrize(("method", "path", "request_parts"), BROKEN)
def test_text_is_not_repeated_in_an_error(
    client: TestClient, caplog: pytest.LogCaptureFixture, method: str, path: str, request_parts: dict[str, Any]
) -> None:
    client.put("/v1/articles/a", json={"title": "a", "resolution": "b"})
    client.post("/v1/articles", json={"title": "a", "resolution": "b"}, headers={"Idempotency-Key": "used"})
    with caplog.at_level(logging.DEBUG):
        response = client.request(method, path, **request_parts)
    assert 400 <= response.status_code < 500 or response.status_code == 503
    assert MARK not in response.text
    assert f" {path} {response.status_code} " in logged(caplog)
    assert MARK not in logged(caplog)


def test_text_is_not_logged_when_all_goes_well(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        write_back(client, "RT-1", MARK, f"Told {MARK} to restart the laptop.", cause=MARK)
        suggest(client, MARK, description=MARK)
        client.get("/v1/search", params={"q": MARK})
        lines = [{"ticket": {"id": "RT-2", "subject": MARK}, "resolution": f"{MARK} had no cable."}, {"subject": MARK}]
        client.post("/v1/import/tickets", content="\n".join(map(json.dumps, lines)))
        client.delete("/v1/tickets/RT-1")
    assert "PUT /v1/tickets/RT-1/resolution 201" in logged(caplog)
    assert "GET /v1/search 200" in logged(caplog)
    assert MARK not in logged(caplog)


def test_line_breaks_in_an_address_forge_no_log_line(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client.get("/v1/articles/x%0AGET /forged 200%0D%0A%1B[31m%E2%80%A8y")
    [line] = [record.getMessage() for record in caplog.records if record.name == "kbsearch.access"]
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
