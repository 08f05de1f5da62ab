"""The schema, as numbered migrations. A published migration is never changed."""

from __future__ import annotations

import re

import numpy as np
import sqlite_utils
from sqlite_utils.migrations import Migrations

from kbsearch.text.fixes import fingerprint, is_thin
from kbsearch.text.intake import plain_line, plain_text
from kbsearch.text.term_counts import packed

MIGRATIONS = Migrations("kbsearch")


@MIGRATIONS(name="0001_first")
def first(db: sqlite_utils.Database) -> None:
    # ``number`` names a tenant's lexical tables; ``revision`` grows with each change of its knowledge.
    db.conn.execute(
        "CREATE TABLE tenants (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
        " revision INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL)"
    )
    db.table("solutions").create(
        {
            "tenant": str, "id": str, "kind": str, "title": str, "issue": str, "environment": str, "cause": str,
            "resolution": str, "fix_digest": bytes, "tags": str, "language": str, "audience": str, "state": str,
            "origin": str, "origin_digest": str, "version": int, "created_at": str, "updated_at": str,
        },
        pk=("tenant", "id"),
        not_null={"kind", "title", "issue", "environment", "resolution", "fix_digest", "tags", "state", "version",
                  "created_at", "updated_at"},
    )  # fmt: skip
    db.table("solutions").create_index(["tenant", "fix_digest"])
    db.table("tickets").create(
        {
            "tenant": str, "id": str, "subject": str, "description": str, "environment": str, "language": str,
            "priority": str, "created_at": str, "respond_by": str, "resolve_by": str, "resolution": str, "cause": str,
            "resolved_by": str, "level": int, "resolved_at": str, "minutes_spent": int, "suggestion_id": str,
            "status": str, "outcome": str, "solution_tenant": str, "solution_id": str, "digest": bytes,
            "revision": int, "updated_at": str,
        },
        pk=("tenant", "id"),
        not_null={"subject", "description", "environment", "resolution", "status", "outcome", "digest", "revision",
                  "updated_at"},
    )  # fmt: skip
    db.table("tickets").create_index(["tenant", "solution_tenant", "solution_id"])
    db.table("suggestions").create(
        {
            "tenant": str,
            "id": str,
            "ticket_id": str,
            "shown": str,
            "status": str,
            "confidence": float,
            "created_at": str,
        },
        pk=("tenant", "id"),
    )
    db.table("suggestions").create_index(["tenant", "created_at"])
    db.table("feedback").create(
        {
            "tenant": str, "suggestion_id": str, "solution_tenant": str, "solution_id": str, "agent": str,
            "outcome": str, "comment": str, "created_at": str,
        },
        pk=("tenant", "suggestion_id", "solution_tenant", "solution_id", "agent"),
    )  # fmt: skip
    db.table("feedback").create_index(["tenant", "solution_tenant", "solution_id"])
    db.table("flags").create(
        {
            "tenant": str, "id": str, "solution_tenant": str, "solution_id": str, "reason": str, "comment": str,
            "agent": str, "created_at": str,
        },
        pk=("tenant", "id"),
    )  # fmt: skip
    db.table("jobs").create(
        {
            "id": str, "kind": str, "state": str, "model": str, "done": int, "total": int, "eta_seconds": int,
            "error": str, "cancel": int, "created_at": str, "updated_at": str,
        },
        pk="id",
    )  # fmt: skip
    db.table("idempotency").create(
        {"tenant": str, "key": str, "request_digest": bytes, "status": int, "body": str, "created_at": str},
        pk=("tenant", "key"),
    )


