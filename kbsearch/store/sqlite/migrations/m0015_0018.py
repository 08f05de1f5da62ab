"""Fixes by their statements, erasure, learning."""

from __future__ import annotations

import sqlite_utils

from kbsearch.store.sqlite.migrations.registry import MIGRATIONS
from kbsearch.store.sqlite.migrations.todays_rules import is_thin, plain_line, plain_text


@MIGRATIONS(name="0015_fixes_by_what_they_tell")
def fixes_by_what_they_tell(db: sqlite_utils.Database) -> None:
    # Texts are stored as text, no longer as HTML. Fixes are named by signs and telling capitals too: 0023_boilerplate
    # names them.
    for row in db.conn.execute("SELECT tenant, id, title, resolution, cause FROM solutions").fetchall():
        cause = None if row["cause"] is None else plain_text(row["cause"])
        db.conn.execute(
            "UPDATE solutions SET title = ?, resolution = ?, cause = ? WHERE tenant = ? AND id = ?",
            (plain_line(row["title"]), plain_text(row["resolution"]), cause, row["tenant"], row["id"]),
        )
    marked = "SELECT tenant, id, subject, description, resolution FROM tickets WHERE"
    marked += " instr(subject || description || resolution, '<') OR instr(subject || description || resolution, '&')"
    for row in db.conn.execute(marked).fetchall():
        db.conn.execute(
            "UPDATE tickets SET subject = ?, description = ?, resolution = ? WHERE tenant = ? AND id = ?",
            (plain_line(row["subject"]), plain_text(row["description"]), plain_text(row["resolution"]), row["tenant"],
             row["id"]),
        )  # fmt: skip


@MIGRATIONS(name="0016_erasure")
def erasure(db: sqlite_utils.Database) -> None:
    # What was erased, but may still stand in the log or in an older segment of an index.
    db.conn.execute(
        "CREATE TABLE purges (id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, asked_at TEXT NOT NULL)"
    )
    db.conn.execute(
        "CREATE TABLE erased_documents (document INTEGER PRIMARY KEY, generation INTEGER NOT NULL,"
        " tenant TEXT NOT NULL, kind TEXT NOT NULL, source_id TEXT NOT NULL)"
    )
    db.table("erased_documents").create_index(["generation", "tenant", "kind", "source_id"])
    db.conn.execute(
        "CREATE TABLE drafts (tenant TEXT NOT NULL, ticket_id TEXT NOT NULL, article_id TEXT NOT NULL,"
        " PRIMARY KEY (tenant, ticket_id, article_id)) WITHOUT ROWID"
    )
    db.table("drafts").create_index(["tenant", "article_id"])
    # What earlier versions erased: its segments are still there.
    gone = (
        "length IS NULL AND CASE kind WHEN 'ticket' THEN NOT EXISTS (SELECT 1 FROM tickets"
        " WHERE tickets.tenant = documents.tenant AND tickets.id = source_id) ELSE NOT EXISTS (SELECT 1 FROM solutions"
        " WHERE solutions.tenant = documents.tenant AND solutions.id = source_id AND solutions.kind = 'article') END"
    )
    db.conn.execute(
        "INSERT INTO erased_documents (document, generation, tenant, kind, source_id)"
        f" SELECT id, generation, tenant, kind, source_id FROM documents WHERE {gone}"
    )
    db.conn.execute(f"DELETE FROM documents WHERE {gone}")
    db.conn.execute(
        "INSERT INTO purges (tenant, asked_at) SELECT id, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') FROM tenants"
    )
    _rebuild_left_solutions(db)


@MIGRATIONS(name="0017_lists_of_tickets")
def lists_of_tickets(db: sqlite_utils.Database) -> None:
    # Tickets are listed by time; those that wait for review are few among many.
    db.table("tickets").create_index(["tenant", "resolved_at", "id"])
    db.conn.execute(
        "CREATE INDEX tickets_to_review ON tickets (tenant, resolved_at, id) WHERE outcome = 'needs_review'"
    )
    db.table("flags").create_index(["tenant", "created_at", "id"])


@MIGRATIONS(name="0018_learning")
def learning(db: sqlite_utils.Database) -> None:
    # When each tenant's ranking was last learned from how many tickets, what came of it, and how it did since.
    db.conn.execute(
        "CREATE TABLE learning (tenant TEXT PRIMARY KEY, model_id TEXT NOT NULL, tickets INTEGER NOT NULL,"
        " outcome TEXT NOT NULL, measured TEXT NOT NULL, seconds REAL NOT NULL, since INTEGER NOT NULL DEFAULT 0,"
        " gained REAL NOT NULL DEFAULT 0, squares REAL NOT NULL DEFAULT 0, created_at TEXT NOT NULL)"
    )


def _rebuild_left_solutions(db: sqlite_utils.Database) -> None:
    """Ticket solutions whose text is of a ticket that has left them take that of the first ticket that stayed."""
    left = db.conn.execute(
        "SELECT tenant, id FROM solutions WHERE kind = 'ticket' AND NOT EXISTS (SELECT 1 FROM tickets"
        " WHERE tickets.tenant = solutions.tenant AND solution_tenant = solutions.tenant"
        " AND solution_id = solutions.id AND subject = title AND tickets.resolution = solutions.resolution)"
    ).fetchall()
    for tenant, id in left:
        rows = db.conn.execute(
            "SELECT subject, environment, cause, resolution FROM tickets WHERE tenant = ?1 AND solution_tenant = ?1"
            " AND solution_id = ?2 ORDER BY resolved_at, id",
            (tenant, id),
        )
        for row in rows:
            if not is_thin(row["resolution"]):
                db.conn.execute(
                    "UPDATE solutions SET title = ?, environment = ?, cause = ?, resolution = ?"
                    " WHERE tenant = ? AND id = ?",
                    (row["subject"], row["environment"], row["cause"], row["resolution"], tenant, id),
                )
                break
