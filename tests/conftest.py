"""Fixtures of all tests: real parts on a folder of their own, a hashing embedder, a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from clocks import FakeClock
from hashing import HashingEmbedder
from hypothesis import HealthCheck, settings

from kbsearch.knowledge import KnowledgeBase

# A busy machine is no failure: how long an example takes is not judged.
settings.register_profile("kbsearch", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kbsearch")


@pytest.fixture(scope="session", autouse=True)
def exports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The default model is exported once for all tests and all processes that they start."""
    folder = tmp_path_factory.mktemp("exports")
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
    opened = KnowledgeBase(tmp_path / "knowledge", lambda model: embedder, clock=clock)
    yield opened
    opened.close()
