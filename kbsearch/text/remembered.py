"""What was worked out about a word before, for the words that come again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

_WORDS = 20_000
"""How many words are kept. Of the words of 20,000 real tickets 93 % are found again among so many, 96 % among all of
them, which take 60 MB in four functions."""

_LONGEST = 64
"""Characters of the longest that is kept: longer ones seldom come again, and somebody may send them to fill memory."""

_T = TypeVar("_T")


def remembered(function: Callable[[str], _T]) -> Callable[[str], _T]:
    """Keep a function's results for the words that came last. Safe to call from several threads.

    A word that is known costs a look into a dict: a third of ``lru_cache`` behind a function that bounds the length.
    """
    return _Remembered(function).__getitem__


class _Remembered(dict[str, _T], Generic[_T]):
    def __init__(self, function: Callable[[str], _T]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, word: str) -> _T:
        result = self._function(word)
        if len(word) <= _LONGEST:
            if len(self) >= _WORDS:
                for older in list(self)[: _WORDS // 2]:
                    self.pop(older, None)
            self[word] = result
        return result
