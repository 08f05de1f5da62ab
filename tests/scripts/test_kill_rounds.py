from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import kill_rounds
import pytest

SCRIPT = Path(kill_rounds.__file__)


@pytest.mark.slow
def test_killed_processes_lose_nothing() -> None:
    rounds = str(2 * len(kill_rounds.JOURNEYS))
    done = subprocess.run(
        [sys.executable, SCRIPT, "--rounds", rounds], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{rounds} rounds" in done.stdout


def test_a_loss_would_be_told(tmp_path: Path) -> None:
    kill_rounds.prepared(tmp_path / "data")
    kb = kill_rounds.opened(tmp_path / "data")
    kb.tickets.erase(kill_rounds.TENANT, kill_rounds.problem(3).id)
    kb.close()
    wrong = kill_rounds.verify(tmp_path / "data", "write_back", kill_rounds.BEFORE - 1)
    assert wrong == f"lost: {[kill_rounds.problem(3).id]}"
