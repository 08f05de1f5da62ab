"""Copies that SQLite leaves in the unused space of pages when it moves rows: a purge clears them."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from kbsearch.store.sqlite.database import SQLiteStore
from kbsearch.store.sqlite.slack import Slack

_OTHER_PROCESS = """
import sys
from pathlib import Path
from kbsearch.store.sqlite.database import SQLiteStore
store = SQLiteStore(Path(sys.argv[1]))
with store.write() as tx:
    tx.execute("UPDATE rows SET text = text || '!' WHERE id % 3 = 0")  # it has these pages in its memory now
print("read", flush=True)
for line in sys.stdin:
    with store.write() as tx:
        tx.execute("UPDATE rows SET text = text || '?' WHERE id % 3 = 0")
    print("written", flush=True)
"""


def _filled(store: SQLiteStore, seed: int) -> dict[int, str]:
    """Rows of very different sizes in random order, so that pages are split and balanced: (id, a word of the row)."""
    chance = random.Random(seed)
    with store.write() as tx:
        tx.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)")
        tx.execute("CREATE TABLE names (name TEXT PRIMARY KEY, id INTEGER) WITHOUT ROWID")
    words: dict[int, str] = {}
    for _ in range(600):
        id, word = chance.randrange(10**9), "".join(chance.choices("bcdfghklm", k=14))
        words[id] = word
        with store.write() as tx:
            tx.execute("INSERT INTO rows VALUES (?, ?)", (id, word * chance.randint(1, 30)))
            tx.execute("INSERT INTO names VALUES (?, ?)", (word * chance.randint(1, 30), id))
    return words


def _erase(store: SQLiteStore, words: dict[int, str], of: int) -> list[str]:
    gone = [id for n, id in enumerate(sorted(words)) if n % of == 0]
    for id in gone:
        with store.write() as tx:
            tx.execute("DELETE FROM rows WHERE id = ?", (id,))
            tx.execute("DELETE FROM names WHERE id = ?", (id,))
    return [words.pop(id) for id in gone]


def _left(folder: Path, gone: list[str]) -> list[str]:
    content = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    return [word for word in gone if word.encode() in content]


@pytest.mark.parametrize("of", [2, 10])
def test_a_purge_leaves_no_copy_of_a_row_that_was_moved_before_it_was_erased(tmp_path: Path, of: int) -> None:
    for seed in range(3):
        folder = tmp_path / str(seed)
        store = SQLiteStore(folder)
        words = _filled(store, seed)
        gone = _erase(store, words, of)
        assert store.purge()
        assert _left(folder, gone) == []
        with store.read() as tx:
            assert [row[0] for row in tx.rows("PRAGMA integrity_check")] == ["ok"]
            found = {row[0]: row[1] for row in tx.rows("SELECT id, text FROM rows")}
        assert {id: text[:14] for id, text in found.items()} == words
        slack = Slack(str(store.path))
        assert list(slack.used_before()) == []
        store.close()
        slack.close()


def test_neither_this_nor_another_process_writes_such_copies_again(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    words = _filled(store, 7)
    gone = _erase(store, words, 4)
    command = [sys.executable, "-c", _OTHER_PROCESS, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "read\n"
        assert store.purge()
        print("go", file=other.stdin, flush=True)
        assert other.stdout.readline() == "written\n"
        with store.write() as tx:
            tx.execute("UPDATE rows SET text = text || '.' WHERE id % 3 = 1")
        assert _left(tmp_path, gone) == []
        other.stdin.close()
    assert _left(tmp_path, gone) == []
    with store.read() as tx:
        assert tx.rows("PRAGMA integrity_check")[0][0] == "ok"
        assert len(tx.rows("SELECT id FROM rows")) == len(words)
    store.close()


def test_a_reader_that_needs_the_log_is_not_waited_for(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    gone = _erase(store, _filled(store, 1), 10)
    with store.read() as tx:
        tx.rows("SELECT count(*) FROM rows")
        with store.write() as other:
            other.execute("DELETE FROM names WHERE id % 2 = 0")
        assert not store.purge()
    assert store.purge()
    assert _left(tmp_path, gone) == []
    store.close()
