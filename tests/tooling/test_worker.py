from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.benchmarks.systems.system import Document, documents_of
from scripts.benchmarks.worker import PACKAGES, SYSTEMS, Worker, read_documents


def test_documents_of_passages_keep_the_best_place() -> None:
    assert documents_of(["a#1", "b#0", "a#0", "c#x#3"], k=3) == ["a", "b", "c#x"]


def test_documents_are_read_as_written(tmp_path: Path) -> None:
    row = {"id": "a", "title": "T", "text": "t", "passages": ["T\nt", "T\nu"]}
    (tmp_path / "documents.jsonl").write_text(json.dumps(row) + "\n")
    [document] = read_documents(tmp_path / "documents.jsonl")
    assert document == Document("a", "T", "t", ("T\nt", "T\nu"))
    assert document.passage_ids() == ["a#0", "a#1"]


def test_every_peer_names_its_package() -> None:
    assert {name for name in SYSTEMS if not name.startswith("kbsearch")} == set(PACKAGES)


def test_a_worker_that_ends_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="KeyError: 'no such system'"):
        Worker("scripts.benchmarks.worker", "no such system", str(tmp_path))


@pytest.mark.model
def test_a_worker_imports_answers_and_finds_what_was_written(tmp_path: Path) -> None:
    rows = [{"id": "vpn", "title": "VPN error 809", "text": "Use SSTP.", "passages": ["VPN error 809\nUse SSTP."]}]
    file = tmp_path / "documents.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    worker = Worker("scripts.benchmarks.worker", "kbsearch in process", str(tmp_path))
    assert worker.ask(do="import", file=str(file), first=0, end=None)["peak_mb"] > 0
    asked = worker.ask(do="ask", text="VPN says error 809", judge=True)
    assert asked["ranked"] == ["vpn"]
    written = {"id": "scan", "title": "The scanner beeps", "text": "Dried it.", "passages": ["The scanner beeps"]}
    found = worker.ask(do="write", document=written, question="The scanner beeps")
    assert found["ms"] >= found["written_ms"] > 0
    with pytest.raises(RuntimeError, match="FileNotFoundError"):
        worker.ask(do="import", file=str(tmp_path / "absent"), first=0, end=None)
    worker.close()
