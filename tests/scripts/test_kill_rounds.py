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
    kill_rounds.fill(tmp_path / "data")
    kb = kill_rounds.opened(tmp_path / "data")
    kb.tickets.erase(kill_rounds.TENANT, kill_rounds.problem(3).id)
    kb.close()
    wrong = kill_rounds.verify(tmp_path / "data", kill_rounds.FILLED, 0)
    assert wrong == f"lost: {[kill_rounds.problem(3).id]}"


def test_half_a_batch_would_be_told(tmp_path: Path) -> None:
    kill_rounds.fill(tmp_path / "data")
    kb = kill_rounds.opened(tmp_path / "data")
    kb.tickets.resolve(kill_rounds.TENANT, kill_rounds.ticket(kill_rounds.BEFORE))
    kb.close()
    assert kill_rounds.verify(tmp_path / "data", kill_rounds.FILLED, 0, batch=3) == "13 documents where 12 are known"


def test_an_outdated_folder_holds_what_is_asked_for(tmp_path: Path) -> None:
    kill_rounds.outdate(tmp_path / "old")
    assert kill_rounds.verify(tmp_path / "old", kill_rounds.OUTDATED, 0) is None
