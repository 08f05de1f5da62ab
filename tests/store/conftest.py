from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kbsearch.store.sqlite.database import SQLiteStore


@pytest.fixture
def store(tmp_path: Path, clock) -> Iterator[SQLiteStore]:
    opened = SQLiteStore(tmp_path / "store", clock)
    yield opened
    opened.close()
