"""Fixtures of all tests: real parts on a folder of their own, a hashing embedder, a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hashing import HashingEmbedder

from kbsearch.knowledge import KnowledgeBase


class FakeClock:
    """Gives ``now`` until it is set to another time. Aware, UTC."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        """Move on by ``timedelta(**delta)``."""
        self.now += timedelta(**delta)


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
