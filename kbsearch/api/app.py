"""The application: routes, problems, limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from fastapi_offline import FastAPIOffline

import kbsearch
from kbsearch.api import problems, security_headers
from kbsearch.api.access_log import REQUEST_ID, AccessLog, RawHeaders
from kbsearch.api.callers import TENANT_HEADER
from kbsearch.api.description import described
from kbsearch.api.gate import Gate, GateRules, check_guarded
from kbsearch.api.head import HeadAsGet
from kbsearch.api.hooks import Hooks
from kbsearch.api.mcp import mount as mcp
from kbsearch.api.metrics import Metrics
from kbsearch.api.responses.operation import ProblemOut
from kbsearch.api.routes import (
    answers,
    articles,
    audit,
    curation,
    desk,
    flags,
    imports,
    operation,
    panel_sessions,
    proposals,
    redaction,
    tickets,
    words,
)
from kbsearch.api.routes import hooks as hook_routes
from kbsearch.api.service import Service
from kbsearch.api.telemetry import NO_TELEMETRY
from kbsearch.knowledge.trimming import trim
from kbsearch.knowledge.upkeep import Task
from kbsearch.store.retention import AUDIT

_DESCRIPTION = """
Knowledge search for IT service desks: suggests known fixes for a ticket and stores new ones.

Send `Authorization: Bearer KEY`. If the key covers several tenants, name one with the header `KBSearch-Tenant`. Errors
are RFC 9457 problem details; `type` identifies the kind (docs/reference/problems.md lists them). Times are RFC 3339 in
UTC. HEAD works wherever GET does. `revision` grows with each change of the tenant's knowledge; a read with
`min_revision` sees at least that state.
"""

_UPKEEP_EVERY_S = 60.0

# Paths of single articles match any text: they come last among the routes of articles.
_ROUTES = (
    answers,
    panel_sessions,
    tickets,
    curation,
    flags,
    articles,
    proposals,
    desk,
    imports,
    audit,
    words,
    redaction,
    operation,
)


def _raw(headers: Mapping[str, str]) -> RawHeaders:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


_RAW_HEADERS = _raw(security_headers.API)
_RAW_HEADERS_OF = {
    **dict.fromkeys(("/docs", "/redoc"), _raw(security_headers.API_PAGES)),
    "/panel": _raw(security_headers.FRAMED),
}


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "model": ProblemOut, "content": {problems.MEDIA_TYPE: {}}}
    for status, text in {
        400: "The request cannot be read.",
        401: "The credential is missing or invalid.",
        403: "The caller may read this but not change it, or its role does not allow the request.",
        404: "Nothing with this id is visible to the caller.",
        409: "The present state does not allow this.",
        408: "The body arrived too slowly.",
        412: "The resource changed since it was read.",
        413: "The body is too large.",
        415: "The `Content-Type` or `Content-Encoding` is not supported.",
        422: "A value is invalid; `errors` names it.",
        429: "The caller exceeds its rate limit; try again after `Retry-After` seconds.",
        503: "The server cannot answer now; try again after `Retry-After` seconds.",
    }.items()
}
"""Answers that every route may give."""


def create_app(
    service: Service,
    rules: GateRules | None = None,
    cors_origins: Sequence[str] = (),
    audit_kept: timedelta | None = None,
    telemetry: TelemetryConfig = NO_TELEMETRY,
    mcp_hosts: Sequence[str] = (),
    hooks: Hooks | None = None,
) -> FastAPI:
    """The application over a service that may still be opening.

    Args:
        service: holds the knowledge base.
        rules: the limits, and whether a server without keys admits callers.
        cors_origins: other origins whose pages may call the API.
        audit_kept: how long entries of the audit log are kept. None: forever.
        telemetry: where traces go.
        hooks: take the messages of ticket systems in; None knows none.
        mcp_hosts: names of this server that MCP clients may use, beside those of its own machine.
    """
    app = FastAPIOffline(
        title="kbsearch",
        version=kbsearch.__version__,
        description=_DESCRIPTION,
        responses=_PROBLEMS,
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
        lifespan=_lifespan(audit_kept, mcp_hosts),
        telemetry=telemetry,
    )
    app.state.service = service
    app.state.hooks = hooks or Hooks({})
    app.state.gate = gate = Gate(rules or GateRules())
    app.state.metrics = metrics = Metrics(gate.lanes)
    problems.install(app)
    for module in _ROUTES:
        app.include_router(module.router)
    app.include_router(hook_routes.router)
    app.include_router(mcp.router)
    check_guarded(app)
    if cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(cors_origins),
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-Match",
                "If-None-Match",
                TENANT_HEADER,
            ],
            expose_headers=["ETag", "Location", "Retry-After", REQUEST_ID],
        )
    app.add_middleware(HeadAsGet)
    app.add_middleware(AccessLog, metrics=metrics, headers=_headers)
    app.openapi = lambda: described(app)
    return app


def _operation_id(route: APIRoute) -> str:
    """The name of the method in generated clients: the name of the function."""
    return route.name


def _headers(path: str) -> RawHeaders:
    return _RAW_HEADERS_OF.get(path, _RAW_HEADERS)


def _lifespan(
    audit_kept: timedelta | None, mcp_hosts: Sequence[str]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Stores when keys were used and removes old audit entries, once a minute and at the end."""

    def keep_up(service: Service) -> None:
        if service.is_open:
            upkeep = service.knowledge().upkeep
            upkeep.attempt(Task("note the use of keys", service.keys().write_uses))
            if audit_kept is not None:
                upkeep.attempt(Task("trim the audit log", partial(trim, service.knowledge().store, AUDIT, audit_kept)))

    async def keep_up_now(app: FastAPI) -> None:
        await run_in_threadpool(keep_up, app.state.service)

    async def keep_up_always(app: FastAPI) -> None:
        while True:
            await asyncio.sleep(_UPKEEP_EVERY_S)
            await keep_up_now(app)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        task = asyncio.create_task(keep_up_always(app))
        async with mcp.running(app, mcp_hosts):
            yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await keep_up_now(app)

    return lifespan
