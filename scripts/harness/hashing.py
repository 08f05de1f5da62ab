"""A deterministic embedder without a model, for tests of everything but quality."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from concurrent.futures import Future

import numpy as np

from kbsearch.embedding.embedder import Vectors

_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Each word adds a fixed pseudo-random direction (random indexing, Kanerva et al. 2000).

    Args:
        dimension: length of a vector.
        max_tokens: a word counts as one token.
        name: part of the model id, so that two of them can differ.
    """

    def __init__(self, dimension: int = 64, max_tokens: int = 64, name: str = "hashing") -> None:
        self._dimension = dimension
        self._max_tokens = max_tokens
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @property
    def model_id(self) -> str:
        return f"{self._name}@{self._dimension}"

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def max_tokens(self) -> int:
        return self._max_tokens

    def embed_query(self, texts: Sequence[str]) -> Vectors:
        return self.embed_documents(texts)

    def submit_query(self, texts: Sequence[str], scope: str = "") -> Future[Vectors]:
        future: Future[Vectors] = Future()
        future.set_result(self.embed_query(texts))
        return future

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self._dimension), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in _WORD.findall(text.casefold())[: self._max_tokens]:
                row += self._direction(word)
            norm = np.linalg.norm(row)
            row[:] = row / norm if norm else self._direction("")
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_WORD.findall(text)) for text in texts]

    def _direction(self, word: str) -> Vectors:
        seed = int.from_bytes(hashlib.blake2b(f"{self._name}:{word}".encode(), digest_size=8).digest())
        direction = np.random.default_rng(seed).standard_normal(self._dimension).astype(np.float32)
        return direction / np.linalg.norm(direction)
