"""Webhooks of ticket systems: verified by the sender's own signature, not by a key."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from kbsearch.api.gate import Gate
from kbsearch.api.hooks import Hooks
from kbsearch.api.responses.operation import HookOut
from kbsearch.api.service import KnowledgeDep

router = APIRouter(prefix="/v1/hooks", tags=["hooks"])


@router.post("/{source}", status_code=202)
async def receive_hook(source: str, request: Request, knowledge: KnowledgeDep) -> HookOut:
    """Receive a message of a ticket system.

    It must be signed as the connector's file says. It is stored, and worked off in the background. A delivery that
    comes again is accepted and not stored again.
    """
    gate: Gate = request.app.state.gate
    hooks: Hooks = request.app.state.hooks
    headers = {name.lower(): value for name, value in request.headers.items()}
    async with gate.hook(request, source) as body:
        connector = await gate.verified(request, lambda: hooks.verified(source, knowledge, headers, body))
        is_new = await run_in_threadpool(hooks.take_in, connector, knowledge, headers, body)
    return HookOut(accepted=True, duplicate=not is_new)
