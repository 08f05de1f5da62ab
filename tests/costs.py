"""What a call costs, and what it may cost."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import Any

CHARACTERS = 50_000
TIMES_ORDINARY = 20
"""How much dearer a text may be than an ordinary one of its size. What is quadratic is hundreds of times dearer."""


def cost(call: Callable[[str], Any], text: str) -> float:
    """Seconds of this thread's own time, so that a busy machine makes little difference."""
    started = time.thread_time()
    result = call(text)
    if inspect.isgenerator(result):
        for _ in result:
            pass
    return time.thread_time() - started
