"""Sessions of people whom an issuer recognised, and of the side panel."""

import sqlite_utils

from kbsearch.store.sqlite.migrations.registry import MIGRATIONS


@MIGRATIONS(name="0025_sessions_granted")
def sessions_granted(db: sqlite_utils.Database) -> None:
    # ``granted`` is a credential as JSON, null for that of the key. A session lasts hours: those of before end.
    db.table("sessions").drop()
    db.table("sessions").create(
        {"digest": bytes, "key_id": str, "granted": str, "ticket_id": str, "expires_at": str},
        pk="digest",
        not_null={"expires_at"},
    )