@MIGRATIONS(name="0002_index")
def index(db: sqlite_utils.Database) -> None:
    # The last change of each source. A replaced row gets a new ``seq``, so there is one row a source.
    db.conn.execute(
        "CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, kind TEXT NOT NULL,"
        " source_id TEXT NOT NULL, UNIQUE (tenant, kind, source_id))"
    )
    db.conn.execute(
        "CREATE TABLE generations (id INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, model_id TEXT NOT NULL,"
        " dimension INTEGER NOT NULL, recipe TEXT NOT NULL, state TEXT NOT NULL, covered INTEGER NOT NULL DEFAULT 0,"
        " created_at TEXT NOT NULL, changed_at TEXT NOT NULL)"
    )
    # Only one generation answers.
    db.conn.execute("CREATE UNIQUE INDEX one_current_generation ON generations (state) WHERE state = 'current'")
    # Ids are never given twice: the vector index knows passages by them.
    db.conn.execute(
        "CREATE TABLE documents (id INTEGER PRIMARY KEY AUTOINCREMENT, generation INTEGER NOT NULL,"
        " tenant TEXT NOT NULL,"
        " kind TEXT NOT NULL, source_id TEXT NOT NULL, length INTEGER,"
        " UNIQUE (generation, tenant, kind, source_id))"
    )
    db.conn.execute("CREATE INDEX documents_length ON documents (generation, tenant, length)")
    db.conn.execute(
        "CREATE TABLE passages (id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL, field TEXT NOT NULL,"
        " text TEXT NOT NULL, digest BLOB NOT NULL, vector BLOB NOT NULL)"
    )
    db.conn.execute("CREATE INDEX passages_document ON passages (document)")
    db.conn.execute("CREATE INDEX passages_digest ON passages (digest)")


@MIGRATIONS(name="0003_terms_and_halves")
def terms_and_halves(db: sqlite_utils.Database) -> None:
    # What BM25 counts moves out of FTS5, to where the index in memory takes it from: beside the documents' rows, which
    # stay small, since many of them are looked at for each answer. Vectors are halved to float16.
    db.conn.execute("CREATE TABLE document_terms (document INTEGER PRIMARY KEY, terms BLOB NOT NULL)")
    db.conn.create_function("halved", 1, _halved, deterministic=True)
    db.conn.execute("UPDATE passages SET vector = halved(vector)")
    db.conn.create_function("packed", 3, _packed, deterministic=True)
    # What ranking reads of many tickets and solutions stands in indexes: their rows are long, its columns far behind.
    db.conn.execute("DROP INDEX idx_tickets_tenant_solution_tenant_solution_id")
    db.table("tickets").create_index(["tenant", "solution_tenant", "solution_id", "status", "resolved_at"])
    db.table("tickets").create_index(["tenant", "id", "solution_tenant", "solution_id"])
    db.table("solutions").create_index(["tenant", "id", "state"])
    for table in db.table_names():
        if _LEXICAL_TABLE.fullmatch(table):
            db.conn.execute(
                "INSERT INTO document_terms SELECT documents.id, packed(title, issue, resolution)"
                f" FROM documents JOIN {table} AS streams ON streams.rowid = documents.id WHERE length IS NOT NULL"
            )


