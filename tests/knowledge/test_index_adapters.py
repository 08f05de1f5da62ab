"""The whole service with another index behind the port: the same answers."""

from __future__ import annotations

import pytest
from index.exact import ExactIndexes, ExactVectors

from kbsearch.index.local.index import LocalIndexes
from kbsearch.knowledge import KnowledgeBase
from kbsearch.store.sqlite.database import SQLiteStore
from knowledge.made import ACME, ACMES, answers, found, put, resolve
from scripts.harness.hashing import HashingEmbedder


def _exact_vectors(folder):
    kept = {}
    return LocalIndexes(folder, lambda of, _: kept.setdefault(of.id, ExactVectors(of.dimension)))


def _opened(folder, indexes, clock):
    return KnowledgeBase(SQLiteStore(folder, clock), indexes, lambda name: HashingEmbedder(), clock=clock)


def _work(kb):
    for number in range(8):
        resolve(kb, f"T-{number}", f"Printer {number} offline", f"Restarted the print spooler of printer {number}")
    put(kb, "printer", "Printer offline", "Restart the print spooler")
    put(kb, "scanner", "Scanner dark", "Replace the lamp of the scanner")
    resolve(kb, "T-3", "Scanner dark", "Replaced the lamp of the scanner")
    kb.tickets.erase(ACME, "T-4")
    kb.tickets.reopen(ACME, "T-5")
    kb.reindexing.run()


@pytest.mark.parametrize(
    "indexes", [lambda folder: ExactIndexes(), _exact_vectors], ids=["exact", "local words, exact vectors"]
)
def test_another_index_gives_the_same_answers(tmp_path, clock, indexes):
    local = _opened(tmp_path / "local", LocalIndexes(tmp_path / "local" / "index"), clock)
    other_indexes = indexes(tmp_path / "other" / "index")
    other = _opened(tmp_path / "other", other_indexes, clock)
    for kb in (local, other):
        _work(kb)
    expected = answers(local, ACMES), found(local, "spooler"), found(local, '"print spooler"')
    assert (answers(other, ACMES), found(other, "spooler"), found(other, '"print spooler"')) == expected
    other.close()  # saves a snapshot, which the next one opens
    again = _opened(tmp_path / "other", other_indexes, clock)
    assert (answers(again, ACMES), found(again, "spooler"), found(again, '"print spooler"')) == expected
    assert expected[1]
    again.close()
    local.close()
