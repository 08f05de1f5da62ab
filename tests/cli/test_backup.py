from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cli.conftest import Run
from kbsearch.cli import main
from kbsearch.store.sqlite.database import SQLiteStore
from kbsearch.store.sqlite.folder_use import FolderUse


def test_backup_check_and_restore(run: Run, data: Path, tmp_path: Path) -> None:
    SQLiteStore(data).close()
    assert run("check").exit_code == 0
    assert run("backup", str(tmp_path / "b")).exit_code == 0
    refused = run("restore", str(tmp_path / "b"))
    assert "--force" in str(refused.exception)
    (data / "index").mkdir()
    assert run("restore", str(tmp_path / "b"), "--force").exit_code == 0
    assert not (data / "index").exists()
    assert run("restore", str(tmp_path / "b"), "--data", str(tmp_path / "new")).exit_code == 0
    assert run("check", "--data", str(tmp_path / "new")).exit_code == 0


def test_a_folder_in_use_is_not_replaced(run: Run, data: Path, tmp_path: Path) -> None:
    SQLiteStore(data).close()
    run("backup", str(tmp_path / "b"))
    use = FolderUse(data)
    assert "stop it first" in str(run("restore", str(tmp_path / "b"), "--force").exception)
    use.close()


def test_what_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    assert "no knowledge base" in str(run("check").exception)
    assert "no such file" in str(run("restore", str(tmp_path / "b")).exception)


def test_the_process_ends_with_the_commands_code(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SQLiteStore(data)
    with store.write() as tx:
        tx.execute(
            "INSERT INTO generations (model, model_id, dimension, recipe, state, created_at, changed_at)"
            " VALUES ('m', 'm', 4, 'r', 'current', '', '')"
        )
    store.close()
    for command, code in ((["check"], None), (["check", "--nonsense"], 2)):
        monkeypatch.setattr(sys, "argv", ["kbsearch", *command, "--data", str(data)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == code
    store = SQLiteStore(data)
    with store.write() as tx:
        tx.execute(
            "INSERT INTO documents (generation, tenant, kind, source_id, length) VALUES (1, 'a', 'ticket', 'x', 1)"
        )
    store.close()
    monkeypatch.setattr(sys, "argv", ["kbsearch", "check", "--data", str(data)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1


@pytest.mark.parametrize("name", ["a#1.db", "a?b.db", "50%25.db", "с интервал.db"])
def test_any_name_of_a_file_will_do(run: Run, data: Path, tmp_path: Path, name: str) -> None:
    SQLiteStore(data).close()
    target = tmp_path / "of # and ?" / name
    target.parent.mkdir()
    assert run("backup", str(target)).exit_code == 0
    assert [path.name for path in target.parent.iterdir()] == [name]
    assert run("restore", str(target), "--data", str(tmp_path / "new")).exit_code == 0
    target.write_bytes(b"damaged")
    assert "no kbsearch backup" in str(run("restore", str(target), "--force").exception)


def test_a_backup_replaces_a_file_only_on_request(run: Run, data: Path, tmp_path: Path) -> None:
    SQLiteStore(data).close()
    target = tmp_path / "b"
    target.write_text("precious")
    refused = run("backup", str(target))
    assert refused.exit_code == 1
    assert "--force" in str(refused.exception)
    assert target.read_text() == "precious"
    assert run("backup", str(target), "--force").exit_code == 0
