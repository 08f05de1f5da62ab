"""Deletes expired rows, a few at a time, so that no write waits for long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from kbsearch.store import retention
from kbsearch.store.port import Store
from kbsearch.store.retention import Aged, Retention

_ROWS_AT_ONCE = 500
_MOST_ROWS = 20_000
"""In one round, so that a round ends soon; the next one goes on."""


def trim_all(store: Store, kept: Retention, stop: Callable[[], bool]) -> None:
    """Delete expired suggestions, answers and jobs. ``stop`` ends the work between two transactions."""
    for aged, how_long in (
        (retention.SUGGESTIONS, kept.suggestions),
        (retention.ASKED, kept.suggestions),
        (retention.ANSWERS, kept.answers),
        (retention.JOBS, kept.jobs),
    ):
        trim(store, aged, how_long, stop)


def trim(store: Store, aged: Aged, kept: timedelta, stop: Callable[[], bool] = lambda: False) -> int:
    """Delete expired rows of one table. Returns their number.

    Some rows hold texts, so the engine is asked to take them out of its own files.
    """
    with store.read() as tx:
        if not retention.has_older(tx, aged, store.clock(), kept):
            return 0
    gone = 0
    while gone < _MOST_ROWS and not stop():
        with store.write() as tx:
            removed = retention.remove_older(tx, aged, kept, _ROWS_AT_ONCE)
        gone += removed
        if removed < _ROWS_AT_ONCE:
            break
    if gone:
        store.purge()
    return gone
