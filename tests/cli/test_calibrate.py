"""``kbsearch calibrate``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kbsearch.knowledge.learning.calibration import LEAST_TICKETS

from .conftest import Run, answer

pytestmark = pytest.mark.model


@pytest.mark.parametrize(
    ("tickets", "said"),
    [(3, f"3 resolved tickets, {LEAST_TICKETS} are needed"), (LEAST_TICKETS, "there is nothing to learn from: each")],
)
def test_says_in_words_why_there_is_nothing_to_learn_from(run: Run, tmp_path: Path, tickets: int, said: str) -> None:
    lines = [
        {"ticket": {"id": f"T-{n}", "subject": f"Printer{n} beeps"}, "resolution": f"Replaced fuser x{n} in room y{n}"}
        for n in range(tickets)
    ]
    path = tmp_path / "tickets.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    run("import", str(path), "--tenant", "acme")
    assert said in run("calibrate", "--tenant", "acme").output.replace("\n", " ")
    assert said in run("calibrate", "--tenant", "acme", "--status").output.replace("\n", " ")
    told = answer(run("calibrate", "--tenant", "acme", "--json"))
    assert (told["tickets"], told["answerable"], told["kept"], told["judged"]) == (tickets, 0, "shipped", {})