@MIGRATIONS(name="0004_groups")
def groups(db: sqlite_utils.Database) -> None:
    # A merged article keeps its row and its place in the index; ``end`` is where the chain of merges ends.
    db.table("merges").create(
        {
            "tenant": str, "id": str, "into_tenant": str, "into_id": str, "end_tenant": str, "end_id": str,
            "agent": str, "created_at": str,
        },
        pk=("tenant", "id"),
        not_null={"into_tenant", "into_id", "end_tenant", "end_id", "agent", "created_at"},
    )  # fmt: skip
    db.table("merges").create_index(["into_tenant", "into_id"])
    # What a ticket or a word of feedback was linked to before merges moved it, null where none did.
    for table in ("tickets", "feedback"):
        db.conn.execute(f"ALTER TABLE {table} ADD COLUMN merged_from_tenant TEXT")
        db.conn.execute(f"ALTER TABLE {table} ADD COLUMN merged_from_id TEXT")
    # A person took the ticket off the solution: it is not put there again by itself.
    db.table("apart").create(
        {"tenant": str, "ticket_id": str, "solution_tenant": str, "solution_id": str, "agent": str, "created_at": str},
        pk=("tenant", "ticket_id", "solution_tenant", "solution_id"),
        not_null={"agent", "created_at"},
    )
    db.conn.execute(
        "CREATE TABLE fix_statements (tenant TEXT NOT NULL, digest BLOB NOT NULL, solution_id TEXT NOT NULL,"
        " PRIMARY KEY (tenant, digest, solution_id)) WITHOUT ROWID"
    )
    db.table("fix_statements").create_index(["tenant", "solution_id"])
    db.table("merge_proposals").create(
        {
            "tenant": str, "id": str, "other_tenant": str, "other_id": str, "likeness": float, "dismissed": int,
            "created_at": str,
        },
        pk=("tenant", "id", "other_tenant", "other_id"),
        not_null={"likeness", "dismissed", "created_at"},
    )  # fmt: skip
    db.table("merge_proposals").create_index(["other_tenant", "other_id"])
    db.table("progress").create({"name": str, "seq": int}, pk="name", not_null={"seq"})
    # Fixes are named by what they tell, no longer by their letters.
    for row in db.conn.execute("SELECT tenant, id, resolution FROM solutions").fetchall():
        fix = fingerprint(row["resolution"])
        key = (row["tenant"], row["id"])
        db.conn.execute("UPDATE solutions SET fix_digest = ? WHERE tenant = ? AND id = ?", (fix.whole, *key))
        db.conn.executemany(
            "INSERT INTO fix_statements (tenant, digest, solution_id) VALUES (?, ?, ?)",
            [(row["tenant"], statement, row["id"]) for statement in fix.statements],
        )


@MIGRATIONS(name="0005_keys_and_audit")
def keys_and_audit(db: sqlite_utils.Database) -> None:
    # Revoked keys stay: that there ever was one is what closes the server to callers without one.
    db.conn.execute(
        "CREATE TABLE keys (id TEXT PRIMARY KEY, digest BLOB NOT NULL, label TEXT NOT NULL, role TEXT NOT NULL,"
        " tenants TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT, last_used_at TEXT)"
    )
    db.conn.execute(
        "CREATE TABLE audit (seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, actor TEXT NOT NULL,"
        " request_id TEXT, tenant TEXT, action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT)"
    )
    db.conn.execute("CREATE INDEX audit_at ON audit (at)")
    # Entries are only added. What is older than the retention may go, and only once that line has been moved.
    db.conn.execute("CREATE TABLE audit_retention (kept_from TEXT NOT NULL)")
    db.conn.execute("INSERT INTO audit_retention VALUES ('')")
    db.conn.execute(
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN"
        " SELECT raise(ABORT, 'the audit log cannot be changed'); END"
    )
    db.conn.execute(  # REPLACE removes rows without asking the triggers of DELETE
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit"
        " WHEN EXISTS (SELECT 1 FROM audit WHERE seq = new.seq)"
        " BEGIN SELECT raise(ABORT, 'the audit log cannot be changed'); END"
    )
    db.conn.execute(
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit"
        " WHEN old.at >= (SELECT max(kept_from) FROM audit_retention)"
        " BEGIN SELECT raise(ABORT, 'the audit log cannot be changed'); END"
    )
    db.conn.execute(
        "CREATE TRIGGER audit_retention_forward BEFORE UPDATE ON audit_retention WHEN new.kept_from < old.kept_from"
        " BEGIN SELECT raise(ABORT, 'the audit log cannot be changed'); END"
    )


@MIGRATIONS(name="0006_languages")
def languages(db: sqlite_utils.Database) -> None:
    # Ranking reads the language of what it finds: it stands where the rest of what it reads does.
    db.conn.execute("DROP INDEX idx_tickets_tenant_id_solution_tenant_solution_id")
    db.table("tickets").create_index(["tenant", "id", "solution_tenant", "solution_id", "language"])
    db.table("solutions").create_index(["tenant", "id", "language"])


