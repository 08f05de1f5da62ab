"""When a request is tried again, and how long is waited before."""

from __future__ import annotations

import random
from dataclasses import dataclass

from kbsearch_client.errors import Problem

_TRANSIENT = frozenset({408, 429, 502, 503, 504})
_STILL_AT_WORK = "urn:kbsearch:problem:still-at-work"


@dataclass(frozen=True, slots=True)
class Retry:
    """``attempts`` in all. Without a word of the server the wait doubles from ``first_wait_s`` to ``longest_wait_s``.

    A server that asks for more than ``longest_wait_s`` is not waited for: the caller gets the problem and decides.
    """

    attempts: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0

    def wait_s(self, attempt: int, problem: Problem | None) -> float | None:
        """How long to wait after this attempt (from 1), None where it is not tried again."""
        if attempt >= self.attempts:
            return None
        if problem is not None and problem.status not in _TRANSIENT and problem.type != _STILL_AT_WORK:
            return None
        if problem is not None and problem.retry_after_s is not None:
            return problem.retry_after_s if problem.retry_after_s <= self.longest_wait_s else None
        # Callers that failed together do not come back together.
        return min(self.longest_wait_s, self.first_wait_s * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0)  # noqa: S311
