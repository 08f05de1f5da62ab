"""Reindex jobs and health."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

import kbsearch
from kbsearch.api.gate import GuardedRoute
from kbsearch.api.idempotency import OnceDep
from kbsearch.api.metrics import MetricsDep
from kbsearch.api.requests.administration import ReindexIn
from kbsearch.api.responses.changes import JobOut, JobStartedOut
from kbsearch.api.responses.operation import HealthOut, ReadyOut, TaskOut
from kbsearch.api.service import KnowledgeDep, ServiceDep

router = APIRouter(tags=["operation"], route_class=GuardedRoute)


@router.post("/v1/reindex", status_code=202, response_model=JobStartedOut)
def start_reindex(knowledge: KnowledgeDep, once: OnceDep, body: ReindexIn | None = None) -> Response:
    """Rebuild the index.

    The new index is built beside the old one and then becomes current. Questions and write-backs continue meanwhile.
    """
    model = body.model if body else None
    return once.run(lambda: JobStartedOut(job_id=knowledge.reindexing.start(model)), 202)


@router.get("/v1/jobs/{job_id}")
def get_job(job_id: str, knowledge: KnowledgeDep) -> JobOut:
    """Get the progress of a job."""
    return JobOut.model_validate(knowledge.reindexing.get(job_id))


@router.delete("/v1/jobs/{job_id}", status_code=202)
def cancel_job(job_id: str, knowledge: KnowledgeDep) -> JobOut:
    """Cancel a job.

    It stops after its current batch. The old index stays current.
    """
    knowledge.reindexing.cancel(job_id)
    return JobOut.model_validate(knowledge.reindexing.get(job_id))


@router.get("/healthz")
def get_health() -> HealthOut:
    """Check that the process is alive."""
    return HealthOut(status="ok", version=kbsearch.__version__)


@router.get("/readyz")
def get_readiness(service: ServiceDep) -> ReadyOut:
    """Check that the server can answer questions.

    Otherwise 503 with the reason. `upkeep` lists background tasks that fail at the moment.
    """
    knowledge = service.knowledge()
    knowledge.check_ready()
    failing = [TaskOut.model_validate(one) for one in knowledge.upkeep.report() if one.failing_since]
    return ReadyOut(status="ready", model=knowledge.model_id, upkeep=failing)


@router.get("/metrics", response_class=PlainTextResponse)
def get_metrics(metrics: MetricsDep, knowledge: KnowledgeDep) -> Response:
    """Get metrics in the Prometheus text format.

    Durations, verdicts, the queue and the index.
    """
    metrics.measured(knowledge.vitals())
    metrics.kept_up(knowledge.upkeep.report())
    return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
