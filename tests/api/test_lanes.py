"""Places are shared out by tenant and caller."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.api.lanes import Lane, Party, Shares
from kbsearch.errors import Overloaded, TooManyRequests

ANI, IVAN, SYSTEM = Party("ani", "acme"), Party("ivan", "acme"), Party("rt", "globex")


class Crowd:
    """Requests that take a place each and hold it until they are let go."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.served: list[Party | None] = []
        self.refused: list[tuple[Party | None, Exception]] = []
        self.waiting: list[Party | None] = []
        self.running: list[Party | None] = []
        self._leaving: list[asyncio.Event] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def comes(self, *parties: Party | None) -> None:
        for party in parties:
            self._tasks.append(asyncio.create_task(self._one(party)))
            await self.settle()

    async def one_leaves(self) -> None:
        self._leaving.pop(0).set()
        await self.settle()

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def end(self) -> None:
        while self._leaving:
            await self.one_leaves()
        await asyncio.gather(*self._tasks)
        assert (self.lane.running, self.lane.waiting) == (0, 0)

    async def _one(self, party: Party | None) -> None:
        self.waiting.append(party)
        try:
            await self.lane.take(party)
        except (Overloaded, TooManyRequests) as error:
            self.refused.append((party, error))
            return
        finally:
            self.waiting.remove(party)
        self.served.append(party)
        self.running.append(party)
        leave = asyncio.Event()
        self._leaving.append(leave)
        await leave.wait()
        self.running.remove(party)
        self.lane.leave(party)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def running() -> None:
        await scenario()

    asyncio.run(running())


def test_one_caller_and_one_tenant_hold_no_more_than_their_share() -> None:
    async def scenario() -> None:
        crowd = Crowd(Lane(8, 100, 30, Shares(caller=0.25, tenant=0.5)))
        await crowd.comes(*[ANI] * 20)
        assert Counter(crowd.served) == {ANI: 2}
        await crowd.comes(*[IVAN] * 20, *[Party("maria", "acme")] * 3)
        assert Counter(crowd.served) == {ANI: 2, IVAN: 2}
        await crowd.comes(SYSTEM)
        assert crowd.served[-1] == SYSTEM
        await crowd.comes(*[Party("rt", f"tenant-{n}") for n in range(5)])  # a credential of many tenants is one caller
        assert sum(one is not None and one.caller == "rt" for one in crowd.served) == 2
        await crowd.end()

    run(scenario)


def test_a_share_is_one_place_at_least() -> None:
    async def scenario() -> None:
        crowd = Crowd(Lane(1, 0, 30, Shares(0.01, 0.01)))
        await crowd.comes(ANI)
        assert crowd.served == [ANI]
        await crowd.end()

    run(scenario)


def test_those_who_wait_take_turns() -> None:
    async def scenario() -> None:
        crowd = Crowd(Lane(1, 100, 30))
        await crowd.comes(*[ANI] * 6, *[IVAN] * 2, *[SYSTEM] * 3)
        while len(crowd.served) < 11:
            await crowd.one_leaves()
        assert crowd.served[1:7] == [SYSTEM, IVAN, SYSTEM, ANI, SYSTEM, IVAN]
        assert crowd.served[7:] == [ANI] * 4
        await crowd.end()

    run(scenario)


def test_whoever_has_most_waiting_makes_room_for_others() -> None:
    async def scenario() -> None:
        crowd = Crowd(Lane(1, 4, 30))
        await crowd.comes(*[ANI] * 5, ANI)
        assert [party for party, _ in crowd.refused] == [ANI]
        await crowd.comes(SYSTEM, IVAN)
        assert [party for party, _ in crowd.refused] == [ANI] * 3
        await crowd.comes(Party("x", "initech"), Party("y", "umbrella"))
        assert [party for party, _ in crowd.refused[3:]] == [ANI, IVAN]  # acme had two waiting at last
        await crowd.comes(Party("z", "hooli"))  # one each: nobody has more than the other
        assert crowd.refused[-1][0] == Party("z", "hooli")
        await crowd.end()

    run(scenario)


def test_a_tenant_of_many_callers_makes_room_too() -> None:
    async def scenario() -> None:
        crowd = Crowd(Lane(1, 4, 30))
        await crowd.comes(*[Party(f"agent-{n}", "acme") for n in range(5)])
        await crowd.comes(SYSTEM)
        assert [party for party, _ in crowd.refused] == [Party("agent-4", "acme")]
        await crowd.one_leaves()
        assert crowd.served[-1] == SYSTEM
        await crowd.end()

    run(scenario)


def test_a_caller_that_has_its_share_is_reported() -> None:
    async def scenario() -> None:
        crowd = Crowd(Lane(4, 0, 30, Shares(0.25, 0.5)))
        await crowd.comes(ANI, ANI)
        [(_, error)] = crowd.refused
        assert isinstance(error, TooManyRequests)
        assert error.retry_after_s >= 1
        await crowd.end()

    run(scenario)


def test_a_place_that_is_given_to_one_who_goes_away_is_free_again() -> None:
    async def scenario() -> None:
        lane = Lane(1, 5, 30)
        await lane.take(ANI)
        leaver = asyncio.create_task(lane.take(SYSTEM))
        await asyncio.sleep(0)
        lane.leave(ANI)  # the place is the leaver's, who has not learned of it yet
        leaver.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaver
        assert lane.running == 0

    run(scenario)


PARTIES = st.sampled_from([None, ANI, IVAN, SYSTEM, Party("rt", "acme"), Party("lead", "initech")])


@given(
    st.lists(st.one_of(PARTIES, st.just("leaves")), max_size=60),
    st.integers(1, 6),
    st.integers(0, 6),
    st.sampled_from([0.2, 0.5, 1.0]),
)
def test_the_bounds_hold_and_no_place_stays_empty(
    steps: list[Party | str | None], most_running: int, most_waiting: int, share: float
) -> None:
    async def scenario() -> None:
        lane = Lane(most_running, most_waiting, 30, Shares(share, share))
        crowd = Crowd(lane)
        for step in steps:
            if isinstance(step, str):
                if lane.running:
                    await crowd.one_leaves()
            else:
                await crowd.comes(step)
            assert lane.running == len(crowd.running) <= most_running
            assert lane.waiting == len(crowd.waiting) <= most_waiting
            held = Counter(name for one in crowd.running if one for name in (("of", one.caller), ("for", one.tenant)))
            most = max(1, int(most_running * share))
            assert all(count <= most for count in held.values())
            if lane.running < most_running:  # beside a free place only those wait who have their share
                for one in crowd.waiting:
                    assert one is not None
                    assert most in (held["of", one.caller], held["for", one.tenant])
        await crowd.end()

    run(scenario)
