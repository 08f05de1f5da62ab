"""The schema, as numbered migrations. A published migration is never changed.

A new migration is a module of its own, ``m0028_name.py``, imported last below. It imports nothing of kbsearch but the
registry and ``todays_rules``: text rules change, and a migration must go on doing what it did. A rule whose result is
replaced by a later migration is not run at all; any other is copied into the migration's module.
"""

from kbsearch.store.sqlite.migrations import (
    m0001_0007,
    m0008_0014,
    m0015_0018,
    m0019_0024,
    m0025_sessions_granted,
    m0026_article_metadata,
    m0027_trade_words,
    m0028_inbox,
    m0029_board,
)
from kbsearch.store.sqlite.migrations.registry import MIGRATIONS

__all__ = [
    "MIGRATIONS",
    "m0001_0007",
    "m0008_0014",
    "m0015_0018",
    "m0019_0024",
    "m0025_sessions_granted",
    "m0026_article_metadata",
    "m0027_trade_words",
    "m0028_inbox",
    "m0029_board",
]
