"""Batches in a row that overlap: while one is written, the next ones are prepared in other threads.

The caller's thread reads the source and writes; both take little of the time. Preparing (splitting, analysing,
embedding) runs in a few threads, one more than there are cores: while one of them runs Python, the
others are in the model or the tokenizer, which leave the interpreter to others.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")
_Batch = TypeVar("_Batch")
_Prepared = TypeVar("_Prepared")

# The first batch is small, so that something is reported within a second; larger ones hold more texts of one
# length for the model (1.03 to 1.05 times the tokens where they are padded at this size, 1.06 to 1.15 at the first).
_FIRST_CHARACTERS = 16_000
_MOST_CHARACTERS = 64_000
_MOST_ITEMS = 512
_MOST_WORKERS = 8


def batched(items: Iterable[_T], characters: Callable[[_T], int]) -> Iterator[list[_T]]:
    """The items in lists of like size, small ones first. ``characters`` says how much text an item has."""
    batch: list[_T] = []
    size, limit = 0, _FIRST_CHARACTERS
    for item in items:
        batch.append(item)
        size += characters(item)
        if size >= limit or len(batch) == _MOST_ITEMS:
            yield batch
            batch, size = [], 0
            limit = min(2 * limit, _MOST_CHARACTERS)
    if batch:
        yield batch


def in_order(
    batches: Iterable[_Batch],
    prepare: Callable[[_Batch, threading.Event], _Prepared],
    stop: threading.Event | None = None,
    workers: int | None = None,
) -> Generator[tuple[_Batch, _Prepared]]:
    """Each batch with what was prepared of it, in the order of the batches.

    What either side raises is raised here. When the generator ends, in whatever way, no thread of it is left.

    Args:
        batches: read in the caller's thread, at most ``workers + 1`` ahead of what is given.
        prepare: called in other threads, several at a time. Its second argument is set when nobody wants the result
            any more; it may then raise anything.
        stop: once it is set, no more batches are begun; those in work are still given.
        workers: how many threads prepare.
    """
    workers = workers or min(len(os.sched_getaffinity(0)) + 1, _MOST_WORKERS)
    stop = stop or threading.Event()
    abandoned = threading.Event()
    waiting: deque[tuple[_Batch, Future[_Prepared]]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="kbsearch-prepare") as pool:
        try:
            for batch in batches:
                if stop.is_set():
                    break
                waiting.append((batch, pool.submit(prepare, batch, abandoned)))
                if len(waiting) > workers:
                    yield _first(waiting)
            while waiting and not (stop.is_set() and waiting[0][1].cancel()):
                yield _first(waiting)
        finally:
            abandoned.set()
            for _, future in waiting:
                future.cancel()


def _first(waiting: deque[tuple[_Batch, Future[_Prepared]]]) -> tuple[_Batch, _Prepared]:
    batch, future = waiting.popleft()
    return batch, future.result()
