"""The board reads asked tickets and what was shown for them, but no vector and no question: from indexes alone."""

import sqlite_utils

from kbsearch.store.sqlite.migrations.registry import MIGRATIONS


@MIGRATIONS(name="0029_board")
def board(db: sqlite_utils.Database) -> None:
    db.conn.execute(
        "CREATE INDEX asked_tickets_of_desk ON asked_tickets (tenant, asked_at, id, status, offered, suggestion_id,"
        " created_at)"
    )
    db.conn.execute("DROP INDEX IF EXISTS idx_asked_tickets_tenant_asked_at_id")
    db.conn.execute("DROP INDEX IF EXISTS suggestions_of_tickets")
    db.conn.execute(
        "CREATE INDEX suggestions_of_tickets ON suggestions (tenant, ticket_id, id, shown) WHERE ticket_id IS NOT NULL"
    )
