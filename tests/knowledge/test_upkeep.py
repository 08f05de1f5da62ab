"""Background tasks: one that fails does not end the others, and the failure shows."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest

from kbsearch.errors import StorageError
from kbsearch.knowledge import base, upkeep
from kbsearch.knowledge.upkeep import Task, Upkeep

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def kept_up():
    opened = Upkeep(lambda: NOW)
    yield opened
    opened.close()


def _fail(error: Exception):
    def run() -> None:
        raise error

    return run


@pytest.mark.parametrize("error", [ValueError("of a bug"), OSError("disk"), StorageError("full"), MemoryError()])
def test_a_task_that_fails_does_not_end_the_others(kept_up, monkeypatch, error):
    monkeypatch.setattr(upkeep, "_TRIED_AGAIN_AFTER_S", 0.0)
    ran = threading.Semaphore(0)
    kept_up.every(0.001, Task("first", _fail(error)), Task("second", ran.release), thread="test")
    assert all(ran.acquire(timeout=10) for _ in range(3))
    first, second = kept_up.report()
    assert first.failures >= 2
    assert first.failing_since == NOW
    assert (second.failures, second.failing_since, second.error) == (0, None, "")


def test_a_task_that_failed_waits_before_its_next_try(kept_up):
    ran = threading.Semaphore(0)
    kept_up.every(0.001, Task("first", _fail(OSError("disk"))), Task("second", ran.release), thread="test")
    assert all(ran.acquire(timeout=10) for _ in range(5))
    assert kept_up.report()[0].failures == 1


def test_the_report_names_the_reason_but_never_what_a_bug_stumbled_over(kept_up):
    assert not kept_up.attempt(Task("expected", _fail(StorageError("the disk is full"))))
    assert not kept_up.attempt(Task("unexpected", _fail(ValueError("ticket text of a client"))))
    assert [one.error for one in kept_up.report()] == [
        "the disk is full",
        "an internal error (ValueError), see the log",
    ]


def test_a_success_ends_the_failure_but_the_count_stays(kept_up):
    kept_up.attempt(Task("save", _fail(OSError("disk"))))
    kept_up.attempt(Task("save", _fail(OSError("disk"))))
    assert kept_up.attempt(Task("save", lambda: None))
    [report] = kept_up.report()
    assert (report.failures, report.failing_since, report.error) == (2, None, "")


def test_a_task_runs_once(kept_up):
    ran = threading.Semaphore(0)
    kept_up.once(Task("warm up", ran.release), thread="test")
    assert ran.acquire(timeout=10)
    assert not ran.acquire(timeout=0.05)


def test_nothing_is_begun_once_it_closes(kept_up):
    kept_up.every(0.001, Task("close", kept_up._closing.set), Task("after", _fail(OSError())), thread="test")
    kept_up.close()
    assert kept_up.closing
    assert "after" not in [one.name for one in kept_up.report()]


def test_a_base_goes_on_saving_while_another_task_fails(kb, monkeypatch):
    monkeypatch.setattr(base, "_UPKEEP_EVERY_S", 0.01)
    monkeypatch.setattr(kb.proposals, "catch_up", _fail(ValueError("no article has a vector")))
    kb.start_upkeep()
    until = time.monotonic() + 20
    while len(kb.upkeep.report()) < 8 and time.monotonic() < until:
        time.sleep(0.01)
    failing = [one.name for one in kb.upkeep.report() if one.failing_since]
    assert failing == ["propose merges of articles"]
