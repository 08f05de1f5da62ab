"""Many clients in one process of their own, asking a server.

    python -m scripts.benchmarks.clients PORT

Closed: each client asks its next question as soon as the last is answered. Paced: questions arrive by chance at a
rate, whichever client is free asks; a question that had to wait for one has that wait in its time.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from http.client import HTTPException
from typing import Any

from scripts.benchmarks.calls import Calls
from scripts.benchmarks.worker import answer_lines, own_output


class Clients:
    """Threads that share a list of questions, each asked once."""

    def __init__(self, port: int, texts: Sequence[str], arrivals: Sequence[float] | None) -> None:
        self._port = port
        self._texts = texts
        self._arrivals = arrivals
        self._next: Iterator[int] = iter(range(len(texts)))
        self._lock = threading.Lock()
        self.times_ms: list[float] = []
        self.errors: list[str] = []

    def run(self, count: int) -> dict[str, Any]:
        self._began = time.perf_counter()
        threads = [threading.Thread(target=self._ask) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - self._began
        return {"seconds": seconds, "times_ms": self.times_ms, "errors": self.errors}

    def _ask(self) -> None:
        calls = Calls(self._port)
        while True:
            with self._lock:
                number = next(self._next, None)
            if number is None:
                break
            due = time.perf_counter()
            if self._arrivals is not None:
                due = self._began + self._arrivals[number]
                time.sleep(max(0.0, due - time.perf_counter()))
            try:
                status, answer = calls.suggest(self._texts[number])
                failure = "" if status == 200 else f"{status}: {answer[:200]!r}"
            except (OSError, HTTPException) as error:
                failure = type(error).__name__
                calls = Calls(self._port)
            took = (time.perf_counter() - due) * 1000
            with self._lock:
                self.times_ms.append(took)
                self.errors += [failure] if failure else []
        calls.close()


def arrivals(count: int, rate: float, seed: int) -> list[float]:
    """Seconds from the beginning at which questions come: a Poisson process."""
    chance = random.Random(seed)  # noqa: S311 - a load, not a secret
    now, found = 0.0, list[float]()
    for _ in range(count):
        now += chance.expovariate(rate)
        found.append(now)
    return found


def main() -> None:
    answers = own_output()
    port = int(sys.argv[1])

    def answer(command: dict[str, Any]) -> dict[str, Any]:
        texts = command["texts"]
        paced = arrivals(len(texts), command["rate"], command["seed"]) if "rate" in command else None
        return Clients(port, texts, paced).run(command["clients"])

    answer_lines(answers, answer)


if __name__ == "__main__":
    main()
