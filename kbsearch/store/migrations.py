"""The schema, as numbered migrations. A published migration is never changed."""

from __future__ import annotations

import re

import numpy as np
import sqlite_utils
from sqlite_utils.migrations import Migrations

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


@MIGRATIONS(name="0006_redaction")
def redaction(db: sqlite_utils.Database) -> None:
    db.table("redaction_policies").create(
        {"tenant": str, "off": str, "words": str, "kept": str, "keep_raw": int, "updated_at": str}, pk="tenant"
    )
    db.table("raw_tickets").create(
        {"tenant": str, "id": str, "content": bytes, "sealed": int, "updated_at": str}, pk=("tenant", "id")
    )


_LEXICAL_TABLE = re.compile(r"lexical_\d+_\d+")


def _halved(vector: bytes) -> bytes:
    return np.frombuffer(vector, "<f4").astype("<f2").tobytes()


def _packed(title: str, issue: str, resolution: str) -> bytes:
    return packed(title.split(), issue.split(), resolution.split())
