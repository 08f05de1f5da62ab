"""Names of models, redaction, evidence, retention."""

from __future__ import annotations

import sqlite_utils

from kbsearch.store.sqlite.migrations.registry import MIGRATIONS


@MIGRATIONS(name="0008_english_model")
def english_model(db: sqlite_utils.Database) -> None:
    # ``default`` became a model that reads Bulgarian too. Folders indexed with the one before go on with that one,
    # which is now called ``english``, until they are reindexed.
    _rename_default(db, "f0a09a93c32f", "english")


@MIGRATIONS(name="0009_redaction")
def redaction(db: sqlite_utils.Database) -> None:
    db.table("redaction_policies").create(
        {"tenant": str, "off": str, "words": str, "kept": str, "keep_raw": int, "updated_at": str}, pk="tenant"
    )
    db.table("raw_tickets").create(
        {"tenant": str, "id": str, "content": bytes, "sealed": int, "updated_at": str}, pk=("tenant", "id")
    )


@MIGRATIONS(name="0010_bulgarian_model")
def bulgarian_model(db: sqlite_utils.Database) -> None:
    # ``default`` got words in Latin letters. As above: the one before is now called ``bulgarian``.
    _rename_default(db, "e20e05009719", "bulgarian")


@MIGRATIONS(name="0011_suggestions_of_tickets")
def suggestions_of_tickets(db: sqlite_utils.Database) -> None:
    db.conn.execute(
        "CREATE INDEX suggestions_of_tickets ON suggestions (tenant, ticket_id) WHERE ticket_id IS NOT NULL"
    )


@MIGRATIONS(name="0012_evidence")
def evidence(db: sqlite_utils.Database) -> None:
    # A ticket that was reopened: the solution that was tried stays noted when the ticket is resolved otherwise.
    db.table("failures").create(
        {
            "tenant": str, "ticket_id": str, "solution_tenant": str, "solution_id": str, "created_at": str,
            "merged_from_tenant": str, "merged_from_id": str,
        },
        pk=("tenant", "ticket_id", "solution_tenant", "solution_id"),
        not_null={"created_at"},
    )  # fmt: skip
    db.table("failures").create_index(["tenant", "solution_tenant", "solution_id", "ticket_id"])
    db.conn.execute(
        "INSERT INTO failures SELECT tenant, id, solution_tenant, solution_id, updated_at, merged_from_tenant,"
        " merged_from_id FROM tickets WHERE status = 'reopened' AND solution_id IS NOT NULL"
    )
    # The latest word of each agent counts: by the number of the change, since times may be equal.
    db.conn.execute("ALTER TABLE feedback ADD COLUMN revision INTEGER NOT NULL DEFAULT 0")
    db.conn.execute(
        "UPDATE feedback SET revision = numbered.place - (SELECT count(*) FROM feedback)"
        " FROM (SELECT rowid AS number, row_number() OVER (ORDER BY created_at, rowid) AS place FROM feedback)"
        " AS numbered WHERE numbered.number = feedback.rowid"
    )
    db.conn.execute("DROP INDEX idx_feedback_tenant_solution_tenant_solution_id")
    db.table("feedback").create_index(["tenant", "solution_tenant", "solution_id", "agent", "revision", "outcome"])
    # Among tickets of equal times the later change is the later ticket; none lies in the future.
    db.conn.execute("UPDATE tickets SET resolved_at = updated_at WHERE resolved_at > updated_at")
    db.conn.execute("DROP INDEX idx_tickets_tenant_status_resolved_at_solution_tenant_solution_id")
    db.table("tickets").create_index(["tenant", "status", "resolved_at", "revision", "solution_tenant", "solution_id"])
    db.conn.execute("DROP INDEX idx_tickets_tenant_solution_tenant_solution_id_status_resolved_at")
    db.table("tickets").create_index(["tenant", "solution_tenant", "solution_id", "status", "resolved_at", "revision"])


@MIGRATIONS(name="0013_answers_by_caller")
def answers_by_caller(db: sqlite_utils.Database) -> None:
    # A key belongs to one caller. Earlier rows do not say to whom; they are a day old at most and only answer again.
    db.conn.execute("DROP TABLE idempotency")
    db.conn.execute(
        "CREATE TABLE idempotency (tenant TEXT NOT NULL, caller TEXT NOT NULL, key TEXT NOT NULL,"
        " request_digest BLOB NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, created_at TEXT NOT NULL,"
        " PRIMARY KEY (tenant, caller, key))"
    )
    db.conn.execute("CREATE INDEX idempotency_created_at ON idempotency (created_at)")


@MIGRATIONS(name="0014_retention")
def retention(db: sqlite_utils.Database) -> None:
    # Suggestions are removed by age, those of all tenants together.
    db.conn.execute("CREATE INDEX suggestions_created_at ON suggestions (created_at)")


def _rename_default(db: sqlite_utils.Database, weights: str, name: str) -> None:
    """Generations made with the default model of these weights have it under another name from now on."""
    for kind in ("", "+int8"):
        model = f"{name}{kind}"
        before = f"default{kind}@{weights}"
        db.conn.execute(
            "UPDATE generations SET model = ?, model_id = ? WHERE model_id = ?", (model, f"{model}@{weights}", before)
        )
