from __future__ import annotations

import random
from pathlib import Path

import kill_rounds
import pytest


@pytest.mark.slow
@pytest.mark.parametrize("journey", kill_rounds.JOURNEYS)
def test_a_killed_journey_loses_nothing(journey: str, tmp_path: Path) -> None:
    kill_rounds.prepared(tmp_path / "data")
    if journey == "migration":
        kill_rounds.outdate(tmp_path / "data")
    last = kill_rounds.killed(journey, tmp_path / "data", random.Random(5), 1.0)
    assert kill_rounds.verify(tmp_path / "data", journey, last) is None


def test_a_loss_would_be_told(tmp_path: Path) -> None:
    kill_rounds.prepared(tmp_path / "data")
    kb = kill_rounds.opened(tmp_path / "data")
    kb.tickets.erase(kill_rounds.TENANT, kill_rounds.problem(3).id)
    kb.close()
    wrong = kill_rounds.verify(tmp_path / "data", "write_back", kill_rounds.BEFORE - 1)
    assert wrong == f"lost: {[kill_rounds.problem(3).id]}"
