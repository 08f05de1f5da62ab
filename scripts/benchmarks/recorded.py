"""What an import embeds, text for text: recorded by importing with an embedder that only listens."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbsearch.bootstrap import embedded
from kbsearch.cli.importing import import_file
from kbsearch.embedding.embedder import Vectors
from kbsearch.model import TenantId
from scripts.benchmarks.embedders import kbsearch_embedder


class _Listening:
    """Notes the documents' texts and gives random unit vectors; everything else is the true embedder's."""

    def __init__(self, true: Any) -> None:
        self._true = true
        self._random = np.random.default_rng(0)
        self.texts: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._true, name)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        drawn = self._random.standard_normal((len(texts), self._true.dimension)).astype(np.float32)
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def passages_of(files: Sequence[Path]) -> list[str]:
    """The texts that ``kbsearch import`` of these files into a new data folder hands to the model."""
    with tempfile.TemporaryDirectory(prefix="kbsearch-passages-") as folder:
        listening = _Listening(kbsearch_embedder())
        knowledge = embedded(Path(folder), lambda *_: listening)
        for file in files:
            import_file(knowledge, TenantId("default"), file)
        knowledge.close()
    return listening.texts
