"""Decisions and versions, sessions, drafts, boilerplate, the desk's figures."""

from __future__ import annotations

import sqlite_utils

from kbsearch.store.sqlite.migrations.registry import MIGRATIONS
from kbsearch.store.sqlite.migrations.todays_rules import name_fixes


@MIGRATIONS(name="0019_decisions_and_versions")
def decisions_and_versions(db: sqlite_utils.Database) -> None:
    # A lead linked the ticket: sending it again does not change that. ``withdrawn``: it was reopened since.
    db.table("link_decisions").create(
        {
            "tenant": str, "ticket_id": str, "solution_tenant": str, "solution_id": str, "agent": str,
            "withdrawn": int, "created_at": str,
        },
        pk=("tenant", "ticket_id"),
        not_null={"solution_tenant", "solution_id", "agent", "withdrawn", "created_at"},
    )  # fmt: skip
    db.table("link_decisions").create_index(["tenant", "solution_tenant", "solution_id"])
    # The solution that the ticket was sent with last, whatever it is linked to.
    db.conn.execute("ALTER TABLE tickets ADD COLUMN named TEXT")
    # When the ticket counts as resolved: a time in the future counts as the time of writing.
    db.conn.execute("ALTER TABLE tickets ADD COLUMN used_at TEXT")
    db.conn.execute("UPDATE tickets SET used_at = coalesce(resolved_at, updated_at)")
    db.conn.execute("DROP INDEX idx_tickets_tenant_status_resolved_at_revision_solution_tenant_solution_id")
    db.table("tickets").create_index(["tenant", "status", "used_at", "revision", "solution_tenant", "solution_id"])
    db.conn.execute("DROP INDEX idx_tickets_tenant_solution_tenant_solution_id_status_resolved_at_revision")
    db.table("tickets").create_index(["tenant", "solution_tenant", "solution_id", "status", "used_at", "revision"])
    # A flag that feedback opened knows of which suggestion; flags and decisions move with merges as tickets do.
    db.conn.execute("ALTER TABLE flags ADD COLUMN suggestion_id TEXT")
    db.conn.execute("UPDATE flags SET suggestion_id = substr(id, 1, instr(id, ':') - 1) WHERE instr(id, ':') > 0")
    for table in ("flags", "apart", "link_decisions"):
        db.conn.execute(f"ALTER TABLE {table} ADD COLUMN merged_from_tenant TEXT")
        db.conn.execute(f"ALTER TABLE {table} ADD COLUMN merged_from_id TEXT")
    for table in ("flags", "apart"):
        db.table(table).create_index(["tenant", "solution_tenant", "solution_id"])
    for table in ("tickets", "feedback", "failures", "flags", "apart", "link_decisions"):
        db.conn.execute(
            f"CREATE INDEX {table}_merged ON {table} (merged_from_tenant, merged_from_id)"
            " WHERE merged_from_id IS NOT NULL"
        )
    # What an article was before each of its latest changes; ``written_by`` is null for what an earlier schema stored.
    db.conn.execute("ALTER TABLE solutions ADD COLUMN written_by TEXT")
    db.table("article_versions").create(
        {"tenant": str, "id": str, "version": int, "content": str, "written_by": str, "written_at": str},
        pk=("tenant", "id", "version"),
        not_null={"content", "written_at"},
    )
    # Comparing articles skips the tickets' changes.
    db.conn.execute("CREATE INDEX changes_of_articles ON changes (seq) WHERE kind = 'article'")


@MIGRATIONS(name="0020_comments_of_tickets")
def comments_of_tickets(db: sqlite_utils.Database) -> None:
    # Comments are erased with the ticket they are about, also when its suggestions have been removed by their age.
    for table in ("feedback", "flags"):
        db.conn.execute(f"ALTER TABLE {table} ADD COLUMN ticket_id TEXT")
        db.conn.execute(
            f"UPDATE {table} SET ticket_id = (SELECT ticket_id FROM suggestions"
            f" WHERE suggestions.tenant = {table}.tenant AND suggestions.id = suggestion_id)"
        )
        db.conn.execute(f"CREATE INDEX {table}_of_tickets ON {table} (tenant, ticket_id) WHERE ticket_id IS NOT NULL")


@MIGRATIONS(name="0021_sessions")
def sessions(db: sqlite_utils.Database) -> None:
    # People who signed in to the pages with a key. ``digest`` is that of the token in their cookie.
    db.table("sessions").create(
        {"digest": bytes, "key_id": str, "expires_at": str}, pk="digest", not_null={"key_id", "expires_at"}
    )


