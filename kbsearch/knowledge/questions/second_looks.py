"""What today's knowledge would answer to tickets that were escalated or not answered, for the lead's figures.

The tickets are asked again in the background, each without what it wrote back itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from kbsearch.knowledge.indexing.index_generations import IndexGenerations
from kbsearch.knowledge.questions import suggesting
from kbsearch.model import DocumentKind, Scope, Source, TenantId, Ticket
from kbsearch.model.stages import Stages
from kbsearch.store import desk, second_looks, tenants, tickets
from kbsearch.store.port import Store
from kbsearch.store.second_looks import Look

_LOOKED_BACK = timedelta(days=120)
_LOOKED_AGAIN_AFTER = timedelta(hours=6)
_AT_ONCE = 20
_MOST = 100
"""In one round, of each tenant: a round a tenant and half a minute keeps a core busy for a second at most."""


class SecondLooks:
    """Asks tickets again. Part of the KnowledgeBase.

    Args:
        store: the truth.
        generations: gives the engine.
        is_closing: whether the process ends.
    """

    def __init__(self, store: Store, generations: IndexGenerations, is_closing: Callable[[], bool]) -> None:
        self._store, self._generations, self._is_closing = store, generations, is_closing

    def catch_up(self) -> None:
        """Ask some tickets of each tenant: those never asked again, and those last asked of older knowledge."""
        with self._store.read() as tx:
            known = tenants.all_tenants(tx)
        for tenant in known:
            done = 0
            while done < _MOST and not self._is_closing():
                some = self.look(tenant, _AT_ONCE)
                done += some
                if some < _AT_ONCE:
                    break

    def look(self, tenant: TenantId, most: int) -> int:
        """Ask at most so many of a tenant's tickets again. Returns how many it asked."""
        engine, scope, now = self._generations.for_reading(), Scope(tenant), self._store.clock()
        looks: list[Look] = []
        with self._store.read() as tx:
            revision = tenants.revision(tx, scope)
            ids = second_looks.due(tx, tenant, now - _LOOKED_BACK, now - _LOOKED_AGAIN_AFTER, revision, most)
            stored = tickets.many(tx, tenant, ids)
            asked = desk.subjects(tx, tenant, [id for id in ids if id not in stored])
            for id in ids:
                ticket = stored[id].ticket if id in stored else Ticket(asked.get(id, ""))
                itself = Source(tenant, DocumentKind.TICKET, id)
                answer = suggesting.suggest(tx, engine, scope, ticket, 1, now, Stages(), other_than=itself)
                first = answer.solutions[0].solution.ref if answer.solutions else None
                looks.append(Look(id, answer.verdict.status, answer.verdict.action, first, revision))
        if looks:
            with self._store.write() as tx:
                second_looks.put(tx, tenant, looks)
        return len(looks)
