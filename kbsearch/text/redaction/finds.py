"""What a finder gives: a stretch of text and its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is removed. ``WORD`` is the company's own list."""

    WORD = "word"
    SECRET = "secret"  # noqa: S105 - a kind, not one
    EMAIL = "email"
    IBAN = "iban"
    CARD = "card"
    EGN = "egn"
    DOCUMENT = "document"
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


def words_of(listed: str) -> frozenset[str]:
    """The words of a list with blanks between them."""
    return frozenset(listed.split())


_WORD = re.compile(r"[^\W_]+")


class Reading:
    """A text, and what all finders need of it: it in lower case (each character at its place), its words."""

    __slots__ = ("lowered", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.lowered = in_lower_case(text)
        self.words = frozenset(_WORD.findall(self.lowered))


class Said:
    """Whether any of some stretches of letters stands in a text, in whatever case. ``·`` stands for a blank.

    Much faster than a pattern that ignores case, so that most texts are spared most patterns.
    """

    def __init__(self, words: str) -> None:
        self._words = tuple(word.replace("·", " ") for word in words.split())

    def __call__(self, reading: Reading) -> bool:
        lowered = reading.lowered
        return any(word in lowered for word in self._words)


class Phrases:
    """Words, or several in a row, that stand before what is sought: ``pattern`` (without case) finds any of them.

    Args:
        listed: the phrases in lower case, ``|`` between them.
        end: what follows each of them.
    """

    __slots__ = ("_by_first", "pattern")

    def __init__(self, listed: str, end: str = "") -> None:
        phrases = listed.split("|")
        self._by_first: dict[str, list[str]] = {}
        for phrase in phrases:
            self._by_first.setdefault(_WORD.findall(phrase)[0], []).append(phrase + end)
        self.pattern = "(?i:" + "|".join(re.escape(phrase + end).replace(r"\ ", "[ ]") for phrase in phrases) + ")"

    def __call__(self, reading: Reading) -> bool:
        """Whether the text contains any of them."""
        return any(
            any(phrase in reading.lowered for phrase in self._by_first[first])
            for first in reading.words & self._by_first.keys()
        )


Finder = Callable[[Reading], Iterable[Find]]


NUMBERED = re.compile(
    r"(?i)(?:\b(?:ticket|case|issue|incident|request|socket|outlet|port|room|rack|patch ?panel|panel|part|"
    r"p/n|pn|s/n|sn|serial|article|item|order|invoice|contract|asset|inventory|tag|model|build|version|sku|ref|"
    r"reference|barcode|ean|imei|batch|lot|duplicate of|jira|error|errors|code|status|event|fehler|erreur|errore|"
    r"fout|dose|steckdose|raum|zimmer|teil|artikel|bestellung|"
    r"prise|salle|presa|stanza|kamer|sala|zásuvka)|"
    r"\b(?:заявка|заявки|тикет|инцидент|случай|розетка|букса|порт|стая|зала|панел|шкаф|част|артикул|"
    r"поръчка|фактура|договор|инв|инвентарен|сериен|модел|версия|партида|баркод|комната|гнездо|грешка|ошибка|код))"
    r"[.:]?\s{0,2}(?:\b(?:no|number|nr|id|code|номер)\b|№|#)?[.:]?\s{0,2}$"
)
"""Before a number: it numbers a thing, and is no telephone, host or person."""


def group(match: re.Match[str], kind: Kind, name: str | int = 0) -> Find:
    """A find of one group of a match."""
    return Find(match.start(name), match.end(name), kind)


def in_lower_case(text: str) -> str:
    """The text in lower case, each character at its place: a few letters that would become two stay as they are."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(lower if len(lower := c.lower()) == 1 else c for c in text)
