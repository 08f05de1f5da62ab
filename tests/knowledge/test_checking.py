import sqlite3
from contextlib import closing

import pytest

from kbsearch.index.local.index import LocalIndexes
from kbsearch.knowledge.indexing.checking import check, throw_away_index
from kbsearch.store.sqlite.database import SQLiteStore
from kbsearch.store.sqlite.files import FILE_NAME
from knowledge.made import ACME, ACMES, answers, put, resolve


def fill(kb):
    for number in range(5):
        resolve(kb, f"T-{number}", f"Printer offline in room {number}")
    put(kb)


def checked(kb, folder):
    return check(kb.store, LocalIndexes(folder / "index"))


def test_a_sound_folder_is_sound_with_and_without_a_snapshot(kb, open_base, folder):
    fill(kb)
    assert checked(kb, folder).is_sound
    kb.close()
    second = open_base()
    resolve(second, "T-9", "Scanner broken", "Replaced the scanner by a new one")
    second.tickets.erase(ACME, "T-0")
    second.tickets.reopen(ACME, "T-1")
    found = checked(second, folder)  # the snapshot is behind, which the next start replays
    assert found.is_sound
    assert found.documents == 5


@pytest.mark.parametrize(
    "change", ["DELETE FROM passages WHERE document = 1", "UPDATE documents SET length = NULL WHERE id = 1"]
)
def test_an_index_that_holds_something_else_is_reported_and_mended(kb, open_base, folder, change):
    fill(kb)
    kb.close()
    second = open_base()
    with second.store.write() as tx:  # behind the back of the changes
        tx.execute(change)
        tx.execute("DELETE FROM document_terms WHERE document = 1")
    found = checked(second, folder)
    assert "not those of the store" in (found.index or "")
    assert not found.is_sound
    throw_away_index(second.store, LocalIndexes(folder / "index"))
    assert checked(second, folder).index is None


def test_a_damaged_snapshot_is_reported(kb, open_base, folder):
    fill(kb)
    before = answers(kb, ACMES)
    kb.close()
    next((folder / "index").glob("*/*.terms")).write_bytes(b"")

    store = SQLiteStore(folder)
    assert "damaged" in (check(store, LocalIndexes(folder / "index")).index or "")
    throw_away_index(store, LocalIndexes(folder / "index"))
    store.close()
    assert answers(open_base(), ACMES) == before


def test_a_source_without_a_document_is_counted(kb, folder):
    fill(kb)
    with kb.store.write() as tx:
        tx.execute("DELETE FROM documents WHERE source_id = 'T-0'")
        tx.execute("DELETE FROM tickets WHERE id = 'T-1'")
    assert checked(kb, folder).unindexed == 2


def test_a_damaged_page_is_reported(kb, folder):
    fill(kb)
    kb.close()
    path = folder / FILE_NAME
    with closing(sqlite3.connect(path)) as db:
        [page] = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'passages'").fetchone()
        [size] = db.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    start = (page - 1) * size
    content[start : start + 64] = b"\xff" * 64
    path.write_bytes(content)

    store = SQLiteStore(folder)
    assert check(store, LocalIndexes(folder / "index")).damage
    store.close()
