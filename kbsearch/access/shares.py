"""Rate limits per caller, and a lockout for addresses that guess keys. Memory is bounded."""

from __future__ import annotations

import ipaddress
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from kbsearch.errors import TooManyRequests

Monotonic = Callable[[], float]
"""Seconds that only grow."""

_MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rates:
    """A token bucket per caller: ``per_minute`` on average, with bursts of a tenth of that.

    Callers are remembered up to a number, those asked longest ago are forgotten first; by then theirs is full again.
    """

    def __init__(self, per_minute: int, clock: Monotonic, most_remembered: int = _MOST_REMEMBERED) -> None:
        self._per_s = per_minute / 60
        self._burst = max(1.0, per_minute / 10)
        self._clock = clock
        self._most = most_remembered
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str) -> None:
        """Count a request. Raises TooManyRequests above the caller's limit."""
        with self._lock:
            now = self._clock()
            bucket = self._buckets.pop(caller, None) or _Bucket(self._burst, now)
            self._buckets[caller] = bucket
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
            bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._per_s)
            bucket.at = now
            if bucket.tokens < 1:
                wait_s = math.ceil((1 - bucket.tokens) / self._per_s)
                raise TooManyRequests("the caller exceeds its rate limit", wait_s)
            bucket.tokens -= 1


@dataclass(slots=True)
class _Guesses:
    count: int
    since: float
    locked_until: float = 0.0


class Lockout:
    """Locks out an address after ``most`` wrong credentials within ``within_s``, for ``lock_s``.

    While it is shut out not even a right credential is looked at, or guessing would go on. IPv6 addresses count by
    their /64, which one holder has. When more addresses guess than are remembered, those that began longest ago
    are forgotten.
    """

    def __init__(
        self,
        clock: Monotonic,
        most: int = 10,
        within_s: float = 300.0,
        lock_s: float = 300.0,
        most_remembered: int = _MOST_REMEMBERED,
    ) -> None:
        self._clock = clock
        self._most = most
        self._within_s = within_s
        self._lock_s = lock_s
        self._most_remembered = most_remembered
        self._guesses: OrderedDict[str, _Guesses] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str) -> None:
        """Raises TooManyRequests while the address is locked out."""
        if not self._guesses:  # as it nearly always is
            return
        with self._lock:
            guesses = self._guesses.get(_network(address))
            left_s = guesses.locked_until - self._clock() if guesses else 0.0
        if left_s > 0:
            raise TooManyRequests("too many wrong credentials from this address", math.ceil(left_s))

    def wrong(self, address: str) -> bool:
        """Count a wrong credential. True if the address is locked out from now on."""
        name, now = _network(address), self._clock()
        with self._lock:
            guesses = self._guesses.get(name)
            if guesses is None or now - guesses.since > self._within_s:
                self._guesses.pop(name, None)
                guesses = self._guesses[name] = _Guesses(0, now)
                if len(self._guesses) > self._most_remembered:
                    self._guesses.popitem(last=False)
            guesses.count += 1
            if guesses.count < self._most:
                return False
            guesses.count, guesses.since, guesses.locked_until = 0, now, now + self._lock_s
            return True

    def __len__(self) -> int:
        return len(self._guesses)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
