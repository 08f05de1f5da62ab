"""The single sentences of each solution's fix, by digest: finds fixes that share some of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kbsearch.model import Scope, SolutionRef, TenantId
from kbsearch.store.columns import marks
from kbsearch.store.database import Read, Write

_MOST_LOOKED_UP = 32
_MOST_EACH = 20
"""A sentence that stands in more solutions tells none from another."""


def put(tx: Write, ref: SolutionRef, statements: Sequence[bytes]) -> None:
    """Replace what is known of a solution's statements."""
    drop(tx, ref)
    tx.executemany(
        "INSERT OR IGNORE INTO fix_statements (tenant, digest, solution_id) VALUES (?, ?, ?)",
        [(ref.tenant, statement, ref.id) for statement in statements],
    )


def drop(tx: Write, ref: SolutionRef) -> None:
    tx.execute("DELETE FROM fix_statements WHERE tenant = ? AND solution_id = ?", (ref.tenant, ref.id))


def sharing(tx: Read, scope: Scope, statements: Sequence[bytes]) -> dict[SolutionRef, int]:
    """Solutions in scope that have some of these statements, and how many; commonplace statements count nothing.

    Where there are very many statements the first ones are looked up.
    """
    found: Counter[SolutionRef] = Counter()
    for statement in statements[:_MOST_LOOKED_UP]:
        rows = tx.rows(
            "SELECT tenant, solution_id FROM fix_statements"
            f" WHERE tenant IN ({marks(scope.tenants)}) AND digest = ? LIMIT ?",
            (*scope.tenants, statement, _MOST_EACH + 1),
        )
        if len(rows) <= _MOST_EACH:
            found.update(SolutionRef(TenantId(row["tenant"]), row["solution_id"]) for row in rows)
    return dict(found)
