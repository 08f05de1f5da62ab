from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Run, answer

pytestmark = pytest.mark.model

_KB = {"id": "kb/1", "lang": "bg", "title": "Принтерът е офлайн", "body": "Рестартирайте спулера.", "license": "x"}
_RESOLVED = {
    "id": "tb-1", "lang": "en-US", "title": "Folders vanished", "description": "All folders are gone.",
    "resolution": "Renaming panacea.dat in the profile brought them back.", "resolved_by": "helper",
    "created": "2024-01-01", "tags": ["other"],
}  # fmt: skip
_BEIR = {"_id": "doc-1", "title": "Calendar is empty", "text": "Subscribe to the calendar again.", "metadata": {}}
_OWN = {"ticket": {"id": "RT-1", "subject": "No sound"}, "resolution": "Chose the headset as the output device."}
_ARTICLE = {"id": "own-1", "title": "Slow PC", "resolution": "Remove the second virus scanner."}


def test_every_shape_is_imported(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in (_KB, _RESOLVED, _BEIR, _OWN, _ARTICLE)))
    [result] = answer(run("import", str(path), "--json"))
    assert (result["articles"], result["tickets"], result["errors"]) == (3, 2, [])
    [again] = answer(run("import", str(path), "--json"))
    assert again["unchanged"] == 5
    for words, id in (
        ("спулер", "kb/1"),
        ("panacea.dat", "tb-1"),
        ("subscribe calendar", "doc-1"),
        ("headset", "RT-1"),
    ):
        assert answer(run("search", words, "--json"))[0]["id"] == id


def test_broken_lines_are_named_and_skipped(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    lines = [json.dumps(_ARTICLE), "{not json", '"text"', json.dumps({"id": "x", "title": "no resolution"}), "\xff"]
    path.write_bytes("\n".join(lines).encode("latin-1"))
    result = run("import", str(path), "--json")
    assert result.exit_code == 1
    [report] = answer(result)
    assert report["articles"] == 1
    assert [error["line"] for error in report["errors"]] == [2, 3, 4, 5]
    assert "resolution must not be empty" in report["errors"][2]["detail"]


def test_a_time_in_the_future_is_left_out_with_a_warning(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "ahead.jsonl"
    path.write_text(json.dumps({**_OWN, "resolved_at": "2999-01-01T00:00:00Z"}))
    [report] = answer(run("import", str(path), "--json"))
    assert report["tickets"] == 1
    [warning] = report["warnings"]
    assert warning["line"] == 1
    assert warning["detail"].startswith("/resolved_at: left out")


def test_a_missing_file_ends_before_the_model_is_loaded(run: Run, tmp_path: Path) -> None:
    result = run("import", str(tmp_path / "none.jsonl"))
    assert "there is no such file" in str(result.exception)
    assert "opening" not in result.output


def test_progress_tells_the_bytes_taken_in(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    rows = [_RESOLVED | {"id": f"tb-{n}", "description": "All folders are gone. " * 100} for n in range(12)]
    lines = [json.dumps(row) for row in rows]
    lines[5:5] = ["{broken", ""]
    path.write_text("\n".join(lines) + "\n")
    result = run("import", str(path))
    size = path.stat().st_size // 1024
    assert f"indexing long.jsonl, KiB: {size} of {size}" in result.output
    assert "0 articles and 12 tickets" in result.output
    assert "1 lines skipped" in result.output


_EXPORT = (
    "Number,Subject,Fix,Company\n1,No sound,Chose the headset as the output device.,ACME\n2,x,,ACME\n3,y,z,Initech\n"
)
_MAPPING = """
fields:
  id: Number
  subject: Subject
  resolution: {path: Fix, required: true}
tenant: {path: Company, map: {ACME: acme, Globex: globex}, on_missing: reject}
"""


def test_an_export_is_surveyed_imported_and_its_rejects_are_kept(run: Run, tmp_path: Path) -> None:
    export, mapping, rejects = tmp_path / "e.csv", tmp_path / "m.yaml", tmp_path / "rejects.jsonl"
    export.write_text(_EXPORT)
    mapping.write_text(_MAPPING)
    options = ("import", str(export), "--mapping", str(mapping))
    [seen] = answer(run(*options, "--dry-run", "--json"))
    assert (seen["records"], seen["tenants"], [one["line"] for one in seen["rejected"]]) == (1, {"acme": 1}, [3, 4])
    result = run(*options, "--rejects", str(rejects), "--json")
    assert result.exit_code == 1
    [report] = answer(result)
    assert report["tickets"] == 1
    kept = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [(one["line"], one["record"]["Number"]) for one in kept] == [(3, "2"), (4, "3")]
    assert rejects.stat().st_mode & 0o077 == 0
    assert answer(run("search", "headset", "--tenant", "acme", "--json"))[0]["id"] == "1"
    assert answer(run("search", "headset", "--tenant", "globex", "--json")) == []
    [again] = answer(run(*options, "--json"))
    assert again["unchanged"] == 1


def test_a_dry_run_writes_nothing(run: Run, tmp_path: Path) -> None:
    export = tmp_path / "e.csv"
    export.write_text("Issue key,Summary,Status,Comment\nK-1,Fax,Done,d;a;Pulled the lever\n")
    result = run("import", str(export), "--mapping", "jira", "--dry-run")
    assert "1 ticket would be imported" in result.stderr.replace("\n", " ")
    assert run("import", str(export), "--dry-run").exit_code == 2
