from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from clocks import FakeClock

from kbsearch.bootstrap import embedded
from kbsearch.desk.desk import Desk
from kbsearch.knowledge import KnowledgeBase
from scripts.harness.hashing import HashingEmbedder

START = datetime(2026, 9, 7, 8, tzinfo=UTC)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture
def kb(tmp_path: Path, clock: FakeClock) -> Iterator[KnowledgeBase]:
    opened = embedded(tmp_path / "desk", lambda model: HashingEmbedder(), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def desk(kb: KnowledgeBase) -> Desk:
    return Desk(kb.store)
