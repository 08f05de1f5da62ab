from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.conftest import Run
from kbsearch.store.sqlite.database import SQLiteStore


@pytest.fixture(autouse=True)
def stored(data: Path) -> None:
    SQLiteStore(data).close()


def test_a_policy_is_changed_and_shown(run: Run) -> None:
    result = run("redaction", "policy", "--tenant", "acme", "--off", "ip", "--word", "Falcon", "--keep", "x@y.example")
    assert result.exit_code == 0
    run("redaction", "policy", "--tenant", "acme", "--off", "host", "--forget", "Falcon")
    shown = json.loads(run("redaction", "policy", "--tenant", "acme", "--json").stdout)
    assert shown == {"tenant": "acme", "off": ["host", "ip"], "words": [], "kept": ["x@y.example"], "keep_raw": False}
    other = json.loads(run("redaction", "policy", "--tenant", "other", "--json").stdout)
    assert other["off"] == []


def test_the_audit_log_tells_who_changed_a_policy(run: Run) -> None:
    run("redaction", "policy", "--tenant", "acme", "--off", "ip")
    [entry] = json.loads(run("audit", "--action", "redaction.changed", "--json").stdout)
    assert entry["tenant"] == "acme"
    assert entry["actor"].startswith("cli:")


def test_keeping_texts_without_a_key_is_warned_of(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "stored unencrypted" in run("redaction", "policy", "--raw").stderr
    monkeypatch.setenv("KBSEARCH_RAW_KEY", run("redaction", "key").stdout.strip())
    assert "stored unencrypted" not in run("redaction", "policy", "--raw").stderr


def test_a_wrong_key_is_named_not_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBSEARCH_RAW_KEY", "swordfish")
    error = str(run("redaction", "policy").exception)
    assert "KBSEARCH_RAW_KEY" in error
    assert "swordfish" not in error


def test_shared_knowledge_has_no_exceptions(run: Run) -> None:
    assert "always redacted" in str(run("redaction", "policy", "--tenant", "shared", "--off", "ip").exception)


def test_labelled_lines_are_checked(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("write to [[email|a@example.com]]\nerror 0x80070005\n")
    result = run("redaction", "check", str(file), "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["kinds"]["email"] == {"found": 1, "missed": 0, "spurious": 0, "recall": 1.0, "precision": 1.0}
    file.write_text("b@example.com\n[[user|the butler]]\n")
    result = run("redaction", "check", str(file))
    assert result.exit_code == 1
    assert "lines.txt:1: spurious email" in result.stderr
    assert "butler" not in result.output


def test_a_file_with_an_unknown_kind_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("fine\n[[mail|a@example.com]]\n")
    assert "lines.txt:2" in str(run("redaction", "check", str(tmp_path / "lines.txt")).exception)
