"""Learning in the background: each tenant's ranking, whenever its history has grown enough."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError

from kbsearch.knowledge.indexing.index_generations import IndexGenerations
from kbsearch.knowledge.learning import calibration
from kbsearch.knowledge.learning.calibration import LEAST_TICKETS, REFRESHED_AFTER, SHIPPED
from kbsearch.model import TenantId
from kbsearch.store import learned, learning
from kbsearch.store.learning import Learnt
from kbsearch.store.port import Store

_GROWN = 1.5
"""Learned again when there are so many times the tickets of the last time: twenty times up to 600,000 tickets."""
_SHARE = 0.25
_LONGEST_PAUSE_S = 2.0
_NICE = 10


class Throttle:
    """Keeps learning to a quarter of one core's time, and less while questions are answered.

    Args:
        is_busy: whether somebody waits for an answer.
        is_closing: whether the process ends.
    """

    def __init__(self, is_busy: Callable[[], bool], is_closing: Callable[[], bool]) -> None:
        self._is_busy, self._is_closing = is_busy, is_closing
        self._since = time.monotonic()

    def __call__(self) -> None:
        """Pause in proportion to the work since the last pause. Raises CancelledError when the process ends."""
        if self._is_closing():
            raise CancelledError
        worked = time.monotonic() - self._since
        time.sleep(min(_LONGEST_PAUSE_S, worked * (1 / _SHARE - 1)))
        waited = 0.0
        while self._is_busy() and waited < _LONGEST_PAUSE_S and not self._is_closing():
            time.sleep(0.01)
            waited += 0.01
        self._since = time.monotonic()


class Learning:
    """Learns the tenants' rankings in the background, one tenant at a time.

    Args:
        store: the truth.
        generations: gives the engine.
        is_closing: whether the process ends.
    """

    def __init__(self, store: Store, generations: IndexGenerations, is_closing: Callable[[], bool]) -> None:
        self._store, self._generations, self._is_closing = store, generations, is_closing
        self._answering = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        """While a question is answered, learning waits."""
        with self._lock:
            self._answering += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._answering -= 1

    def catch_up(self) -> None:
        """Learn for each tenant that has enough new history. Lowers the priority of the calling thread."""
        _lower_priority()
        throttle = Throttle(lambda: self._answering > 0, self._is_closing)
        try:
            with self._store.read() as tx:
                tenants = learning.resolved(tx)
                since = learned.resolved_since(tx, self._store.clock())
            for tenant, resolved in tenants.items():
                if not self.learn_if_due(tenant, throttle, resolved) and since.get(tenant, 0) >= REFRESHED_AFTER:
                    calibration.refresh(self._store, self._generations.for_reading(), tenant, throttle)
        except CancelledError:
            return  # it starts again with the next process

    def learn_if_due(
        self, tenant: TenantId, breathe: calibration.Breathe = lambda: None, resolved: int | None = None
    ) -> bool:
        """Learn for a tenant if it has LEAST_TICKETS and half as many again as the last time. Whether it did."""
        engine = self._generations.for_reading()
        with self._store.read() as tx:
            count = learning.resolved(tx).get(tenant, 0) if resolved is None else resolved
            last = learning.get(tx, tenant)
        known = 0 if last is None or last.model_id != engine.generation.model_id else last.tickets
        if count < max(LEAST_TICKETS, known * _GROWN):
            return False
        self.learn(tenant, breathe=breathe)
        return True

    def learn(
        self,
        tenant: TenantId,
        progress: calibration.Progress = lambda _: None,
        breathe: calibration.Breathe = lambda: None,
    ) -> calibration.Calibration:
        """Learn now. What came of it is noted, so that it is not done again before there is more to learn from."""
        started = time.monotonic()
        engine = self._generations.for_reading()
        result = calibration.calibrate(self._store, engine, tenant, progress, breathe)
        with self._store.write() as tx:
            left = learning.resolved(tx).get(tenant, 0)
            if result.tickets and not left:
                return result  # the tenant was erased meanwhile
            count = max(result.tickets, left)
            outcome = learning.SHIPPED if result.kept == SHIPPED else learning.KEPT
            took = round(time.monotonic() - started, 1)
            learning.put(tx, tenant, Learnt(engine.generation.model_id, count, outcome, result.to_json(), took))
        return result


def _lower_priority() -> None:
    """Let other threads go first, where the system can tell threads apart."""
    if hasattr(os, "setpriority") and hasattr(os, "PRIO_PROCESS"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
