"""Serves models that cannot be exported, with sentence-transformers."""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np

from kbsearch.embedding.embedder import Vectors
from kbsearch.embedding.export import vector_fingerprint
from kbsearch.embedding.queries import QueryEmbedding
from kbsearch.embedding.turns import Turns
from kbsearch.embedding.weights import DEFAULT_MODEL, fingerprint, model_folder
from kbsearch.errors import ModelNotLoadable

_DOCUMENT_BATCH = 8  # 1.36 times the throughput of 32 on two cores (docs/measurements.md), and queries wait less
_NO_LIMIT = 512


class SentenceTransformerEmbedder:
    """Loads a model at construction.

    Args:
        model: ``default``, ``english``, a folder, or a name that sentence-transformers finds in its own cache.
            Nothing is fetched from a network where HF_HUB_OFFLINE=1.
        threads: torch's threads; None leaves its own choice.

    Raises:
        ModelNotLoadable: no such model, a folder without one, or weights that are not those
            published (the English model's).
    """

    def __init__(self, model: str = DEFAULT_MODEL, threads: int | None = None) -> None:
        self._name = model
        of_files = fingerprint(model)
        # Threads that wait by spinning make a query 15 times slower as soon as another process wants the cores.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import torch  # five seconds: only once a model is wanted
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        if threads is not None:
            torch.set_num_threads(threads)
        try:
            with model_folder(model) as path:
                loaded: Any = SentenceTransformer(path, device="cpu")
            # Its own copy: the model's sets padding and truncation while it encodes.
            tokenizer = loaded.tokenizer
            self._counter: Any = copy.deepcopy(getattr(tokenizer, "backend_tokenizer", tokenizer))
        except Exception as error:
            raise ModelNotLoadable(model, _first_line(error)) from error
        self._counter.no_truncation()
        self._counter.no_padding()
        length = min(loaded.max_seq_length or _NO_LIMIT, _NO_LIMIT)  # models of words have none
        self._max_tokens = int(length) - int(self._counter.num_special_tokens_to_add(False))
        self._fingerprint = of_files or vector_fingerprint(loaded)
        self._turns = turns = Turns()
        self._encode = encode = _one_at_a_time(loaded)
        self._dimension = int(encode(["dimension"]).shape[1])

        def encode_query(texts: Sequence[str]) -> Vectors:  # holds no reference to the embedder, so that it can end
            with turns.query():
                return encode(texts)

        self._queries = QueryEmbedding(encode_query, self._dimension)

    @property
    def name(self) -> str:
        return self._name

    @property
    def model_id(self) -> str:
        return f"{self._name}@{self._fingerprint}"

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def max_tokens(self) -> int:
        return self._max_tokens

    def embed_query(self, texts: Sequence[str]) -> Vectors:
        return self.submit_query(texts).result()

    def submit_query(self, texts: Sequence[str], scope: str = "") -> Future[Vectors]:
        return self._queries.submit(texts, scope)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self._dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # like lengths together: little padding
        for start in range(0, len(texts), _DOCUMENT_BATCH):
            chosen = order[start : start + _DOCUMENT_BATCH]
            with self._turns.documents():
                vectors[chosen] = self._encode([texts[i] for i in chosen])
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        encodings = self._counter.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]


def _one_at_a_time(loaded: Any) -> Callable[[Sequence[str]], Vectors]:
    """The model's encode as a function: one call at a time, since its tokenizer is not thread-safe."""
    lock = threading.Lock()

    def encode(texts: Sequence[str]) -> Vectors:
        with lock:
            vectors = loaded.encode(
                list(texts),
                batch_size=_DOCUMENT_BATCH,
                convert_to_numpy=True,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return np.ascontiguousarray(vectors, dtype=np.float32).reshape(len(texts), -1)

    return encode


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:300]