@MIGRATIONS(name="0022_questions_and_shared_drafts")
def questions_and_shared_drafts(db: sqlite_utils.Database) -> None:
    # What was asked, redacted; null for what an earlier schema stored.
    db.conn.execute("ALTER TABLE suggestions ADD COLUMN question TEXT")
    # ``source`` is the id of a ticket or of a suggestion. The article may have been moved to another tenant since.
    db.conn.execute(
        "CREATE TABLE drafts_anew (tenant TEXT NOT NULL, source TEXT NOT NULL, article_tenant TEXT NOT NULL,"
        " article_id TEXT NOT NULL, PRIMARY KEY (tenant, source, article_tenant, article_id)) WITHOUT ROWID"
    )
    db.conn.execute("INSERT INTO drafts_anew SELECT tenant, ticket_id, tenant, article_id FROM drafts")
    db.conn.execute("DROP TABLE drafts")
    db.conn.execute("ALTER TABLE drafts_anew RENAME TO drafts")
    db.table("drafts").create_index(["article_tenant", "article_id"])


@MIGRATIONS(name="0023_boilerplate")
def boilerplate(db: sqlite_utils.Database) -> None:
    # Hashes of the lines that are boilerplate at a tenant's desk, and of how many tickets they were learned.
    db.table("boilerplate").create(
        {"tenant": str, "lines": bytes, "tickets": int, "created_at": str},
        pk="tenant",
        not_null={"lines", "tickets", "created_at"},
    )
    # When the first reply to a ticket went out.
    db.conn.execute("ALTER TABLE tickets ADD COLUMN responded_at TEXT")
    # Numbers of steps and thanks at the end of a sentence no longer tell fixes apart.
    name_fixes(db)


@MIGRATIONS(name="0024_desk")
def desk(db: sqlite_utils.Database) -> None:
    # ``reopened_at`` is the last time; ``written_at`` is null for what was imported or stored by an earlier schema.
    for column in ("reassignments INTEGER", "reopened_at TEXT", "written_at TEXT"):
        db.conn.execute(f"ALTER TABLE tickets ADD COLUMN {column}")
    db.conn.execute(
        "UPDATE tickets SET reopened_at = coalesce((SELECT max(failures.created_at) FROM failures"
        " WHERE failures.tenant = tickets.tenant AND ticket_id = tickets.id),"
        " CASE WHEN status = 'reopened' THEN updated_at END)"
    )
    # The desk's figures read many tickets, but none of their texts: all that they read stands in indexes.
    db.conn.execute(
        "CREATE INDEX tickets_of_desk ON tickets (tenant, used_at, id, created_at, status, outcome, level,"
        " reassignments, minutes_spent, reopened_at, written_at, solution_tenant, solution_id)"
    )
    db.conn.execute("CREATE INDEX tickets_by_arrival ON tickets (tenant, created_at, id)")
    db.table("solutions").create_index(["tenant", "id", "kind", "created_at"])
    # A ticket that suggestions were asked for with its id; ``asked_at`` is the first time. All else is of the last
    # suggestion, but ``offered``: whether any of them showed a solution. ``vector`` is the question's, of ``model_id``.
    db.table("asked_tickets").create(
        {
            "tenant": str, "id": str, "asked_at": str, "last_asked_at": str, "status": str, "action": str,
            "offered": int, "created_at": str, "respond_by": str, "responded_at": str, "resolve_by": str,
            "suggestion_id": str, "subject": str, "model_id": str, "vector": bytes,
        },
        pk=("tenant", "id"),
        not_null={"asked_at", "last_asked_at", "status", "offered", "suggestion_id"},
    )  # fmt: skip
    db.table("asked_tickets").create_index(["tenant", "asked_at", "id"])
    db.table("asked_tickets").create_index(["tenant", "last_asked_at"])
    db.table("asked_tickets").create_index(["last_asked_at"])
    db.conn.execute(
        "INSERT INTO asked_tickets (tenant, id, asked_at, last_asked_at, status, offered, suggestion_id)"
        " SELECT tenant, ticket_id, first, created_at, status, offered, id FROM (SELECT *,"
        " min(created_at) OVER every AS first, max(shown != '[]') OVER every AS offered, row_number() OVER"
        " (PARTITION BY tenant, ticket_id ORDER BY created_at DESC, id DESC) AS place FROM suggestions"
        " WHERE ticket_id IS NOT NULL WINDOW every AS (PARTITION BY tenant, ticket_id)) WHERE place = 1"
    )
    # What today's knowledge answers to a ticket that it did not answer when it came.
    db.table("second_looks").create(
        {
            "tenant": str, "ticket_id": str, "status": str, "action": str, "solution_tenant": str, "solution_id": str,
            "revision": int, "looked_at": str,
        },
        pk=("tenant", "ticket_id"),
        not_null={"status", "action", "revision", "looked_at"},
    )  # fmt: skip
