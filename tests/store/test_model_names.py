"""Folders that were indexed before the default model read this or that language."""

import pytest
import sqlite_utils

from kbsearch.store import generations
from kbsearch.store.sqlite.database import SQLiteStore
from kbsearch.store.sqlite.files import FILE_NAME
from kbsearch.store.sqlite.migrations import MIGRATIONS


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("default", "default@f0a09a93c32f"), ("english", "english@f0a09a93c32f")),
        (("default+int8", "default+int8@f0a09a93c32f"), ("english+int8", "english+int8@f0a09a93c32f")),
        (("default", "default@e20e05009719"), ("bulgarian", "bulgarian@e20e05009719")),
        (("default+int8", "default+int8@e20e05009719"), ("bulgarian+int8", "bulgarian+int8@e20e05009719")),
        (("all-MiniLM-L12-v2", "all-MiniLM-L12-v2@0123456789ab"),) * 2,
    ],
)
def test_a_folder_keeps_the_model_that_it_was_indexed_with(tmp_path, before, after):
    db = sqlite_utils.Database(tmp_path / FILE_NAME)
    MIGRATIONS.apply(db, stop_before="0008_english_model")
    db.execute(
        "INSERT INTO generations (model, model_id, dimension, recipe, state, created_at, changed_at)"
        " VALUES (?, ?, 384, 'recipe', 'current', '2026-11-23', '2026-11-23')",
        before,
    )
    db.conn.commit()
    db.close()
    store = SQLiteStore(tmp_path)
    with store.read() as tx:
        current = generations.current(tx)
    store.close()
    assert current is not None
    assert (current.model, current.model_id) == after
