"""Batches that overlap."""

import gc
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.knowledge.indexing.pipeline import batched, in_order


def _workers():
    return [thread for thread in threading.enumerate() if thread.name.startswith("kbsearch-prepare")]


@pytest.fixture(autouse=True)
def _nothing_is_left():
    yield
    gc.collect()
    assert _workers() == []


def _same(batch, abandoned):
    return batch


def _until_abandoned(batch, abandoned):
    assert abandoned.wait(20)


@given(st.lists(st.integers(0, 40_000), max_size=60))
def test_batches_hold_every_item_in_order_and_not_much_more_than_their_limit(sizes):
    batches = list(batched(sizes, lambda size: size))
    assert [size for batch in batches for size in batch] == sizes
    assert all(batch for batch in batches)
    assert all(sum(batch[:-1]) < 64_000 for batch in batches)


def test_the_first_batch_is_small_and_short_texts_are_counted():
    first, second, *_ = [len(batch) for batch in batched([1_000] * 500, lambda size: size)]
    assert first < second
    assert max(len(batch) for batch in batched([0] * 5_000, lambda size: size)) < 1_000


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, 4))
def test_whatever_takes_longer_the_order_stays(waits, workers):
    def prepare(batch, abandoned):
        time.sleep(waits[batch] / 1000)
        return -batch

    assert list(in_order(range(len(waits)), prepare, workers=workers)) == [(n, -n) for n in range(len(waits))]


def test_batches_are_prepared_at_the_same_time_and_while_one_is_written():
    together = threading.Barrier(3)

    def prepare(batch, abandoned):
        if batch:
            together.wait(20)

    for batch, _ in in_order(range(3), prepare, workers=2):
        if batch == 0:
            together.wait(20)  # the caller, at work on a batch, meets the two others


def test_the_source_is_read_only_a_little_ahead():
    read = []

    def source():
        for n in range(100):
            read.append(n)
            yield n

    for n, _ in in_order(source(), _same, workers=2):
        assert len(read) <= n + 4


def test_what_the_source_raises_comes_at_once():
    def source():
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(in_order(source(), _until_abandoned))


def test_what_a_worker_raises_comes_and_ends_the_others():
    def prepare(batch, abandoned):
        if batch == 2:
            raise ValueError("broken")
        if batch > 2:
            _until_abandoned(batch, abandoned)
        return batch

    given = []
    with pytest.raises(ValueError, match="broken"):
        given.extend(batch for batch, _ in in_order(range(100), prepare))
    assert given == [0, 1]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_the_caller_raises_ends_all(error):
    def prepare(batch, abandoned):
        if batch:
            _until_abandoned(batch, abandoned)

    def consume():
        for _ in in_order(range(100), prepare):
            raise error

    with pytest.raises(error):
        consume()


def test_closing_ends_all():
    def prepare(batch, abandoned):
        if batch:
            _until_abandoned(batch, abandoned)

    batches = in_order(range(100), prepare)
    next(batches)
    assert _workers()
    batches.close()
    assert _workers() == []


def test_stopping_gives_what_is_in_work_and_begins_nothing_more():
    stop, going_on, begun = threading.Event(), threading.Event(), []

    def prepare(batch, abandoned):
        begun.append(batch)
        if batch:
            assert going_on.wait(20)
        return batch

    given = []
    for batch, _ in in_order(range(100), prepare, stop, workers=2):
        given.append(batch)
        stop.set()
        going_on.set()
    assert given == begun
    assert len(given) < 6
