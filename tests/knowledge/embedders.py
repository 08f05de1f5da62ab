"""Hashing embedders that show something of what is asked of them."""

from __future__ import annotations

import re

from kbsearch.embedding.queries import QueryEmbedding
from scripts.harness.hashing import HashingEmbedder


class CountingEmbedder(HashingEmbedder):
    """Keeps the texts of all documents that it has embedded."""

    def __init__(self, dimension: int = 64, name: str = "hashing") -> None:
        super().__init__(dimension=dimension, name=name)
        self.documents: list[str] = []

    def embed_documents(self, texts):
        self.documents += texts
        return super().embed_documents(texts)

    def embed_query(self, texts):
        return super().embed_documents(texts)


class RememberingEmbedder(HashingEmbedder):
    """Keeps the vectors of questions as the real models do; ``questions`` are those that it has embedded."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: list[str] = []
        self._queries = QueryEmbedding(self._embed, self.dimension)

    def submit_query(self, texts, scope=""):
        return self._queries.submit(texts, scope)

    def _embed(self, texts):
        self.questions += texts
        return self.embed_documents(texts)


class SynonymEmbedder(HashingEmbedder):
    """Knows that two words mean the same, which the lexical side cannot know."""

    def embed_documents(self, texts):
        return super().embed_documents([re.sub(r"\w+", self._meaning, text.casefold()) for text in texts])

    def _meaning(self, word):
        return "projector" if word.group() in ("beamer", "проектор") else word.group()
