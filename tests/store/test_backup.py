import sqlite3
import subprocess
import sys
import threading

import pytest

from kbsearch.errors import BrokenFile, StorageError
from kbsearch.model import RedactionPolicy, TenantId
from kbsearch.store import redaction
from kbsearch.store.sqlite import backup
from kbsearch.store.sqlite.database import SQLiteStore
from kbsearch.store.sqlite.files import FILE_NAME
from kbsearch.store.sqlite.folder_use import FolderUse, alone_in

ACME = TenantId("acme")


def put(store, *words):
    with store.write() as tx:
        redaction.put_policy(tx, ACME, RedactionPolicy(words=words))


def words(folder):
    store = SQLiteStore(folder)
    with store.read() as tx:
        found = redaction.policy(tx, ACME).words
    store.close()
    return found


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def store(folder):
    opened = SQLiteStore(folder)
    put(opened, "before")
    yield opened
    opened.close()


def test_a_backup_holds_the_moment_and_is_restored(store, folder, tmp_path):
    backup.back_up(folder, tmp_path / "b")
    put(store, "after")
    store.close()
    backup.restore(tmp_path / "b", folder)
    assert words(folder) == ("before",)
    backup.restore(tmp_path / "b", tmp_path / "new" / "folder")
    assert words(tmp_path / "new" / "folder") == ("before",)


def test_what_is_in_the_log_only_is_in_the_backup(store, folder, tmp_path):
    assert (folder / f"{FILE_NAME}-wal").stat().st_size > 0
    backup.back_up(folder, tmp_path / "b")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["b"]
    backup.restore(tmp_path / "b", tmp_path / "new")
    assert words(tmp_path / "new") == ("before",)


def test_a_backup_is_taken_beside_a_writer(store, folder, tmp_path):
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            put(store, *(f"{number}-{n}" for n in range(200)))
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            backup.back_up(folder, tmp_path / "b")
            backup.restore(tmp_path / "b", tmp_path / str(number))
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        assert len({word.split("-")[0] for word in words(tmp_path / str(number))}) == 1


def test_a_log_left_by_the_store_before_is_not_replayed_into_a_restored_one(store, folder, tmp_path):
    backup.back_up(folder, tmp_path / "b")
    put(store, "after")
    log = (folder / f"{FILE_NAME}-wal").read_bytes()
    store.close()
    (folder / f"{FILE_NAME}-wal").write_bytes(log)  # as after kill -9
    backup.restore(tmp_path / "b", folder)
    assert words(folder) == ("before",)


@pytest.mark.parametrize("damage", ["cut", "page", "other", "text", "empty"])
def test_a_damaged_file_is_refused_and_the_store_stays(store, folder, tmp_path, damage):
    path = tmp_path / "b"
    backup.back_up(folder, path)
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "page":
        path.write_bytes(content[:4096] + b"\xff" * 8192 + content[12288:])
    elif damage == "other":
        path.unlink()
        sqlite3.connect(path).execute("CREATE TABLE t (x)").connection.close()
    else:
        path.write_bytes(b"no database" if damage == "text" else b"")
    store.close()
    with pytest.raises(BrokenFile):
        backup.restore(path, folder)
    assert words(folder) == ("before",)


def test_a_newer_versions_backup_is_refused(store, folder, tmp_path):
    with store.write() as tx:
        tx.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('kbsearch', '9999', '')")
    with pytest.raises(BrokenFile, match="newer kbsearch"):
        backup.back_up(folder, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_an_empty_folder_has_nothing_to_back_up(tmp_path):
    with pytest.raises(BrokenFile, match="no store"):
        backup.back_up(tmp_path, tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_cannot_be_replaced(tmp_path):
    first, second = FolderUse(tmp_path), FolderUse(tmp_path)
    first.close()
    with pytest.raises(StorageError, match="stop it first"), alone_in(tmp_path):
        pass
    second.close()
    second.close()
    with alone_in(tmp_path), pytest.raises(StorageError, match="restore is under way"):
        FolderUse(tmp_path)
    FolderUse(tmp_path).close()


def test_what_a_killed_restore_left_in_the_folder_goes_at_the_next_start(tmp_path):
    """It is a whole copy of a store, in which what is erased later would stay."""
    source, folder = tmp_path / "source", tmp_path / "data"
    SQLiteStore(source).close()
    backup.back_up(source, tmp_path / "backup")
    killed = "import os, sys; from pathlib import Path; from kbsearch.store.sqlite import backup;"
    killed += "backup._replace = lambda *_: os._exit(9); backup.restore(Path(sys.argv[1]), Path(sys.argv[2]))"
    assert subprocess.run([sys.executable, "-c", killed, tmp_path / "backup", folder], check=False).returncode == 9
    assert [path for path in folder.iterdir() if path.name.startswith(".")]
    SQLiteStore(folder, in_use=True).close()
    assert [path for path in folder.iterdir() if path.name.startswith(".")] == []
