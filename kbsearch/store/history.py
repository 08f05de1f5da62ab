"""A tenant's resolved tickets in the order they were resolved, with their vectors: what learning reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kbsearch.model import Scope, SolutionRef, TenantId, Ticket
from kbsearch.store.columns import parse_list
from kbsearch.store.port import Read
from kbsearch.store.statements import marks


@dataclass(frozen=True, slots=True)
class Solved:
    """A resolved ticket with its solution. ``document`` is its place in the index."""

    ticket: Ticket
    document: int
    solution: SolutionRef


def solved(tx: Read, generation: int, scope: Scope, most: int) -> list[Solved]:
    """The latest ``most`` resolved tickets with a solution that the scope sees, the oldest first."""
    rows = tx.rows(
        "SELECT tickets.id, subject, description, environment, documents.id AS document, solution_tenant, solution_id"
        " FROM tickets JOIN documents ON generation = ? AND documents.tenant = tickets.tenant AND kind = 'ticket'"
        " AND source_id = tickets.id AND length IS NOT NULL"
        f" WHERE tickets.tenant = ? AND status = 'resolved' AND solution_tenant IN ({marks(scope.tenants)})"
        " ORDER BY used_at DESC, revision DESC LIMIT ?",
        (generation, scope.tenant, *scope.tenants, most),
    )
    return [
        Solved(
            Ticket(row["subject"], row["description"], row["id"], parse_list(row["environment"])),
            row["document"],
            SolutionRef(TenantId(row["solution_tenant"]), row["solution_id"]),
        )
        for row in reversed(rows)
    ]


def issue_vectors(tx: Read, documents: Sequence[int], most: int) -> dict[int, list[bytes]]:
    """The first vectors (float16) of each document's issue, at most so many of each."""
    found: dict[int, list[bytes]] = {}
    for document in documents:
        rows = tx.rows(
            "SELECT vector FROM passages WHERE document = ? AND field = 'issue' ORDER BY id LIMIT ?", (document, most)
        )
        if rows:
            found[document] = [row[0] for row in rows]
    return found


def article_vectors(tx: Read, generation: int, scope: Scope, most: int) -> list[tuple[SolutionRef, int, bytes]]:
    """Passages of the articles that the scope sees, the newest at most so many.

    Each as (article, document, vector as float16).
    """
    rows = tx.rows(
        "SELECT documents.tenant, source_id, document, vector FROM documents JOIN passages ON document = documents.id"
        f" WHERE generation = ? AND documents.tenant IN ({marks(scope.tenants)}) AND kind = 'article'"
        " ORDER BY documents.id DESC, passages.id LIMIT ?",
        (generation, *scope.tenants, most),
    )
    return [(SolutionRef(TenantId(row["tenant"]), row["source_id"]), row["document"], row["vector"]) for row in rows]