@MIGRATIONS(name="0007_learned")
def learned(db: sqlite_utils.Database) -> None:
    db.conn.execute(
        "CREATE TABLE learned (tenant TEXT PRIMARY KEY, model_id TEXT NOT NULL, weights TEXT, matrix BLOB,"
        " measured TEXT NOT NULL, created_at TEXT NOT NULL)"
    )
    # Apart, since each answer asks for it and a matrix fills many pages.
    db.conn.execute("CREATE TABLE learned_versions (tenant TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID")
    # Which passages are a fix and which an issue, and what was solved lately, are read for each answer.
    db.conn.execute("CREATE INDEX passages_field ON passages (document, field)")
    db.conn.execute("DROP INDEX passages_document")
    db.table("tickets").create_index(["tenant", "status", "resolved_at", "solution_tenant", "solution_id"])


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


@MIGRATIONS(name="0015_fixes_by_what_they_tell")
def fixes_by_what_they_tell(db: sqlite_utils.Database) -> None:
    # Texts are stored as text, no longer as HTML, and fixes are named by signs and telling capitals too.
    for row in db.conn.execute("SELECT tenant, id, title, resolution, cause FROM solutions").fetchall():
        fix = fingerprint(row["resolution"])
        key = (row["tenant"], row["id"])
        cause = None if row["cause"] is None else plain_text(row["cause"])
        db.conn.execute(
            "UPDATE solutions SET title = ?, resolution = ?, cause = ?, fix_digest = ? WHERE tenant = ? AND id = ?",
            (plain_line(row["title"]), plain_text(row["resolution"]), cause, fix.whole, *key),
        )
        db.conn.execute("DELETE FROM fix_statements WHERE tenant = ? AND solution_id = ?", key)
        db.conn.executemany(
            "INSERT INTO fix_statements (tenant, digest, solution_id) VALUES (?, ?, ?)",
            [(row["tenant"], statement, row["id"]) for statement in fix.statements],
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
    _form_left_solutions_anew(db)


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
    for row in db.conn.execute("SELECT tenant, id, resolution FROM solutions").fetchall():
        fix = fingerprint(row["resolution"])
        key = (row["tenant"], row["id"])
        db.conn.execute("UPDATE solutions SET fix_digest = ? WHERE tenant = ? AND id = ?", (fix.whole, *key))
        db.conn.execute("DELETE FROM fix_statements WHERE tenant = ? AND solution_id = ?", key)
        db.conn.executemany(
            "INSERT INTO fix_statements (tenant, digest, solution_id) VALUES (?, ?, ?)",
            [(row["tenant"], statement, row["id"]) for statement in fix.statements],
        )


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


_LEXICAL_TABLE = re.compile(r"lexical_\d+_\d+")


def _form_left_solutions_anew(db: sqlite_utils.Database) -> None:
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
                fix = fingerprint(row["resolution"])
                db.conn.execute(
                    "UPDATE solutions SET title = ?, environment = ?, cause = ?, resolution = ?, fix_digest = ?"
                    " WHERE tenant = ? AND id = ?",
                    (row["subject"], row["environment"], row["cause"], row["resolution"], fix.whole, tenant, id),
                )
                db.conn.execute("DELETE FROM fix_statements WHERE tenant = ? AND solution_id = ?", (tenant, id))
                db.conn.executemany(
                    "INSERT OR IGNORE INTO fix_statements (tenant, digest, solution_id) VALUES (?, ?, ?)",
                    [(tenant, statement, id) for statement in fix.statements],
                )
                break


def _rename_default(db: sqlite_utils.Database, weights: str, name: str) -> None:
    """Generations made with the default model of these weights have it under another name from now on."""
    for kind in ("", "+int8"):
        model = f"{name}{kind}"
        before = f"default{kind}@{weights}"
        db.conn.execute(
            "UPDATE generations SET model = ?, model_id = ? WHERE model_id = ?", (model, f"{model}@{weights}", before)
        )


def _halved(vector: bytes) -> bytes:
    return np.frombuffer(vector, "<f4").astype("<f2").tobytes()


def _packed(title: str, issue: str, resolution: str) -> bytes:
    return packed(title.split(), issue.split(), resolution.split())
