"""Bounded work: a number of requests run, a number wait for a short time, the rest are refused.

Places are shared. A caller and a tenant use at most their share of them. Waiting requests take turns:
first by tenant, then by caller of the tenant (fair queueing, Nagle 1985). A full queue rejects the newest request of
the caller with most of them, for a caller that has fewer (longest queue drop, Suter et al. 1999).
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from kbsearch.errors import NotReady, Overloaded, TooManyRequests

_MOST_REMEMBERED = 10_000  # tenants and callers whose last turn is known


@dataclass(frozen=True, slots=True)
class Party:
    """Who takes a place: by which credential, for which tenant."""

    caller: str
    tenant: str


@dataclass(frozen=True, slots=True)
class Shares:
    """The largest part of all places that one caller and one tenant may hold, each above 0 and at most 1."""

    caller: float = 1.0
    tenant: float = 1.0


ALL = Shares()
FAIR = Shares(caller=0.25, tenant=0.5)


@dataclass(eq=False, slots=True)
class _Waiter:
    party: Party | None
    number: int
    turn: asyncio.Future[None]
    granted: bool = field(default=False)


class Lane:
    """Lets ``most_running`` through at once and ``most_waiting`` more wait for ``patience_s`` at most.

    Of the running ones each caller and each tenant has its part of ``shares`` at most, one place at least. Who comes
    as None, because callers cannot be told apart, has no share. One event loop uses it at a time.
    """

    def __init__(self, most_running: int, most_waiting: int, patience_s: float, shares: Shares = ALL) -> None:
        self._most_running = most_running
        self._most_waiting = most_waiting
        self._patience_s = patience_s
        self._most_of_caller = max(1, int(most_running * shares.caller))
        self._most_of_tenant = max(1, int(most_running * shares.tenant))
        self._waiters: list[_Waiter] = []
        self._callers: Counter[str] = Counter()
        self._tenants: Counter[str] = Counter()
        self._turns = _Turns()
        self._arrivals = 0
        self.running = 0

    @property
    def waiting(self) -> int:
        return len(self._waiters)

    async def take(self, party: Party | None = None) -> None:
        """Wait for a place, to be given back with ``leave``.

        Raises:
            Overloaded: no place came free in time, or too many wait already.
            TooManyRequests: there is a place, but not for this caller or tenant, which has its share.
        """
        if self._may_run(party):
            self._run(party)
            return
        if self.waiting >= self._most_waiting:
            self._make_room(party)
        self._arrivals += 1
        waiter = _Waiter(party, self._arrivals, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(self._patience_s):
                await waiter.turn
        except TimeoutError:
            self._give_up(waiter)
            raise self._refusal(party, max(1, round(self._patience_s))) from None
        except BaseException:
            self._give_up(waiter)
            raise

    def leave(self, party: Party | None = None) -> None:
        """Release a place to the request whose turn it is."""
        self.running -= 1
        if party is not None:
            _subtract(self._callers, party.caller)
            _subtract(self._tenants, party.tenant)
        while self.running < self._most_running and (waiter := self._next()) is not None:
            self._waiters.remove(waiter)
            self._run(waiter.party)
            waiter.granted = True
            waiter.turn.set_result(None)

    @asynccontextmanager
    async def place(self, party: Party | None = None) -> AsyncGenerator[None]:
        """Hold a place inside the block. Raises as ``take`` does."""
        await self.take(party)
        try:
            yield
        finally:
            self.leave(party)

    def _may_run(self, party: Party | None) -> bool:
        return self.running < self._most_running and self._has_share_left(party)

    def _has_share_left(self, party: Party | None) -> bool:
        return party is None or (
            self._callers[party.caller] < self._most_of_caller and self._tenants[party.tenant] < self._most_of_tenant
        )

    def _run(self, party: Party | None) -> None:
        self.running += 1
        self._turns.note(party)
        if party is not None:
            self._callers[party.caller] += 1
            self._tenants[party.tenant] += 1

    def _next(self) -> _Waiter | None:
        """Whose turn it is: of the tenant served longest ago, its caller served longest ago, who came first."""
        able = [one for one in self._waiters if not one.turn.done() and self._has_share_left(one.party)]
        return min(able, key=lambda one: (*self._turns.last(one.party), one.number), default=None)

    def _make_room(self, party: Party | None) -> None:
        """Send away the newest of whoever has most waiting. Raises as ``take`` where nobody has more than this one."""
        waiting = [one.party for one in self._waiters if one.party is not None]
        if party is None or not waiting:
            raise self._refusal(party, 1)
        callers, tenants = Counter(one.caller for one in waiting), Counter(one.tenant for one in waiting)
        caller, most_of_caller = callers.most_common(1)[0]
        tenant, most_of_tenant = tenants.most_common(1)[0]
        if most_of_caller > callers[party.caller] + 1:
            crowd = [one for one in self._waiters if one.party is not None and one.party.caller == caller]
        elif most_of_tenant > tenants[party.tenant] + 1:
            crowd = [one for one in self._waiters if one.party is not None and one.party.tenant == tenant]
        else:
            raise self._refusal(party, 1)
        crowd[-1].turn.set_exception(Overloaded())
        self._waiters.remove(crowd[-1])

    def _refusal(self, party: Party | None, retry_after_s: int) -> NotReady | TooManyRequests:
        if self.running < self._most_running and not self._has_share_left(party):
            return TooManyRequests("this caller or its tenant has as much at work as its share allows", retry_after_s)
        return Overloaded(retry_after_s)

    def _give_up(self, waiter: _Waiter) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
        elif waiter.granted:  # its turn came just as it went away
            self.leave(waiter.party)


class _Turns:
    """When each tenant, and each caller for a tenant, last had its turn, counted in turns. Memory is bounded."""

    def __init__(self) -> None:
        self._turns: OrderedDict[tuple[str, ...], int] = OrderedDict()
        self._count = 0

    def note(self, party: Party | None) -> None:
        self._count += 1
        for key in _keys(party):
            self._turns[key] = self._count
            self._turns.move_to_end(key)
        while len(self._turns) > _MOST_REMEMBERED:
            self._turns.popitem(last=False)

    def last(self, party: Party | None) -> tuple[int, int]:
        """The last turn of the tenant, and that of the caller; 0 for none."""
        tenant, caller = _keys(party)
        return self._turns.get(tenant, 0), self._turns.get(caller, 0)


def _keys(party: Party | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return ((), ("",)) if party is None else ((party.tenant,), (party.tenant, party.caller))


def _subtract(counts: Counter[str], name: str) -> None:
    counts[name] -= 1
    if not counts[name]:
        del counts[name]
