"""Idempotency-Key: a POST that is sent again gets the first answer again.

What is written is safe to write twice anyway (ids come from the caller or from the key), so a crash between
a change and the note of its answer does no harm.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel

from kbsearch.api.callers import CallerDep
from kbsearch.api.service import KnowledgeDep
from kbsearch.errors import IdempotencyKeyReused
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import TenantId

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Any unique text; repeating the request with it gives the first answer again.",
    ),
]

_STRIPES = tuple(threading.Lock() for _ in range(64))


@dataclass(frozen=True, slots=True)
class Once:
    """Runs a change once for each key."""

    knowledge: KnowledgeBase
    tenant: TenantId
    key: str | None
    digest: bytes

    def new_id(self) -> str:
        """An id for something new: the same for the same key."""
        if self.key is None:
            return uuid.uuid4().hex
        return uuid.uuid5(uuid.NAMESPACE_OID, f"{self.tenant}\n{self.key}").hex

    def run(self, change: Callable[[], BaseModel | None], status: int) -> Response:
        """The answer of ``change``, or the one that the key got before.

        Raises:
            IdempotencyKeyReused: the key came with another request before.
        """
        if self.key is None:
            return self._response(status, change())
        with _STRIPES[hash((self.tenant, self.key)) % len(_STRIPES)]:
            answered = self.knowledge.answered(self.tenant, self.key)
            if answered is not None:
                if answered.request_digest != self.digest:
                    raise IdempotencyKeyReused
                return self._raw(answered.status, answered.body)
            response = self._response(status, change())
            self.knowledge.note_answer(self.tenant, self.key, self.digest, status, bytes(response.body).decode())
            return response

    def _response(self, status: int, body: BaseModel | None) -> Response:
        return self._raw(status, "" if body is None else body.model_dump_json())

    def _raw(self, status: int, body: str) -> Response:
        return Response(body or None, status, media_type="application/json" if body else None)


async def _once(request: Request, knowledge: KnowledgeDep, caller: CallerDep, key: KeyHeader = None) -> Once:
    body = b"" if key is None else await request.body()
    digest = hashlib.sha256(b"\n".join([request.method.encode(), request.url.path.encode(), body])).digest()
    return Once(knowledge, caller.tenant, key, digest)


OnceDep = Annotated[Once, Depends(_once)]
