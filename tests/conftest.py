"""Fixtures of all tests: real parts on a folder of their own, a hashing embedder, a clock that is set by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import examples  # noqa: F401 - registers the profiles of Hypothesis
import pytest
from clocks import FakeClock
from hypothesis import settings

from kbsearch.bootstrap import embedded
from kbsearch.knowledge import KnowledgeBase
from scripts.harness.hashing import HashingEmbedder

settings.load_profile("quick")


@pytest.fixture(scope="session", autouse=True)
def exports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The default model is exported once for all tests, all processes that they start, and all workers of xdist."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "exports"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KBSEARCH_EXPORT_DIR", str(folder))
        yield folder


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 23, 9, 30, tzinfo=UTC))


@pytest.fixture
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture
def knowledge(tmp_path: Path, embedder: HashingEmbedder, clock: FakeClock) -> Iterator[KnowledgeBase]:
    opened = embedded(tmp_path / "knowledge", lambda model: embedder, clock=clock)
    yield opened
    opened.close()
