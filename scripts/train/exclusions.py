"""Keeps out of training whatever the evaluation sets measure with.

A text is compared by its words alone, case and punctuation aside. Left out is a pair of which either
side is a title, an article's or a ticket's text; stands within one (from six words on); or holds a
title of four words or more.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_WORD = re.compile(r"\w+")
_CONTAINED, _HELD = 6, 4
_TEXTS = ("title", "english_title", "subject", "body", "text")
_TITLES = ("title", "english_title", "subject")


def words_of(text: str) -> str:
    """A text's words, one space between, lower case."""
    return " ".join(_WORD.findall(text.casefold()))


class Exclusions:
    """The texts of evaluation sets.

    Args:
        files: NDJSON, each row with some of title, english_title, body, text and its metadata's title.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._whole: set[str] = set()
        self._titles: set[str] = set()
        self._runs: set[int] = set()
        for file in files:
            for line in file.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                row |= {"subject": (row.get("metadata") or {}).get("title")}
                for name in _TEXTS:
                    if words := words_of(row.get(name) or ""):
                        self._whole.add(words)
                        self._runs.update(_runs(words, _CONTAINED))
                        if name in _TITLES and words.count(" ") + 1 >= _HELD:
                            self._titles.add(words)
        self._lengths = sorted({title.count(" ") + 1 for title in self._titles})
        self._heads = {run for title in self._titles for run in itertools.islice(_runs(title, _HELD), 1)}

    def why(self, text: str) -> str | None:
        """The reason to leave a text out: ``equal``, ``contained`` or ``title``; None to keep it."""
        words = words_of(text)
        if words in self._whole:
            return "equal"
        every = words.split()
        if len(every) >= _CONTAINED and all(run in self._runs for run in _runs(words, _CONTAINED)):
            return "contained"
        for start, head in enumerate(_runs(words, _HELD)):
            if head in self._heads and any(
                " ".join(every[start : start + length]) in self._titles for length in self._lengths
            ):
                return "title"
        return None


def _runs(words: str, length: int) -> Iterator[int]:
    every = words.split()
    for start in range(len(every) - length + 1):
        yield hash(tuple(every[start : start + length]))
