"""What people see: whole ids, a clear word where there is nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from kbsearch.cli.output import print_table
from kbsearch.store.sqlite.database import SQLiteStore

from .conftest import Run

COMMANDS = (
    ("search", "printer"),
    ("suggest", "printer"),
    ("calibrate", "--tenant", "acme"),
    ("reindex",),
    ("keys", "list"),
    ("keys", "revoke", "k"),
    ("keys", "rotate", "k"),
    ("audit",),
    ("check",),
    ("redaction", "policy", "--tenant", "acme"),
    ("redaction", "raw", "T-1"),
    ("backup", "copy.db"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_mistyped_data_folder_is_an_error_and_makes_no_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*command, "--data", str(tmp_path / "mistyped"))
    assert result.exit_code == 1
    assert "mistyped" in str(result.exception)
    assert not (tmp_path / "mistyped").exists()


def test_no_keys_says_what_that_means(run: Run) -> None:
    run("keys", "create", "first", "--role", "admin", "--tenant", "acme")
    assert "There are no keys" not in run("keys", "list").output


def test_before_the_first_key_everyone_on_loopback_is_admin(run: Run, data: Path) -> None:
    SQLiteStore(data).close()
    said = run("keys", "list").output
    assert "There are no keys" in said
    assert "keys create" in said


def test_ids_are_never_broken(capsys: pytest.CaptureFixture[str]) -> None:
    id, other = "fix-" + "0123456789abcdef" * 6, "short"
    print_table(("kind", "id", "title"), [("ticket", id, "word " * 60), ("article", other, "[b]markup[/b]")])
    shown = capsys.readouterr().out
    assert id in shown
    assert "[b]markup[/b]" in shown


def test_control_characters_move_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("id",), [("T-1\nforged line\x1b[2J\u202eright to left",)])
    [_, line] = capsys.readouterr().out.splitlines()
    assert line.startswith("T-1\ufffdforged line\ufffd[2J\ufffdright to left")
