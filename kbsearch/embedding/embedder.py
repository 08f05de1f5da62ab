"""The interface of an embedding model."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into unit vectors. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """The requested name of the model: ``default``, a package's model name or a folder."""
        ...

    @property
    def model_id(self) -> str:
        """Name and fingerprint of the weights: vectors of two embedders agree if this does."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text are read, special tokens not counted."""
        ...

    def embed_query(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension), C order; ahead of waiting documents."""
        ...

    def submit_query(self, texts: Sequence[str], scope: str = "") -> Future[Vectors]:
        """As embed_query, without waiting for the result.

        Vectors of earlier queries are used again within ``scope`` only, which may be any name.
        """
        ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension), C order; lets waiting queries go first.

        Several threads may call it at once, which is faster than one.
        """
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Token counts of whole texts, special tokens not counted, nothing cut off."""
        ...
