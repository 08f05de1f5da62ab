"""Does each source that should be found have its document?"""

from __future__ import annotations

from kbsearch.store.port import Read


def not_indexed(tx: Read, generation: int) -> int:
    """How many resolved tickets and current articles the generation has no document of."""
    row = tx.row(
        "SELECT (SELECT count(*) FROM tickets WHERE status = 'resolved' AND NOT EXISTS (SELECT 1 FROM documents"
        " WHERE generation = :id AND documents.tenant = tickets.tenant AND documents.kind = 'ticket'"
        " AND source_id = tickets.id AND length IS NOT NULL))"
        " + (SELECT count(*) FROM solutions WHERE kind = 'article' AND state != 'archived' AND NOT EXISTS (SELECT 1"
        " FROM documents WHERE generation = :id AND documents.tenant = solutions.tenant AND documents.kind = 'article'"
        " AND source_id = solutions.id AND length IS NOT NULL))",
        {"id": generation},
    )
    assert row is not None
    return row[0]


def orphaned(tx: Read, generation: int) -> int:
    """How many documents the generation has of tickets and articles that are gone."""
    row = tx.row(
        "SELECT count(*) FROM documents WHERE generation = ? AND length IS NOT NULL AND CASE kind WHEN 'ticket'"
        " THEN NOT EXISTS (SELECT 1 FROM tickets WHERE tickets.tenant = documents.tenant AND tickets.id = source_id"
        " AND status = 'resolved') ELSE NOT EXISTS (SELECT 1 FROM solutions WHERE solutions.tenant = documents.tenant"
        " AND solutions.id = source_id AND solutions.kind = 'article' AND state != 'archived') END",
        (generation,),
    )
    assert row is not None
    return row[0]
