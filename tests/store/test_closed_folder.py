"""The data folder, and what is in it, is readable by its owner only."""

import os
import sqlite3
from pathlib import Path

import pytest

from kbsearch.errors import StorageError
from kbsearch.store.sqlite.backup import back_up, check_backup
from kbsearch.store.sqlite.database import SQLiteStore
from kbsearch.store.sqlite.files import FILE_NAME
from kbsearch.store.tenants import ensure
from store.made import ACME


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}


@pytest.fixture
def open_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_an_open_folder_is_closed_with_what_is_in_it(tmp_path, open_umask):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    (folder / FILE_NAME).touch(mode=0o644)
    for name in ("in-use.lock", "work.lock"):
        (folder / name).touch(mode=0o644)
    store = SQLiteStore(folder)
    with store.write() as tx:
        ensure(tx, ACME)
    found = modes(folder)
    store.close()
    assert found == {
        "data": 0o700, FILE_NAME: 0o600, f"{FILE_NAME}-wal": 0o600, f"{FILE_NAME}-shm": 0o600, "in-use.lock": 0o600,
        "work.lock": 0o600,
    }  # fmt: skip


def test_a_new_folder_is_closed(tmp_path, open_umask):
    store = SQLiteStore(tmp_path / "new" / "data")
    found = modes(tmp_path / "new" / "data")
    store.close()
    assert found.pop("data") == 0o700
    assert set(found.values()) == {0o600}


def test_an_open_folder_of_another_user_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)  # whatever umask a command in this process has set

    def refuse(self, mode):
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)  # tests may run as root, who may change everything
    with pytest.raises(StorageError, match="chmod -R go="):
        SQLiteStore(folder)


def test_no_backup_is_made_in_the_data_folder(tmp_path):
    SQLiteStore(tmp_path / "data").close()
    with pytest.raises(StorageError, match="name another folder"):
        back_up(tmp_path / "data", tmp_path / "data" / "index" / ".." / "copy")
    back_up(tmp_path / "data", tmp_path / "copy")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DROP TRIGGER audit_no_delete", "audit_no_delete is missing"),
        ("CREATE TRIGGER mine AFTER INSERT ON tickets BEGIN DELETE FROM keys; END", "did not make: 1"),
    ],
)
def test_a_store_without_its_triggers_or_with_others_is_not_sound(tmp_path, change, told):
    store = SQLiteStore(tmp_path / "data")
    with store.read() as tx:
        assert tx.damage() == []
    store.close()
    with sqlite3.connect(tmp_path / "data" / FILE_NAME) as connection:
        connection.execute(change)
    connection.close()
    store = SQLiteStore(tmp_path / "data")
    with store.read() as tx:
        assert [one for one in tx.damage() if told in one]
    store.close()
    with pytest.raises(Exception, match=told):
        check_backup(tmp_path / "data" / FILE_NAME)
    with pytest.raises(Exception, match=told):
        back_up(tmp_path / "data", tmp_path / "copy")
