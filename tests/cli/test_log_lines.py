"""Log lines: no text of a ticket, not even in an error's own words; one JSON object a line where that is wanted."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator

import httpx
import pytest
from api.calls import put_article
from api.conftest import serving
from fastapi import FastAPI
from starlette.testclient import TestClient

from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.cli.log_lines import DiscreetFormatter, JsonLines
from kbsearch.cli.output import log_to_stderr
from kbsearch.knowledge import KnowledgeBase
from kbsearch.store.acting import acting

MARK = "Zanzibarian"


def raised() -> logging.LogRecord:
    try:
        try:
            int(MARK)
        except ValueError as error:
            raise LookupError(f"{MARK} again") from error
    except LookupError:
        return logging.LogRecord("kbsearch.x", logging.ERROR, __file__, 1, "it %s", ("failed",), sys.exc_info())


def test_an_error_s_own_words_are_left_out() -> None:
    line = DiscreetFormatter("%(levelname)s %(message)s").format(raised())
    assert line.startswith("ERROR it failed")
    assert "ValueError" in line
    assert "LookupError" in line
    assert "test_log_lines.py" in line
    assert MARK not in line


def test_json_lines_hold_an_object_each() -> None:
    record = raised()
    with acting("key:a", "request-1"):
        line = JsonLines().format(record)
    assert len(line.splitlines()) == 1
    read = json.loads(line)
    assert (read["level"], read["logger"], read["message"]) == ("ERROR", "kbsearch.x", "it failed")
    assert read["request_id"] == "request-1"
    assert "LookupError" in read["traceback"]
    assert MARK not in line


@pytest.fixture
def app(knowledge: KnowledgeBase) -> FastAPI:
    return create_app(Service(knowledge))


@pytest.fixture
def quiet() -> Iterator[None]:
    before = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers, level = before[0], before[1]
    logging.root.setLevel(level)


@pytest.mark.usefixtures("quiet")
def test_requests_are_logged_with_their_facts(app: FastAPI, capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr(logging.INFO, "json")
    with TestClient(app, base_url="http://127.0.0.1") as client:
        put_article(client, "fax", MARK, f"{MARK}.")
        client.get("/v1/search", params={"q": MARK}, headers={"X-Request-ID": "trace-1"})
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    [found] = [line for line in lines if line.get("path") == "/v1/search"]
    assert (found["method"], found["status"], found["actor"], found["request_id"]) == ("GET", 200, "admin", "trace-1")
    assert found["took_ms"] > 0
    assert MARK not in json.dumps(lines)


@pytest.mark.usefixtures("quiet")
def test_a_bug_is_logged_without_its_words_and_reported_without_its_place(
    app: FastAPI,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"cannot rank {MARK}")

    monkeypatch.setattr(app.state.service.knowledge(), "search", broken)
    log_to_stderr(logging.INFO)
    with serving(app) as address:
        answer = httpx.get(f"{address}/v1/search", params={"q": "fax"})
    assert (answer.status_code, answer.json()["detail"]) == (500, "an internal error; it was logged")
    assert answer.headers["x-content-type-options"] == "nosniff"
    written = capsys.readouterr().err
    assert "RuntimeError" in written
    assert "test_log_lines.py" in written
    assert MARK not in written


@pytest.mark.parametrize("name", ["a\nforged line", "a\r\nb", "\x1b[2J", "\x9b2J", "\u2028", "\u202etxt.exe", "\x7f"])
def test_no_name_in_a_message_makes_a_line_or_moves_the_cursor(name):
    record = logging.LogRecord("kbsearch", logging.WARNING, "", 0, "the folder %s of %s", (name, "acme"), None)
    for formatter in (DiscreetFormatter("%(levelname)s %(message)s"), JsonLines()):
        written = formatter.format(record)
        assert written.isprintable()
        assert written.count("acme") == 1
    assert json.loads(JsonLines().format(record))["message"] == f"the folder {name} of acme"
