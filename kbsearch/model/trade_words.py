"""Words of a desk's trade."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WordOrigin(StrEnum):
    """Who says what a word means: a lead, or the desk's tickets."""

    LEAD = "lead"
    LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class TradeWord:
    """What people type, in lower case, and the name that is meant.

    ``tickets`` is from how many tickets it was learned; 0 for what a lead said.
    """

    word: str
    name: str
    origin: WordOrigin = WordOrigin.LEAD
    tickets: int = 0
