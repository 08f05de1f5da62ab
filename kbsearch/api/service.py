"""The knowledge base for the routes. It opens while the server already answers ``/healthz``."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from kbsearch.access.audit import AuditLog
from kbsearch.access.keys import Keys
from kbsearch.access.sessions import Sessions
from kbsearch.errors import NotReady
from kbsearch.knowledge import KnowledgeBase


class Service:
    """Holds the knowledge base and the keys once the data folder is open.

    ``waiting_for`` says what start-up is doing until then. Once ``stopping`` is set the server ends: long
    work stops at a good place.
    """

    def __init__(self, knowledge: KnowledgeBase | None = None) -> None:
        self._opened: _Opened | None = None
        self.waiting_for = "starting"
        self.stopping = threading.Event()
        if knowledge is not None:
            self.open(knowledge)

    def open(self, knowledge: KnowledgeBase) -> None:
        keys = Keys(knowledge.store)
        self._opened = _Opened(knowledge, keys, Sessions(knowledge.store, keys), AuditLog(knowledge.store))

    @property
    def is_open(self) -> bool:
        return self._opened is not None

    def knowledge(self) -> KnowledgeBase:
        """Raises NotReady until it is open, as keys and audit do."""
        return self._get().knowledge

    def keys(self) -> Keys:
        return self._get().keys

    def sessions(self) -> Sessions:
        return self._get().sessions

    def audit(self) -> AuditLog:
        return self._get().audit

    def _get(self) -> _Opened:
        if self._opened is None:
            raise NotReady(f"not ready yet: {self.waiting_for}", retry_after_s=5)
        return self._opened


@dataclass(frozen=True, slots=True)
class _Opened:
    knowledge: KnowledgeBase
    keys: Keys
    sessions: Sessions
    audit: AuditLog


# Both are ``async`` though they wait for nothing: FastAPI sends what is not to another thread and back.
async def _service(request: Request) -> Service:
    return request.app.state.service


async def _audit(request: Request) -> AuditLog:
    return request.app.state.service.audit()


async def _knowledge(request: Request) -> KnowledgeBase:
    return request.app.state.service.knowledge()


ServiceDep = Annotated[Service, Depends(_service)]
KnowledgeDep = Annotated[KnowledgeBase, Depends(_knowledge)]
AuditDep = Annotated[AuditLog, Depends(_audit)]
