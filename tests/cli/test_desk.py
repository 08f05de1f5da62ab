"""``kbsearch status``, ``desk``, ``gaps`` and ``review``: they need no model, and a wrong folder is an error."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from knowledge.made import ACME, put, resolve, suggest

from cli.conftest import Run, answer
from kbsearch.bootstrap import embedded
from kbsearch.store.port import utc_now
from scripts.harness.hashing import HashingEmbedder

LONG = "A-VERY-LONG-TICKET-NUMBER-THAT-PEOPLE-COPY-2026-11-28-000000000000000001"


@pytest.fixture
def filled(data: Path) -> None:
    kb = embedded(data, lambda model: HashingEmbedder())
    put(kb)
    resolve(kb, "T-1", level=1, resolved_at=utc_now(), minutes_spent=5)
    for id in (LONG, "T-3"):
        suggest(kb, "Payroll portal rejects the token", id=id)
    kb.close()


@pytest.mark.usefixtures("filled")
def test_what_a_person_reads(run: Run) -> None:
    status = run("status")
    assert status.exit_code == 0, status.output
    assert "hashing@64" in status.stdout
    assert "acme" in status.stdout
    board = run("desk")
    assert board.exit_code == 0, board.output
    assert "Resolved by the first line" in board.stdout
    assert "1 of 1" in board.stdout
    gaps = run("gaps", "--tenant", "acme")
    assert gaps.exit_code == 0, gaps.output
    assert "1 gap\n" in gaps.stdout
    assert LONG in gaps.stdout
    review = run("review", "--tenant", "acme")
    assert review.exit_code == 0, review.output
    assert "Open flags" in review.stdout


@pytest.mark.usefixtures("filled")
def test_what_a_machine_reads(run: Run) -> None:
    assert [one["tenant"] for one in answer(run("status", "--json"))["tenants"]] == [ACME]
    [verdicts] = [one for one in answer(run("desk", "--json"))["figures"] if one["name"] == "verdicts"]
    assert verdicts["parts"] == {"known": 0, "unsure": 0, "new": 2}
    assert answer(run("gaps", "--json"))["gaps"][0]["count"] == 2
    assert answer(run("review", "--tenant", "acme", "--json"))["queues"]["flags"] == 0
    exported = run("desk", "--tickets", "verdicts")
    assert exported.exit_code == 0, exported.exception
    rows = list(csv.DictReader(io.StringIO(exported.stdout)))
    assert {row["ticket_id"] for row in rows} == {LONG, "T-3"}


@pytest.mark.parametrize("command", ["status", "desk", "gaps", "review"])
def test_a_mistyped_folder_is_an_error_and_stays_missing(run: Run, tmp_path: Path, command: str) -> None:
    wrong = tmp_path / "dtaa"
    result = run(command, "--data", str(wrong))
    assert result.exit_code != 0
    assert not wrong.exists()
