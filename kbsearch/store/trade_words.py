"""Words of each tenant's trade: what people type, and the names that are meant."""

from __future__ import annotations

from collections.abc import Sequence

from kbsearch.model import SHARED, Scope, TenantId, TradeWord, WordOrigin
from kbsearch.store.columns import time_text
from kbsearch.store.port import Read, Write
from kbsearch.store.statements import marks

_REFUSED = "refused"
"""What a lead said of a word that was learned: it is not learned again."""

_PUT = (
    "INSERT INTO trade_words (tenant, word, name, origin, tickets, created_at) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (tenant, word) DO UPDATE SET name = excluded.name, origin = excluded.origin,"
    " tickets = excluded.tickets, created_at = excluded.created_at"
)


def used(tx: Read, scope: Scope) -> tuple[tuple[str, str], ...]:
    """(word, name) of the scope; where a tenant and ``shared`` have the same word, the tenant's comes last."""
    rows = tx.rows(
        f"SELECT word, name FROM trade_words WHERE tenant IN ({marks(scope.tenants)}) AND origin != ?"
        " ORDER BY CASE WHEN tenant = ? THEN 0 ELSE 1 END, word",
        (*scope.tenants, _REFUSED, SHARED),
    )
    return tuple((row["word"], row["name"]) for row in rows)


def page(tx: Read, tenant: TenantId, after: str, limit: int) -> list[TradeWord]:
    """The tenant's own words in order, those behind ``after`` only."""
    rows = tx.rows(
        "SELECT word, name, origin, tickets FROM trade_words WHERE tenant = ? AND word > ? AND origin != ?"
        " ORDER BY word LIMIT ?",
        (tenant, after, _REFUSED, limit),
    )
    return [TradeWord(row["word"], row["name"], WordOrigin(row["origin"]), row["tickets"]) for row in rows]


def decided(tx: Read, tenant: TenantId) -> set[str]:
    """Words that a lead set or refused: learning leaves them alone."""
    rows = tx.rows("SELECT word FROM trade_words WHERE tenant = ? AND origin != ?", (tenant, WordOrigin.LEARNED))
    return {row["word"] for row in rows}


def before_purges(tx: Read) -> list[TenantId]:
    """Tenants that learned words before something was erased that these may have been learned from."""
    rows = tx.rows(
        "SELECT DISTINCT tenant FROM trade_words WHERE origin = ? AND EXISTS (SELECT 1 FROM purges"
        " WHERE purges.tenant IN (trade_words.tenant, ?) AND asked_at >= created_at)",
        (WordOrigin.LEARNED, SHARED),
    )
    return [TenantId(row["tenant"]) for row in rows]


def learned(tx: Read, tenant: TenantId) -> list[TradeWord]:
    """All words that the tenant has learned."""
    return [one for one in page(tx, tenant, "", 2**31) if one.origin == WordOrigin.LEARNED]


def put(tx: Write, tenant: TenantId, word: str, name: str) -> None:
    """A lead sets what a word means."""
    tx.execute(_PUT, (tenant, word, name, WordOrigin.LEAD, 0, time_text(tx.now)))


def drop(tx: Write, tenant: TenantId, word: str) -> bool:
    """Take a word away; one that was learned is not learned again. False: there is no such word."""
    where = "WHERE tenant = ? AND word = ? AND origin = ?"
    if tx.execute(f"DELETE FROM trade_words {where}", (tenant, word, WordOrigin.LEAD)):
        return True
    refused = tx.execute(
        f"UPDATE trade_words SET origin = ?, name = '', tickets = 0 {where}",
        (_REFUSED, tenant, word, WordOrigin.LEARNED),
    )
    return bool(refused)


def put_learned(tx: Write, tenant: TenantId, words: Sequence[TradeWord]) -> bool:
    """Replace what was learned before. Whether anything changed but counts."""
    before = {one.word: one.name for one in learned(tx, tenant)}
    tx.execute("DELETE FROM trade_words WHERE tenant = ? AND origin = ?", (tenant, WordOrigin.LEARNED))
    tx.executemany(
        _PUT, [(tenant, one.word, one.name, WordOrigin.LEARNED, one.tickets, time_text(tx.now)) for one in words]
    )
    return before != {one.word: one.name for one in words}
