"""Text rules that migrations run as they are today, not as they were.

What they make is compared with what today's rules make of new texts: a fingerprint with those of resolutions written
from now on, a stored text with the same text sent again. The result of a former rule would differ from both.
"""

from __future__ import annotations

import sqlite_utils

from kbsearch.text.fixes import fingerprint, is_thin
from kbsearch.text.intake import plain_line, plain_text

__all__ = ["is_thin", "name_fixes", "plain_line", "plain_text"]


def name_fixes(db: sqlite_utils.Database) -> None:
    """Fingerprint the resolution of every solution."""
    for row in db.conn.execute("SELECT tenant, id, resolution FROM solutions").fetchall():
        fix = fingerprint(row["resolution"])
        key = (row["tenant"], row["id"])
        db.conn.execute("UPDATE solutions SET fix_digest = ? WHERE tenant = ? AND id = ?", (fix.whole, *key))
        db.conn.execute("DELETE FROM fix_statements WHERE tenant = ? AND solution_id = ?", key)
        db.conn.executemany(
            "INSERT INTO fix_statements (tenant, digest, solution_id) VALUES (?, ?, ?)",
            [(row["tenant"], statement, row["id"]) for statement in fix.statements],
        )
