"""Finds damage in a store's file."""

from __future__ import annotations

import sqlite3

import sqlite_utils

from kbsearch.store.sqlite.migrations import MIGRATIONS

_MOST_LISTED = 20
_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"


def damage(db: sqlite_utils.Database) -> list[str]:
    """What is wrong with the file: SQLite's own check of pages, rows and indexes, and changed triggers.

    Nothing if all is sound. Reads the whole file.
    """
    try:
        listed = [row[0] for row in db.conn.execute(f"PRAGMA integrity_check({_MOST_LISTED})")]
    except sqlite3.DatabaseError as error:  # damage may be such that even the check cannot go on
        return [str(error)]
    return _wrong_triggers(db) if listed == ["ok"] else listed


def _wrong_triggers(db: sqlite_utils.Database) -> list[str]:
    """How the triggers differ from those of this version; they protect the audit log.

    A store of an earlier version is compared with the migrations applied to it.
    """
    applied = {migration.name for migration in MIGRATIONS.applied(db)}
    if not applied or applied - {one.name for one in MIGRATIONS._migrations}:  # pyright: ignore[reportPrivateUsage]
        return []
    expected = _triggers_after(len(applied))
    found: dict[str, str] = {row[0]: row[1] for row in db.conn.execute(_TRIGGERS)}
    wrong = [
        f"the trigger {name} is missing or was changed" for name, sql in expected.items() if found.get(name) != sql
    ]
    if foreign := found.keys() - expected.keys():
        wrong.append(f"it has triggers that kbsearch did not make: {len(foreign)}")
    return wrong


def _triggers_after(count: int) -> dict[str, str]:
    """The triggers that the first ``count`` migrations create, by name."""
    db = sqlite_utils.Database(memory=True, execute_plugins=False)
    try:
        for migration in MIGRATIONS._migrations[:count]:  # pyright: ignore[reportPrivateUsage]
            migration.fn(db)
        return {row[0]: row[1] for row in db.conn.execute(_TRIGGERS)}
    finally:
        db.close()
