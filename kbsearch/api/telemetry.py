"""Traces for OpenTelemetry: a span for each request, with route, status and time, and no text.

FastAPI makes the spans. It would also send query strings, which hold what agents ask, and the messages of exceptions,
which may quote a ticket: neither leaves this process.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from fastapi.telemetry import TelemetryConfig

import kbsearch
from kbsearch.errors import InvalidInput

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""Nothing, whatever the environment says: FastAPI itself would listen to FASTAPI_OTEL_AUTO_CONFIGURE."""


def traced(provider: TracerProvider) -> TelemetryConfig:
    """Spans of requests into ``provider``; /metrics has the figures, the log the errors."""
    return {**NO_TELEMETRY, "tracing": True, "operation_spans": False, "tracer_provider": provider}


def otlp_provider() -> TracerProvider:
    """Sends spans to the collector that the OTEL_EXPORTER_OTLP_* variables name (http://localhost:4318 by default).

    Raises:
        InvalidInput: the packages for it are not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise InvalidInput(
            "", "KBSEARCH_TELEMETRY needs the packages opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http"
        ) from error
    name = os.environ.get("OTEL_SERVICE_NAME", "kbsearch")
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name, SERVICE_VERSION: kbsearch.__version__}))
    provider.add_span_processor(_without_queries())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _without_queries() -> SpanProcessor:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import Span, SpanProcessor

    class WithoutQueries(SpanProcessor):
        def on_start(self, span: Span, parent_context: Context | None = None) -> None:
            if span.attributes and "url.query" in span.attributes:
                span.set_attribute("url.query", "REDACTED")

    return WithoutQueries()
