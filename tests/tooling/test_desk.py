from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.api.requests.tickets import WriteBackLine
from scripts.benchmarks.desk import FORUM, QUESTIONS, RESOLVED, parts, questions, tickets


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    def asked(*ids: str) -> list[dict[str, Any]]:
        return [{"_id": id, "text": f"{id} fails\n\nIt fails.", "metadata": {"title": f"{id} fails"}} for id in ids]

    resolved = {"id": "r1", "title": "No mail", "description": "None since noon.", "resolution": "Restarted."}
    _write(tmp_path / RESOLVED, [resolved])
    forum = [{"_id": id, "title": "No mail", "text": "None. Since noon. Please help."} for id in ("r1", "f1", "q2")]
    _write(tmp_path / FORUM, forum)
    for name, ids in zip(QUESTIONS, (("q1",), ("q1", "q2"), ("q3",)), strict=True):
        _write(tmp_path / name, asked(*ids))
    return tmp_path


def test_every_ticket_once_and_none_that_is_asked_first(data: Path) -> None:
    found = list(tickets(data))
    assert [one["ticket"]["id"] for one in found] == ["r1", "f1", "q2", "q3"]
    assert found[0]["resolution"] == "Restarted."
    assert (found[1]["ticket"]["description"], found[1]["resolution"]) == ("None. Since noon.", "Please help.")


def test_tickets_are_write_backs(data: Path) -> None:
    for one in tickets(data):
        WriteBackLine.model_validate(one)


def test_no_question_twice(data: Path) -> None:
    assert [text.split()[0] for text in questions(data)] == ["q1", "q2", "q3"]


@given(lengths=st.lists(st.integers(0, 20), min_size=1, max_size=3), count=st.integers(1, 4), seed=st.integers(0, 99))
def test_parts_hold_every_line_once(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], count: int, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    files = [folder / f"{number}.jsonl" for number in range(len(lengths))]
    for number, (file, length) in enumerate(zip(files, lengths, strict=True)):
        file.write_text("".join(f"{number}:{line}\n" for line in range(length)))
    dealt = parts(files, count, 1_000, seed, folder / "out")
    for number, file in enumerate(files):
        lines = [line for part in dealt for line in part[number].read_text().splitlines()]
        assert sorted(lines) == sorted(file.read_text().splitlines())
    sizes = [sum(len(file.read_text().splitlines()) for file in part) for part in dealt]
    assert max(sizes) - min(sizes) <= 1
