"""Words of each tenant's trade: what people type, and the names that are meant."""

import sqlite_utils

from kbsearch.store.sqlite.migrations.registry import MIGRATIONS


@MIGRATIONS(name="0027_trade_words")
def trade_words(db: sqlite_utils.Database) -> None:
    # ``origin``: ``lead`` set it, it was ``learned`` from tickets, or a lead ``refused`` what was learned.
    db.table("trade_words").create(
        {"tenant": str, "word": str, "name": str, "origin": str, "tickets": int, "created_at": str},
        pk=("tenant", "word"),
        not_null={"name", "origin", "tickets", "created_at"},
    )
