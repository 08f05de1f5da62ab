"""Idempotency-Key: a POST that its caller sends again gets the first answer again, or 409 while the first is at work.

What is written is safe to write twice anyway (ids come from the caller or from the key), so a crash between
a change and the note of its answer does no harm.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel

from kbsearch.api.callers import Caller, CallerDep
from kbsearch.api.service import KnowledgeDep
from kbsearch.errors import AlreadyRunning, IdempotencyKeyReused, StillAtWork
from kbsearch.knowledge import KnowledgeBase
from kbsearch.store import idempotency
from kbsearch.store.idempotency import Answered, AnswerName
from kbsearch.store.port import Store

KEY_HEADER = "Idempotency-Key"

KeyHeader = Annotated[
    str | None,
    Header(
        alias=KEY_HEADER,
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text that this caller uses once; repeating the request with it gives the first answer again.",
    ),
]

Again = Callable[[str, int], BaseModel]
_REFERENCE = {"id", "revision"}


@contextmanager
def claimed(store: Store, caller: Caller, key: str) -> Generator[None]:
    """Hold a caller's key, in all processes of a store. Raises StillAtWork if another request holds it."""
    with ExitStack() as held:
        try:
            held.enter_context(store.alone(f"key\n{caller.tenant}\n{caller.agent}\n{key}"))
        except AlreadyRunning:
            raise StillAtWork from None
        yield


class KeptAnswers:
    """The answers that requests with a key were given, shared by all processes of a store.

    Args:
        store: where they are kept.
        kept: how long.
    """

    def __init__(self, store: Store, kept: timedelta) -> None:
        self._store, self._kept = store, kept

    def get(self, name: AnswerName) -> Answered | None:
        """What a request with this key was answered, as long as answers are kept."""
        with self._store.read() as tx:
            return idempotency.get(tx, name, self._store.clock() - self._kept)

    def put(self, name: AnswerName, answered: Answered) -> None:
        with self._store.write() as tx:
            idempotency.put(tx, name, answered, tx.now - self._kept)


def kept_answers(knowledge: KnowledgeBase) -> KeptAnswers:
    return KeptAnswers(knowledge.store, knowledge.kept.answers)


@dataclass(frozen=True, slots=True)
class Once:
    """Runs a change once for each key of a caller.

    The gate lets in one request with a key at a time. ``digest`` names the request.
    """

    answers: KeptAnswers
    caller: Caller
    key: str | None
    digest: bytes

    def new_id(self) -> str:
        """An id for something new: the same for the same caller, key and request."""
        if self.key is None:
            return uuid.uuid4().hex
        name = f"{self.caller.tenant}\n{self.caller.agent}\n{self.key}\n{self.digest.hex()}"
        return uuid.uuid5(uuid.NAMESPACE_OID, name).hex

    def run(self, change: Callable[[], BaseModel | None], status: int, again: Again | None = None) -> Response:
        """The answer of ``change``, or the one that the key got before.

        Args:
            change: makes the change.
            status: the answer's.
            again: makes the answer again from ``id`` and ``revision``, for answers with texts: these are not kept a
                second time, so that what is erased is not in an answer either.

        Raises:
            IdempotencyKeyReused: the key came with another request before.
        """
        if self.key is None:
            return self._response(status, change())
        name = AnswerName(self.caller.tenant, self.caller.agent, self.key)
        answered = self.answers.get(name)
        if answered is not None:
            if answered.request_digest != self.digest:
                raise IdempotencyKeyReused
            return self._given_again(answered, again)
        answer = change()
        kept = "" if answer is None else answer.model_dump_json(include=None if again is None else _REFERENCE)
        self.answers.put(name, Answered(self.digest, status, kept))
        return self._response(status, answer)

    def _given_again(self, answered: Answered, again: Again | None) -> Response:
        if again is None:
            return self._raw(answered.status, answered.body)
        kept = json.loads(answered.body)
        return self._response(answered.status, again(kept["id"], kept["revision"]))

    def _response(self, status: int, body: BaseModel | None) -> Response:
        return self._raw(status, "" if body is None else body.model_dump_json())

    def _raw(self, status: int, body: str) -> Response:
        return Response(body or None, status, media_type="application/json" if body else None)


async def _once(request: Request, knowledge: KnowledgeDep, caller: CallerDep, key: KeyHeader = None) -> Once:
    body = b"" if key is None else await request.body()
    digest = hashlib.sha256(b"\n".join([request.method.encode(), request.url.path.encode(), body])).digest()
    return Once(kept_answers(knowledge), caller, key, digest)


OnceDep = Annotated[Once, Depends(_once)]
