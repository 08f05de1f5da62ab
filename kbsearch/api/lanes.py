"""Bounded work: so many requests run at once, so many wait a little, the rest come again later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from kbsearch.errors import Overloaded


class Lane:
    """Lets ``most_running`` through at once and ``most_waiting`` more wait for ``patience_s`` at most.

    One event loop uses it at a time.
    """

    def __init__(self, most_running: int, most_waiting: int, patience_s: float) -> None:
        self._free = anyio.Semaphore(most_running, fast_acquire=True)
        self._most_running = most_running
        self._most_waiting = most_waiting
        self._patience_s = patience_s
        self.waiting = 0

    @property
    def running(self) -> int:
        return self._most_running - self._free.value

    async def take(self) -> None:
        """Wait for a place, to be given back with ``leave``.

        Raises Overloaded where none comes free in time, or too many wait already.
        """
        if self.waiting >= self._most_waiting and not self._free.value:
            raise Overloaded
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._free.acquire()
        except TimeoutError:
            raise Overloaded(max(1, round(self._patience_s))) from None
        finally:
            self.waiting -= 1

    def leave(self) -> None:
        """Give a place back."""
        self._free.release()

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """Hold a place inside the block. Raises Overloaded as ``take`` does."""
        await self.take()
        try:
            yield
        finally:
            self.leave()
