"""Queries that arrive together share a model call; a repeated query of the same scope is not embedded again.

Scopes share no vectors: otherwise response times would show what was asked in another scope.
"""

from __future__ import annotations

import hashlib
import queue
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np

from kbsearch.embedding.embedder import Vectors

_KEPT = 4_096  # of all scopes together: 6 MB of vectors with 384 dimensions
_TEXTS_AT_ONCE = 16  # so many wait for each other at the most

Encode = Callable[[Sequence[str]], Vectors]
"""Unit vectors of texts, shape (len(texts), dimension)."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    texts: tuple[str, ...]
    scope: str
    future: Future[Vectors]


class QueryEmbedding:
    """A thread that embeds queries: as soon as the model is free it takes all that wait, up to 16 texts.

    So a lone query is never kept waiting for others. Belongs to one embedder, and with it to one model; ends
    with it.

    Args:
        encode: the model; called by one thread at a time.
        dimension: length of a vector.
    """

    def __init__(self, encode: Encode, dimension: int) -> None:
        self._dimension = dimension
        self._known = _Known()
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        arguments = (self._waiting, encode, self._known)
        threading.Thread(target=_work, args=arguments, name="kbsearch-queries", daemon=True).start()
        weakref.finalize(self, self._waiting.put, None)

    def submit(self, texts: Sequence[str], scope: str = "") -> Future[Vectors]:
        """The texts' vectors, shape (len(texts), dimension); the caller may change them.

        Args:
            texts: the queries.
            scope: any name; vectors are used again within one scope only.
        """
        future: Future[Vectors] = Future()
        known = self._known.get(texts, scope)
        if known is not None:
            future.set_result(known.reshape(len(texts), self._dimension))
        else:
            self._waiting.put(_Waiting(tuple(texts), scope, future))
        return future


class _Known:
    """The vectors of the latest queries by a digest of their scope and text; the text itself is not kept."""

    def __init__(self) -> None:
        self._vectors: OrderedDict[bytes, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, texts: Sequence[str], scope: str) -> Vectors | None:
        """The vectors of all texts, or None if one is not known."""
        keys = [_digest(scope, text) for text in texts]
        with self._lock:
            if any(key not in self._vectors for key in keys):
                return None
            for key in keys:
                self._vectors.move_to_end(key)
            return np.array([self._vectors[key] for key in keys], np.float32)

    def put(self, asked: Sequence[tuple[str, str]], vectors: Vectors) -> None:
        """Keep the vectors of (scope, text), the rows of ``vectors``."""
        with self._lock:
            for (scope, text), vector in zip(asked, vectors, strict=True):
                self._vectors[_digest(scope, text)] = vector.copy()
            while len(self._vectors) > _KEPT:
                self._vectors.popitem(last=False)


def _digest(scope: str, text: str) -> bytes:
    of_scope = hashlib.blake2b(scope.encode(errors="surrogatepass")).digest()
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16, key=of_scope).digest()


def _work(waiting: queue.SimpleQueue[_Waiting | None], encode: Encode, known: _Known) -> None:
    while (first := waiting.get()) is not None:
        taken, count, ends = [first], len(first.texts), False
        while count < _TEXTS_AT_ONCE and not ends:
            try:
                more = waiting.get_nowait()
            except queue.Empty:
                break
            if more is None:
                ends = True
            else:
                taken.append(more)
                count += len(more.texts)
        _answer([one for one in taken if one.future.set_running_or_notify_cancel()], encode, known)
        del first, taken
        if ends:
            return


def _answer(taken: Sequence[_Waiting], encode: Encode, known: _Known) -> None:
    try:
        asked = list(dict.fromkeys((one.scope, text) for one in taken for text in one.texts))
        vectors = encode([text for _, text in asked])
        known.put(asked, vectors)
        place = {key: number for number, key in enumerate(asked)}
        for one in taken:
            rows = [place[one.scope, text] for text in one.texts]
            one.future.set_result(vectors[rows].reshape(-1, vectors.shape[1]))
    except Exception as error:  # noqa: BLE001 - whoever asked gets it
        left = [one for one in taken if not one.future.done()]
        if len(taken) == 1 and left:
            taken[0].future.set_exception(error)
        elif len(taken) > 1:
            for one in left:  # one text that cannot be embedded must not fail the others
                _answer([one], encode, known)
