"""The application: routes, problems, limits."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi_offline import FastAPIOffline

import kbsearch
from kbsearch.api import problems
from kbsearch.api.access_log import AccessLog
from kbsearch.api.limits import BodyLimit
from kbsearch.api.metrics import Metrics
from kbsearch.api.responses import ProblemOut
from kbsearch.api.routes import answers, articles, imports, operation, proposals, tickets
from kbsearch.api.service import Service
from kbsearch.web import pages

_DESCRIPTION = """
The memory of an IT service desk: suggests the known fix for a ticket and takes every new fix back.

Errors are RFC 9457 problem details. Times are RFC 3339 in UTC. The header `KBSearch-Tenant` names the tenant.
"""


def create_app(service: Service) -> FastAPI:
    """The application over a service that may still be opening."""
    answers_of_all: dict[int | str, dict[str, Any]] = {
        status: {"description": text, "model": ProblemOut, "content": {problems.MEDIA_TYPE: {}}}
        for status, text in {
            400: "The request cannot be read.",
            403: "It may be seen, but not changed.",
            404: "Nothing of this id.",
            409: "Not in this state.",
            412: "It was changed since it was read.",
            413: "The body is too large.",
            422: "A value cannot be used; `errors` names it.",
            503: "Not now; try again after `Retry-After` seconds.",
        }.items()
    }
    app = FastAPIOffline(
        title="kbsearch",
        version=kbsearch.__version__,
        description=_DESCRIPTION,
        responses=answers_of_all,
        separate_input_output_schemas=False,
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.metrics = metrics = Metrics()
    problems.install(app)
    for module in (answers, tickets, articles, proposals, imports, operation):
        app.include_router(module.router)
    app.include_router(pages.router)
    app.mount("/static", pages.static_files())
    app.add_middleware(BodyLimit)
    app.add_middleware(AccessLog, metrics=metrics)
    app.openapi = lambda: _openapi(app)
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The document with problems under their own media type only."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        for path in schema["paths"].values():
            for operation in path.values():
                for status, answer in operation["responses"].items():
                    if status.startswith(("4", "5")):
                        answer["content"] = {
                            problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
                        }
        app.openapi_schema = schema
    return app.openapi_schema
