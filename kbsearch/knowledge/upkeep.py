"""Background work: tasks that run periodically, independent of one another.

A task that fails is logged, counted and tried again in the next round; the others continue. ``report`` says which tasks
fail at the moment, for ``/readyz`` and the metrics.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from kbsearch.errors import KBSearchError

_log = logging.getLogger(__name__)

_TRIED_AGAIN_AFTER_S = 30.0

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Task:
    """A periodic task. ``name`` completes "the task … failed"."""

    name: str
    run: Callable[[], object]


@dataclass(frozen=True, slots=True)
class TaskReport:
    """The state of a task.

    Attributes:
        name: the task's.
        failures: how often it failed since the process started.
        failing_since: the first failure of the current series; None if the last run succeeded.
        error: why the last run failed, without any text of a ticket; "" if it succeeded.
    """

    name: str
    failures: int = 0
    failing_since: datetime | None = None
    error: str = ""


class Upkeep:
    """Runs tasks in background threads.

    Args:
        clock: gives the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._names: set[str] = set()
        self._starting = threading.Lock()
        self._reports: dict[str, TaskReport] = {}
        self._reporting = threading.Lock()

    @property
    def closing(self) -> bool:
        """Whether the process is ending. Long tasks check this and stop early."""
        return self._closing.is_set()

    def every(self, seconds: float, *tasks: Task, thread: str) -> None:
        """Run tasks one after the other, with a pause of ``seconds`` before each round, in a thread of this name.

        No thread is started if one of this name runs already or the process is ending.
        """
        name = f"kbsearch-{thread}"
        if name in self._names:
            return
        with self._starting:
            if name in self._names or self.closing:
                return
            self._names.add(name)
            loop = threading.Thread(target=self._repeat, args=(seconds, tasks), name=name, daemon=True)
            self._threads.append(loop)
            loop.start()

    def once(self, task: Task, thread: str) -> None:
        """Run a task a single time, now, in a thread of this name."""
        one = threading.Thread(target=self.attempt, args=(task,), name=f"kbsearch-{thread}", daemon=True)
        self._threads.append(one)
        one.start()

    def attempt(self, task: Task) -> bool:
        """Run a task once in this thread. False: it failed, and the report says why."""
        try:
            task.run()
        except Exception as error:  # noqa: BLE001 - whatever ends one task must not end the others
            self._failed(task, error)
            return False
        with self._reporting:
            before = self._reports.get(task.name)
            self._reports[task.name] = TaskReport(task.name, before.failures if before else 0)
        if before and before.failing_since:
            _log.info("the task %s succeeds again", task.name)
        return True

    def report(self) -> tuple[TaskReport, ...]:
        """Every task that has run, by name."""
        with self._reporting:
            return tuple(sorted(self._reports.values(), key=lambda one: one.name))

    def close(self) -> None:
        """Wait for the running tasks, then stop. May be called more than once."""
        with self._starting:
            self._closing.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, seconds: float, tasks: tuple[Task, ...]) -> None:
        not_before = dict.fromkeys(tasks, 0.0)
        while not self._closing.wait(seconds):
            for task in tasks:
                if self._closing.is_set():
                    return
                if time.monotonic() >= not_before[task] and not self.attempt(task):
                    not_before[task] = time.monotonic() + _TRIED_AGAIN_AFTER_S

    def _failed(self, task: Task, error: Exception) -> None:
        expected = isinstance(error, KBSearchError | OSError)
        # An unexpected error may quote what it stumbled over: only its kind is shown, the log has the traceback.
        reason = str(error) if expected else f"an internal error ({type(error).__name__}), see the log"
        with self._reporting:
            before = self._reports.get(task.name, TaskReport(task.name))
            since = before.failing_since or self._clock()
            self._reports[task.name] = replace(before, failures=before.failures + 1, failing_since=since, error=reason)
        if expected:
            _log.warning("the task %s failed and is tried again: %s", task.name, error)
        else:
            _log.error("the task %s failed and is tried again", task.name, exc_info=error)
