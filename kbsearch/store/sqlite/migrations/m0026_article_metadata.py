"""What an article carries besides its own fields, such as unknown keys of its file's front matter."""

import sqlite_utils

from kbsearch.store.sqlite.migrations.registry import MIGRATIONS


@MIGRATIONS(name="0026_article_metadata")
def article_metadata(db: sqlite_utils.Database) -> None:
    # A JSON object. Former versions of articles have it in their content from now on.
    db.conn.execute("ALTER TABLE solutions ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}'")
