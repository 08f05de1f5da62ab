"""Traces reach a collector over OTLP, and hold no text."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from fastapi import FastAPI
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.testclient import TestClient

from api.calls import write_back
from api.conftest import calling
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.api.telemetry import otlp_provider, traced
from kbsearch.cli.options import settings
from kbsearch.errors import InvalidInput
from kbsearch.knowledge import KnowledgeBase

MARK = "Dimitrova-4711"


@contextmanager
def collecting() -> Iterator[tuple[str, list[bytes]]]:
    """A collector: its address, and the bodies that were sent to it."""
    bodies: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def spans(bodies: list[bytes]) -> list[dict[str, Any]]:
    """Name and attributes of each."""
    found: list[dict[str, Any]] = []
    for body in bodies:
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            service = {one.key: one.value.string_value for one in resource.resource.attributes}["service.name"]
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                values = {
                    one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value")
                    for one in span.attributes
                }
                found.append({"service": service, "name": span.name, "trace": span.trace_id.hex(), **values})
    return found


def failing(client: TestClient) -> None:
    app = client.app
    assert isinstance(app, FastAPI)

    @app.get("/breaks")
    def breaks() -> None:
        raise RuntimeError(MARK)

    assert client.get("/breaks").status_code == 500


def test_each_request_is_a_span_without_its_text(knowledge: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as (address, bodies):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        provider = otlp_provider()
        with calling(create_app(Service(knowledge), telemetry=traced(provider))) as client:
            write_back(client, "t-1", MARK, f"{MARK} was renewed on the server in the second room")
            of = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
            client.get("/v1/search", params={"q": MARK}, headers=of)
            client.get("/v1/search", params={"q": MARK, "limit": MARK})
            failing(client)
        provider.shutdown()
    assert MARK.encode() not in b"".join(bodies)
    told = spans(bodies)
    assert [(one["name"], one["http.response.status_code"]) for one in told] == [
        ("PUT /v1/tickets/{ticket_id}/resolution", 201),
        ("GET /v1/search", 200),
        ("GET /v1/search", 422),
        ("GET /breaks", 500),
    ]
    assert {one["service"] for one in told} == {"kbsearch"}
    assert told[1]["trace"] == "a" * 32  # goes on with the caller's trace
    assert told[1]["url.query"] == "REDACTED"


def test_nothing_is_sent_unless_it_is_asked_for(knowledge: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as (address, bodies):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
        with calling(create_app(Service(knowledge))) as client:
            client.get("/v1/search", params={"q": MARK})
            failing(client)
    assert bodies == []


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.trace.export", None)
    with pytest.raises(InvalidInput, match="opentelemetry-sdk"):
        otlp_provider()


def test_is_off_by_default() -> None:
    assert settings().telemetry is False
