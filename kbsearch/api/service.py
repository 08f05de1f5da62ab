"""The knowledge base as routes get it: opened while the server already answers ``/healthz``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from kbsearch.errors import NotReady
from kbsearch.knowledge import KnowledgeBase


class Service:
    """Holds the knowledge base once it is open. ``waiting_for`` says what start-up is doing until then."""

    def __init__(self, knowledge: KnowledgeBase | None = None) -> None:
        self._knowledge = knowledge
        self.waiting_for = "starting"

    def open(self, knowledge: KnowledgeBase) -> None:
        self._knowledge = knowledge

    def knowledge(self) -> KnowledgeBase:
        """Raises NotReady until it is open."""
        if self._knowledge is None:
            raise NotReady(f"not ready yet: {self.waiting_for}", retry_after_s=5)
        return self._knowledge


# Both are ``async`` though they wait for nothing: FastAPI sends what is not to another thread and back.
async def _service(request: Request) -> Service:
    return request.app.state.service


async def _knowledge(request: Request) -> KnowledgeBase:
    return request.app.state.service.knowledge()


ServiceDep = Annotated[Service, Depends(_service)]
KnowledgeDep = Annotated[KnowledgeBase, Depends(_knowledge)]
