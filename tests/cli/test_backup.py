from __future__ import annotations

from pathlib import Path

from cli.conftest import Run
from kbsearch.store.database import Store
from kbsearch.store.folder_use import FolderUse


def test_backup_check_and_restore(run: Run, data: Path, tmp_path: Path) -> None:
    Store(data).close()
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
    Store(data).close()
    run("backup", str(tmp_path / "b"))
    use = FolderUse(data)
    assert "stop it first" in str(run("restore", str(tmp_path / "b"), "--force").exception)
    use.close()


def test_what_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    assert "no store" in str(run("check").exception)
    assert "no such file" in str(run("restore", str(tmp_path / "b")).exception)
