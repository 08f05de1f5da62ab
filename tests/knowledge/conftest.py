from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kbsearch.bootstrap import embedded
from kbsearch.errors import ModelNotLoadable
from kbsearch.knowledge import KnowledgeBase
from knowledge.embedders import CountingEmbedder
from scripts.harness.hashing import HashingEmbedder

OpenBase = Callable[..., KnowledgeBase]


@pytest.fixture
def embedders() -> dict[str, CountingEmbedder]:
    """What can be loaded, by name; the first one is the default."""
    return {"hashing": CountingEmbedder(), "other": CountingEmbedder(dimension=32, name="other")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "base"


@pytest.fixture
def open_base(folder: Path, embedders: dict[str, CountingEmbedder], clock) -> Iterator[OpenBase]:
    """Opens a knowledge base as often as wanted, by default on the same folder; all are closed at the end."""
    opened: list[KnowledgeBase] = []

    def open_one(path: Path = folder, model: str | None = None, embedder: HashingEmbedder | None = None):
        def load(name: str) -> HashingEmbedder:
            if embedder is None and name not in embedders:
                raise ModelNotLoadable(name, "there is no such model")
            return embedder or embedders[name]

        base = embedded(path, load, model=model, default_model="hashing", clock=clock)
        opened.append(base)
        return base

    yield open_one
    for base in opened:
        base.close()


@pytest.fixture
def kb(open_base: OpenBase) -> KnowledgeBase:
    return open_base()
