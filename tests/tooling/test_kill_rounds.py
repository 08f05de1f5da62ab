from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kbsearch.model import Article, Feedback, FeedbackOutcome, Scope, Ticket
from scripts.harness.invented import problem
from scripts.harness.residue import Traces
from scripts.stress import kill_rounds
from scripts.stress.kills.journeys import (
    BATCH,
    BEFORE,
    FILLED,
    GUIDE,
    JOURNEYS,
    OUTDATED,
    TENANT,
    comment,
    fill,
    opened,
    outdate,
    ticket,
)
from scripts.stress.kills.ledger import Ledger, noting, read
from scripts.stress.kills.verifying import verify

SCRIPT = Path(kill_rounds.__file__)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "data")
    return tmp_path / "data"


@pytest.mark.slow
def test_killed_processes_lose_nothing_and_leave_nothing() -> None:
    rounds = str(2 * len(JOURNEYS))
    done = subprocess.run(
        [sys.executable, SCRIPT, "--rounds", rounds], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{rounds} rounds" in done.stdout


def test_a_loss_would_be_seen(folder: Path) -> None:
    kb = opened(folder)
    kb.tickets.erase(TENANT, problem(3).id)
    kb.close()
    assert verify(folder, FILLED, Ledger()) == f"lost: {[problem(3).id]}"


def test_half_a_batch_would_be_seen(folder: Path) -> None:
    kb = opened(folder)
    kb.tickets.resolve(TENANT, ticket(BEFORE))
    kb.close()
    assert verify(folder, FILLED, Ledger(), BATCH) == "14 documents where 13 are known"


def test_what_stays_of_an_erased_ticket_would_be_seen(folder: Path) -> None:
    words = (problem(BEFORE).name, comment(BEFORE).split()[0])
    ledger = Ledger(written={BEFORE}, commented={BEFORE}, erasing={BEFORE: Traces(words)}, erased={BEFORE})
    kb = opened(folder)
    kb.tickets.resolve(TENANT, ticket(BEFORE, GUIDE))
    shown = kb.suggest(Scope(TENANT), Ticket(problem(BEFORE).issue, id=problem(BEFORE).id))
    kb.give_feedback(TENANT, Feedback(shown.id, GUIDE, FeedbackOutcome.WRONG, "anna", comment(BEFORE)))
    assert verify(folder, FILLED, ledger) == f"erased, but stored: {[BEFORE]}"
    kb.tickets.erase(TENANT, problem(BEFORE).id)
    kb.close()
    assert verify(folder, FILLED, ledger) is None
    (folder / "left").write_text(f"Mrs {words[1]}")
    assert f"left: the word {words[1]}" in (verify(folder, FILLED, ledger) or "")


def test_a_lost_comment_would_be_seen(folder: Path) -> None:
    kb = opened(folder)
    kb.tickets.resolve(TENANT, ticket(BEFORE, GUIDE))
    kb.close()
    wrong = verify(folder, FILLED, Ledger(written={BEFORE}, commented={BEFORE}))
    assert wrong == f"comments lost: {[BEFORE]}, not erased: []"


def test_a_deleted_edition_that_is_there_would_be_seen(folder: Path) -> None:
    kb = opened(folder)
    kb.articles.put(TENANT, Article(GUIDE, "Edition1 of the warehouse", resolution="Unplug it"))
    kb.close()
    begun = Ledger(editions={1: Traces(("Edition1",))})
    assert verify(folder, FILLED, begun) is None
    begun.deleted.add(1)
    assert verify(folder, FILLED, begun) == "an edition is there though its deletion was acknowledged"


def test_what_is_noted_is_read(tmp_path: Path) -> None:
    one, other = noting(tmp_path / "one"), noting(tmp_path / "other")
    one("written", 12)
    other("written", 13)
    other("erasing", 13, ["Barokine13"], [b"\x00\xff"])
    ledger = read([tmp_path / "one", tmp_path / "other", tmp_path / "missing"])
    assert ledger == Ledger({12, 13}, erasing={13: Traces(("Barokine13",), (b"\x00\xff",))})


def test_an_outdated_folder_holds_what_is_asked_for(tmp_path: Path) -> None:
    outdate(tmp_path / "old")
    assert verify(tmp_path / "old", OUTDATED, Ledger()) is None
