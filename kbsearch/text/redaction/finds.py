"""What a finder gives: a stretch of text and its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is taken out. ``WORD`` is the company's own list."""

    WORD = "word"
    SECRET = "secret"  # noqa: S105 - a kind, not one
    EMAIL = "email"
    IBAN = "iban"
    CARD = "card"
    EGN = "egn"
    IP = "ip"
    PHONE = "phone"
    HOST = "host"
    USER = "user"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Find:
    """Characters ``start`` .. ``end`` of a text are of this kind."""

    start: int
    end: int
    kind: Kind


class Said:
    """Whether any of some words stands in a text, in whatever case.

    Much faster than a pattern that ignores case, so that most texts are spared most patterns.
    """

    def __init__(self, words: str) -> None:
        self._words = tuple(words.split())

    def __call__(self, lowered: str) -> bool:
        return any(word in lowered for word in self._words)


Finder = Callable[[str], Iterable[Find]]


def group(match: re.Match[str], kind: Kind, name: str | int = 0) -> Find:
    """A find of one group of a match."""
    return Find(match.start(name), match.end(name), kind)
