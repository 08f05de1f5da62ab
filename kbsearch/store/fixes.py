"""The single sentences of each solution's fix, by digest: finds fixes that share some of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from kbsearch.model import Scope, SolutionRef, TenantId
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import bytes_text, marks

MOST_LOOKED_UP = 32
MOST_EACH = 20
"""A sentence that stands in more solutions tells none from another."""


def put(tx: Write, ref: SolutionRef, statements: Sequence[bytes]) -> None:
    """Replace what is known of a solution's statements."""
    drop(tx, ref)
    tx.executemany(
        "INSERT INTO fix_statements (tenant, digest, solution_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(ref.tenant, statement, ref.id) for statement in statements],
    )


def drop(tx: Write, ref: SolutionRef) -> None:
    tx.execute("DELETE FROM fix_statements WHERE tenant = ? AND solution_id = ?", (ref.tenant, ref.id))


def with_statements(tx: Read, scope: Scope, statements: Sequence[bytes]) -> dict[bytes, set[SolutionRef]]:
    """Solutions in scope that have each of these statements; of a commonplace one a few more than ``MOST_EACH``."""
    rows = tx.rows(
        "SELECT @bytes(wanted) AS digest, (SELECT @gathered(tenant, solution_id) FROM"
        f" (SELECT tenant, solution_id FROM fix_statements WHERE tenant IN ({marks(scope.tenants)})"
        " AND digest = @bytes(wanted) LIMIT ?) AS some) AS found FROM @elements(?, wanted)",
        (*scope.tenants, MOST_EACH + 1, bytes_text(statements)),
    )
    return {
        row["digest"]: {SolutionRef(TenantId(tenant), id) for tenant, id in json.loads(row["found"])} for row in rows
    }


def sharing(tx: Read, scope: Scope, statements: Sequence[bytes]) -> dict[SolutionRef, int]:
    """Solutions in scope that have some of these statements, and how many.

    Where there are very many statements the first ones are looked up.
    """
    return counted(with_statements(tx, scope, statements[:MOST_LOOKED_UP]).values())


def counted(found: Iterable[set[SolutionRef]]) -> dict[SolutionRef, int]:
    """How many of the statements each solution has; commonplace statements count nothing."""
    return dict(Counter(ref for refs in found if len(refs) <= MOST_EACH for ref in refs))
