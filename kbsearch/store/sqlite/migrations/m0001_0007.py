"""The tables of tickets, solutions and the index; keys and the audit log."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

import numpy as np
import sqlite_utils

from kbsearch.store.sqlite.migrations.registry import MIGRATIONS

_LEXICAL_TABLE = re.compile(r"lexical_\d+_\d+")


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
    # Fixes are named by what they tell, no longer by their letters: 0023_boilerplate names them.


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


def _halved(vector: bytes) -> bytes:
    return np.frombuffer(vector, "<f4").astype("<f2").tobytes()


def _packed(title: str, issue: str, resolution: str) -> bytes:
    """The hashes of all terms, ascending, then a count for each, at most 255; a term of the title counts three."""
    counts: Counter[int] = Counter()
    for terms, weight in ((title, 3), (issue, 1), (resolution, 1)):
        for term in terms.split():
            counts[int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "little")] += weight
    hashes = np.array(sorted(counts), "<u8")
    return hashes.tobytes() + bytes(min(255, counts[term]) for term in hashes.tolist())
