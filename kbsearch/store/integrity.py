"""Is the store sound, and does each source that should be found have its document?"""

from __future__ import annotations

import sqlite3

import sqlite_utils

from kbsearch.store.sqlite.database import Read
from kbsearch.store.sqlite.migrations import MIGRATIONS

_MOST_TOLD = 20
_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"


def damage(tx: Read) -> list[str]:
    """What is wrong with the file: what SQLite's own check says of its pages, rows and indexes, and with its triggers.

    Nothing if all is sound. Reads the whole file.
    """
    try:
        told = [row[0] for row in tx.rows(f"PRAGMA integrity_check({_MOST_TOLD})")]
    except sqlite3.DatabaseError as error:  # damage may be such that even the check cannot go on
        return [str(error)]
    return _wrong_triggers(tx) if told == ["ok"] else told


def _wrong_triggers(tx: Read) -> list[str]:
    """How the triggers differ from those that this version makes: they keep the audit log from being changed.

    A store of an earlier version is compared with the migrations that it has had.
    """
    applied = {migration.name for migration in MIGRATIONS.applied(tx.db)}
    if not applied or applied - {one.name for one in MIGRATIONS._migrations}:  # pyright: ignore[reportPrivateUsage]
        return []
    expected = _triggers_after(len(applied))
    found: dict[str, str] = {row[0]: row[1] for row in tx.rows(_TRIGGERS)}
    wrong = [
        f"the trigger {name} is missing or was changed" for name, sql in expected.items() if found.get(name) != sql
    ]
    if foreign := found.keys() - expected.keys():
        wrong.append(f"it has triggers that kbsearch did not make: {len(foreign)}")
    return wrong


def _triggers_after(count: int) -> dict[str, str]:
    """The triggers that the first migrations make, by name."""
    db = sqlite_utils.Database(memory=True, execute_plugins=False)
    try:
        for migration in MIGRATIONS._migrations[:count]:  # pyright: ignore[reportPrivateUsage]
            migration.fn(db)
        return {row[0]: row[1] for row in db.conn.execute(_TRIGGERS)}
    finally:
        db.close()


def not_indexed(tx: Read, generation: int) -> int:
    """How many resolved tickets and current articles the generation has no document of."""
    row = tx.row(
        "SELECT (SELECT count(*) FROM tickets WHERE status = 'resolved' AND NOT EXISTS (SELECT 1 FROM documents"
        " WHERE generation = ?1 AND documents.tenant = tickets.tenant AND documents.kind = 'ticket'"
        " AND source_id = tickets.id AND length IS NOT NULL))"
        " + (SELECT count(*) FROM solutions WHERE kind = 'article' AND state != 'archived' AND NOT EXISTS (SELECT 1"
        " FROM documents WHERE generation = ?1 AND documents.tenant = solutions.tenant AND documents.kind = 'article'"
        " AND source_id = solutions.id AND length IS NOT NULL))",
        (generation,),
    )
    assert row is not None
    return row[0]


def orphaned(tx: Read, generation: int) -> int:
    """How many documents the generation has of tickets and articles that are gone."""
    row = tx.row(
        "SELECT count(*) FROM documents WHERE generation = ? AND length IS NOT NULL AND CASE kind WHEN 'ticket'"
        " THEN NOT EXISTS (SELECT 1 FROM tickets WHERE tickets.tenant = documents.tenant AND tickets.id = source_id"
        " AND status = 'resolved') ELSE NOT EXISTS (SELECT 1 FROM solutions WHERE solutions.tenant = documents.tenant"
        " AND solutions.id = source_id AND solutions.kind = 'article' AND state != 'archived') END",
        (generation,),
    )
    assert row is not None
    return row[0]
