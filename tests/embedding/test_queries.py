"""Queries at once share a call, queries again need none."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import numpy as np
import pytest

from kbsearch.embedding.queries import QueryEmbedding
from scripts.harness.hashing import HashingEmbedder


class Model:
    """Counts its calls; the first one waits until it is let go, so that others queue up behind it."""

    def __init__(self):
        self.calls: list[list[str]] = []
        self.first = threading.Event()
        self.go_on = threading.Event()
        self._embedder = HashingEmbedder(dimension=8)

    def __call__(self, texts):
        self.calls.append(list(texts))
        if len(self.calls) == 1:
            self.first.set()
            self.go_on.wait(10)
        if "unreadable" in texts:
            raise ValueError("unreadable")
        return self._embedder.embed_documents(texts)


@pytest.fixture
def model():
    return Model()


@pytest.fixture
def queries(model):
    return QueryEmbedding(model, 8)


def _queue_up(model, queries, texts):
    """Ask for all texts while the model is busy with another one."""
    first = queries.submit(["the first"])
    model.first.wait()
    waiting = [queries.submit([text]) for text in texts]
    model.go_on.set()
    return [first, *waiting]


def test_what_waits_shares_a_call(model, queries):
    texts = [f"query {number}" for number in range(31)]
    futures = _queue_up(model, queries, texts)
    found = [future.result(10) for future in futures]
    assert [len(call) for call in model.calls] == [1, 16, 15]
    for text, vectors in zip(["the first", *texts], found, strict=True):
        assert np.array_equal(vectors, HashingEmbedder(dimension=8).embed_documents([text]))


def test_a_lone_query_is_embedded_at_once(model, queries):
    model.go_on.set()
    queries.submit(["a"]).result(10)
    queries.submit(["b", "c"]).result(10)
    assert model.calls == [["a"], ["b", "c"]]


def test_the_same_query_again_needs_no_call(model, queries):
    model.go_on.set()
    first = queries.submit(["a", "b"]).result(10)
    assert np.array_equal(queries.submit(["b", "a"]).result(10), first[::-1])
    assert len(model.calls) == 1
    queries.submit(["a", "new"]).result(10)
    assert len(model.calls) == 2


def test_the_same_query_at_once_is_embedded_once(model, queries):
    futures = _queue_up(model, queries, ["same"] * 5)
    found = [future.result(10) for future in futures[1:]]
    assert model.calls == [["the first"], ["same"]]
    assert all(np.array_equal(one, found[0]) for one in found)


def test_the_same_query_of_another_scope_is_embedded_again(model, queries):
    model.go_on.set()
    for scope in ("acme", "globex", "acme", "globex"):
        vectors = queries.submit(["a"], scope).result(10)
        assert np.array_equal(vectors, HashingEmbedder(dimension=8).embed_documents(["a"]))
    assert model.calls == [["a"], ["a"]]


def test_the_same_query_of_two_scopes_at_once_shares_no_vector(model, queries):
    first = queries.submit(["the first"])
    model.first.wait()
    waiting = [queries.submit(["same"], scope) for scope in ("acme", "globex", "acme")]
    model.go_on.set()
    for future in (first, *waiting):
        assert future.result(10).shape == (1, 8)
    assert model.calls == [["the first"], ["same", "same"]]


def test_what_a_caller_does_with_its_vectors_changes_no_answer(model, queries):
    model.go_on.set()
    for _ in range(2):
        vectors = queries.submit(["a"]).result(10)
        assert np.array_equal(vectors, HashingEmbedder(dimension=8).embed_documents(["a"]))
        vectors[:] = 0


def test_another_model_knows_nothing_of_it(model, queries):
    model.go_on.set()
    queries.submit(["a"]).result(10)
    other = Model()
    other.go_on.set()
    QueryEmbedding(other, 8).submit(["a"]).result(10)
    assert other.calls == [["a"]]


def test_one_query_that_cannot_be_embedded_fails_alone(model, queries):
    futures = _queue_up(model, queries, ["a", "unreadable", "b"])
    for future in (futures[0], futures[1], futures[3]):
        assert future.result(10).shape == (1, 8)
    with pytest.raises(ValueError, match="unreadable"):
        futures[2].result(10)
    assert queries.submit(["c"]).result(10).shape == (1, 8)


def test_a_cancelled_query_holds_up_nobody(model, queries):
    first = queries.submit(["the first"])
    model.first.wait()
    cancelled, kept = queries.submit(["a"]), queries.submit(["b"])
    assert cancelled.cancel()
    model.go_on.set()
    assert first.result(10).shape == kept.result(10).shape == (1, 8)
    assert model.calls == [["the first"], ["b"]]


def test_the_oldest_of_all_scopes_are_forgotten(model, queries, monkeypatch):
    monkeypatch.setattr("kbsearch.embedding.queries._KEPT", 3)
    model.go_on.set()
    for text in "abcd":
        queries.submit([text], f"scope of {text}").result(10)
    queries.submit(["d"], "scope of d").result(10)
    queries.submit(["a"], "scope of a").result(10)
    assert model.calls == [["a"], ["b"], ["c"], ["d"], ["a"]]


def test_no_text_is_kept(model, queries):
    model.go_on.set()
    queries.submit(["a secret of a client"]).result(10)
    assert all(isinstance(key, bytes) for key in queries._known._vectors)


def test_its_thread_ends_with_it(model):
    before = {thread.ident for thread in threading.enumerate()}
    queries = QueryEmbedding(model, 8)
    [worker] = [thread for thread in threading.enumerate() if thread.ident not in before]
    model.go_on.set()
    queries.submit(["a"]).result(10)
    gone = weakref.ref(queries)
    del queries
    gc.collect()
    assert gone() is None
    worker.join(10)
    assert not worker.is_alive()


def test_many_threads_get_their_own_vectors(model, queries):
    model.go_on.set()
    wrong = []

    def ask(number):
        for round_ in range(20):
            text = f"{number} {round_ % 7}"
            if not np.array_equal(queries.submit([text]).result(10), HashingEmbedder(8).embed_documents([text])):
                wrong.append(text)
            time.sleep(0)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
