"""Metrics in the Prometheus text format. Counts and times only: no tenant, no id, no text is a label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from kbsearch.api.lanes import Lane
from kbsearch.knowledge.upkeep import TaskReport
from kbsearch.model import Verdict, Vitals
from kbsearch.model.stages import Stages

_LEARNT = ("kept", "shipped", "undone")
_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """The metrics of one application; they start at 0."""

    def __init__(self, lanes: Mapping[str, Lane]) -> None:
        self._registry = CollectorRegistry()
        self._stages = Histogram(
            "kbsearch_stage_seconds",
            "Duration of each stage of an answer.",
            ("answer", "stage"),
            registry=self._registry,
            buckets=_BUCKETS_S,
        )
        self._requests = Histogram(
            "kbsearch_request_seconds",
            "Duration of requests, by route, method and status.",
            ("route", "method", "status"),
            registry=self._registry,
            buckets=(*_BUCKETS_S, 5.0, 10.0, 30.0),
        )
        self._verdicts = Counter(
            "kbsearch_verdicts", "Suggestions, by verdict and action.", ("status", "action"), registry=self._registry
        )
        self._documents = self._gauge("kbsearch_index_documents", "Documents in the index.")
        self._passages = self._gauge("kbsearch_index_passages", "Passages in the index.")
        self._behind = self._gauge("kbsearch_index_changes_behind", "Stored changes that the index does not have yet.")
        self._erasures = self._gauge("kbsearch_erasures_pending", "Erasures that have not left all files yet.")
        self._upkeep_failures = Gauge(
            "kbsearch_upkeep_failures",
            "Failed runs of each background task since the start.",
            ("task",),
            registry=self._registry,
        )
        self._upkeep_failing = Gauge(
            "kbsearch_upkeep_failing",
            "1 if the last run of a background task failed.",
            ("task",),
            registry=self._registry,
        )
        self._learnt = Gauge(
            "kbsearch_learnt",
            "Tenants, by the outcome of learning their ranking.",
            ("outcome",),
            registry=self._registry,
        )
        running = Gauge("kbsearch_running", "Requests that run, by lane.", ("lane",), registry=self._registry)
        waiting = Gauge(
            "kbsearch_waiting", "Requests that wait for a place, by lane.", ("lane",), registry=self._registry
        )
        for name, lane in lanes.items():
            running.labels(name).set_function(lambda lane=lane: lane.running)
            waiting.labels(name).set_function(lambda lane=lane: lane.waiting)

    def answered(self, answer: str, stages: Stages) -> None:
        """Count an answer (``suggest`` or ``search``) with its stages."""
        for stage, took_ms in stages.milliseconds.items():
            self._stages.labels(answer, stage).observe(took_ms / 1000)

    def judged(self, verdict: Verdict) -> None:
        """Count a verdict."""
        self._verdicts.labels(verdict.status, verdict.action).inc()

    def measured(self, vitals: Vitals) -> None:
        """Set the metrics of the index."""
        self._documents.set(vitals.documents)
        self._passages.set(vitals.passages)
        self._behind.set(vitals.changes_behind)
        self._erasures.set(vitals.erasures_pending)
        for outcome in _LEARNT:
            self._learnt.labels(outcome).set(vitals.learnt.get(outcome, 0))

    def kept_up(self, reports: Sequence[TaskReport]) -> None:
        """Set the metrics of the background tasks."""
        for one in reports:
            self._upkeep_failures.labels(one.name).set(one.failures)
            self._upkeep_failing.labels(one.name).set(one.failing_since is not None)

    def requested(self, route: str, method: str, status: int, took_s: float) -> None:
        """Count a request. ``route`` is the path's template, never the path itself: ids are a client's."""
        self._requests.labels(route, method, str(status)).observe(took_s)

    def text(self) -> bytes:
        """The Prometheus text format."""
        return generate_latest(self._registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self._registry)


async def _metrics(request: Request) -> Metrics:
    return request.app.state.metrics


MetricsDep = Annotated[Metrics, Depends(_metrics)]
