from __future__ import annotations

from pathlib import Path

import pytest

from kbsearch.embedding.embedder import Embedder
from kbsearch.embedding.exported import ExportedEmbedder
from kbsearch.embedding.loading import load_embedder
from kbsearch.embedding.sentence_transformer import SentenceTransformerEmbedder


@pytest.fixture(scope="session")
def plain() -> SentenceTransformerEmbedder:
    """The default model by sentence-transformers, loaded once."""
    return SentenceTransformerEmbedder(threads=2)


@pytest.fixture(scope="session")
def exported(exports: Path) -> ExportedEmbedder:
    """The default model as it is served."""
    embedder = load_embedder("default", exports)
    assert isinstance(embedder, ExportedEmbedder)
    return embedder


@pytest.fixture(params=["exported", "plain"])
def model(request: pytest.FixtureRequest) -> Embedder:
    """Both embedders keep the same promises."""
    return request.getfixturevalue(request.param)
