"""Bodies of answers about words of the trade."""

from __future__ import annotations

from kbsearch.api.fields import Out
from kbsearch.model import WordOrigin


class WordOut(Out):
    """``tickets`` is from how many tickets the word was learned; 0 for what a lead said."""

    word: str
    name: str
    origin: WordOrigin
    tickets: int


class WrittenWordOut(WordOut):
    revision: int


class WordsOut(Out):
    words: list[WordOut]
    next_cursor: str | None
