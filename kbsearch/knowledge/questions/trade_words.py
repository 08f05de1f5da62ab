"""The words of a scope's trade, as questions are read with them."""

from __future__ import annotations

from functools import lru_cache

from kbsearch.model import Scope
from kbsearch.store import trade_words
from kbsearch.store.port import Read
from kbsearch.text.trade_words import TradeWords, shipped

_KEPT = 256


def of_scope(tx: Read, scope: Scope) -> TradeWords:
    """The tenant's own words, those of ``shared``, and the shipped ones, in this order."""
    return _made(trade_words.used(tx, scope))


@lru_cache(_KEPT)
def _made(own: tuple[tuple[str, str], ...]) -> TradeWords:
    return TradeWords({word: (name,) for word, name in own}, shipped()) if own else shipped()
