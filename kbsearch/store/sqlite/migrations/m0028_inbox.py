"""Messages of ticket systems, kept until they are worked off."""

import sqlite_utils

from kbsearch.store.sqlite.migrations.registry import MIGRATIONS


@MIGRATIONS(name="0028_inbox")
def inbox(db: sqlite_utils.Database) -> None:
    # ``message`` is what was sent, null once it is worked off: the row then only says that it was. ``tenant`` is known
    # once the message was read. ``meaning`` names what it asked for, whatever delivery brought it.
    db.table("inbox").create(
        {
            "connector": str, "delivery": str, "tenant": str, "received_at": str, "message": bytes, "state": str,
            "tries": int, "due_at": str, "reason": str, "meaning": str,
        },
        pk=("connector", "delivery"),
        not_null={"received_at", "state", "tries", "due_at"},
    )  # fmt: skip
    db.conn.execute("CREATE INDEX inbox_waiting ON inbox (due_at) WHERE state = 'waiting'")
    db.table("inbox").create_index(["connector", "meaning"])
    db.table("inbox").create_index(["received_at"])
