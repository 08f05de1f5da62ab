"""The passages of documents: their texts and vectors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from kbsearch.model import Field, Scope, TenantId
from kbsearch.store.port import Read
from kbsearch.store.statements import LISTED_NUMBERS, marks

_DIGESTS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage found again by its id."""

    id: int
    document: int
    field: Field
    text: str


def known_vectors(
    tx: Read, model_id: str, digests: Sequence[bytes], of_tenants: Sequence[TenantId]
) -> dict[bytes, bytes]:
    """Vectors that some generation of the same model already has for these texts in documents of these tenants.

    Those of other tenants are not used: the time that a write takes would tell what they have stored.
    """
    found: dict[bytes, bytes] = {}
    for start in range(0, len(digests), _DIGESTS_AT_ONCE):
        some = [*digests[start : start + _DIGESTS_AT_ONCE]]
        some += [some[0]] * (_DIGESTS_AT_ONCE - len(some))  # the statement reads the same for any number
        rows = tx.rows(
            "SELECT passages.digest, passages.vector FROM passages JOIN documents ON documents.id = passages.document"
            " JOIN generations ON generations.id = documents.generation"
            f" WHERE passages.digest IN ({marks(some)}) AND generations.model_id = ?"
            f" AND documents.tenant IN ({marks(of_tenants)})",
            (*some, model_id, *of_tenants),
        )
        found.update((row["digest"], row["vector"]) for row in rows)
    return found


def passages(tx: Read, scope: Scope, ids: Sequence[int]) -> dict[int, StoredPassage]:
    """Passages by id; those of other tenants, or gone in the meantime, are left out."""
    rows = tx.rows(
        "SELECT passages.id, document, field, text FROM passages JOIN documents ON documents.id = document"
        f" WHERE passages.id IN {LISTED_NUMBERS} AND tenant IN ({marks(scope.tenants)})",
        (json.dumps(ids), *scope.tenants),
    )
    return {r["id"]: StoredPassage(r["id"], r["document"], Field(r["field"]), r["text"]) for r in rows}


def passages_of(tx: Read, scope: Scope, documents: Sequence[int]) -> dict[int, list[StoredPassage]]:
    """The passages of each document in reading order; documents of other tenants, or gone by now, are left out."""
    rows = tx.rows(
        "SELECT passages.id, document, field, text FROM passages JOIN documents ON documents.id = document"
        f" WHERE document IN {LISTED_NUMBERS} AND tenant IN ({marks(scope.tenants)}) ORDER BY passages.id",
        (json.dumps(documents), *scope.tenants),
    )
    found: dict[int, list[StoredPassage]] = {}
    for r in rows:
        found.setdefault(r["document"], []).append(StoredPassage(r["id"], r["document"], Field(r["field"]), r["text"]))
    return found


def own_words(tx: Read, scope: Scope, nearest: Sequence[tuple[int, int]]) -> dict[int, tuple[str, str]]:
    """Title of each document, and the text of its passage where that is of the issue, else "".

    Args:
        tx: the view of the store.
        scope: documents of other tenants are left out.
        nearest: (document, passage).
    """
    rows = tx.rows(
        "SELECT documents.id, coalesce(tickets.subject, solutions.title, ''),"
        " CASE WHEN field = 'issue' THEN passages.text ELSE '' END"
        " FROM @elements(?, wanted) @join documents ON documents.id = @number(wanted, 0)"
        " @join passages ON passages.id = @number(wanted, 1)"
        " LEFT JOIN tickets ON documents.kind = 'ticket' AND tickets.tenant = documents.tenant"
        " AND tickets.id = source_id LEFT JOIN solutions ON documents.kind = 'article'"
        " AND solutions.tenant = documents.tenant AND solutions.id = source_id"
        f" WHERE documents.tenant IN ({marks(scope.tenants)}) AND passages.document = documents.id",
        (json.dumps(nearest), *scope.tenants),
    )
    return {id: (title, text) for id, title, text in rows}


def fix_passages(tx: Read, ids: Sequence[int]) -> set[int]:
    """Those passages of documents that tell the fix; the others tell the issue."""
    rows = tx.rows(
        "SELECT passages.id FROM @elements(?, wanted) @join passages @index(passages_field)"
        " ON document = @number(wanted) AND field = 'resolution'",
        (json.dumps(ids),),
    )
    return {row[0] for row in rows}
