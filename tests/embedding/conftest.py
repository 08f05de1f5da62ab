from __future__ import annotations

import pytest

from kbsearch.embedding.sentence_transformer import SentenceTransformerEmbedder


@pytest.fixture(scope="session")
def model() -> SentenceTransformerEmbedder:
    """The default model, loaded once."""
    return SentenceTransformerEmbedder(threads=2)
