"""Puts the MCP server into the application: one guarded route, answered by the SDK's own application."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.types import ASGIApp, Message

from kbsearch.api.bodies import MOST_BYTES
from kbsearch.api.gate import GuardedRoute

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)

_PATH = "/mcp"


@router.post(_PATH)
async def answer(request: Request) -> Response:
    """One message of an assistant. It has no session: each carries its key, and any replica answers it."""
    return await _answered(request.app.state.mcp, request)


@asynccontextmanager
async def running(app: FastAPI, hosts: Sequence[str]) -> AsyncGenerator[None]:
    """Runs the MCP server as long as the application runs. A new one each time, as the SDK's can run once.

    Args:
        app: the application.
        hosts: values of ``Host`` that are answered; beside them this machine's own names.
    """
    # Not above: the SDK takes 0.7 s to import, which no command but ``serve`` should wait for.
    from mcp.server.transport_security import TransportSecuritySettings

    from kbsearch.api.mcp.tools import server

    own = ["127.0.0.1:*", "localhost:*", "[::1]:*", "127.0.0.1", "localhost", "[::1]"]
    mcp = server(lambda: app.state.service.knowledge())
    app.state.mcp = mcp.streamable_http_app(
        streamable_http_path=_PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=MOST_BYTES,
        transport_security=TransportSecuritySettings(allowed_hosts=[*own, *hosts], allowed_origins=[]),
    )
    async with mcp.session_manager.run():
        yield


async def _answered(app: ASGIApp, request: Request) -> Response:
    """What another application answers, whole. The body of the request has been read by the gate."""
    body = await request.body()
    started: Message = {}
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(dict(request.scope), receive, send)
    response = Response(b"".join(parts), started["status"])
    response.raw_headers = list(started["headers"])
    return response
