"""Priority on the cores: questions before documents, with a limit on how long documents wait."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

_LONGEST_WAIT_S = 0.2


class Turns:
    """Lets document batches begin while no query runs, up to a number at once.

    Args:
        at_once: document batches at the same time.
    """

    def __init__(self, at_once: int = 1) -> None:
        self._places = threading.Semaphore(at_once)
        self._condition = threading.Condition()
        self._queries = 0

    @contextmanager
    def query(self) -> Generator[None]:
        """A query begins at once. Running batches finish, and no new one begins."""
        with self._condition:
            self._queries += 1
        try:
            yield
        finally:
            with self._condition:
                self._queries -= 1
                self._condition.notify_all()

    @contextmanager
    def documents(self) -> Generator[None]:
        """One batch of documents: waits for queries to end, at most a fifth of a second."""
        with self._places:
            with self._condition:
                self._condition.wait_for(lambda: not self._queries, _LONGEST_WAIT_S)
            yield
