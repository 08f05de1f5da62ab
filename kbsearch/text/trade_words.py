"""Words of the trade: „впн“ is VPN, „аутлук“ is Outlook, BSOD is a blue screen (trade_words.txt).

A desk has words of its own besides, which go before those that are shipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from kbsearch.text.remembered import remembered
from kbsearch.text.words import lemma, normalise, surface

Name = tuple[str, ...]
"""What a typed word means: the forms of one name, the usual one first."""

_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
# Articles and plural endings of borrowed words, and what they take the place of: уайфаят, флашките.
_ENDINGS = (
    "овете", "ията", "ове", "ите", "ета", "ият", "ята", "ът", "ят", "та", "то", "те", "ия", "и", "а", "я", "у", "ю",
)  # fmt: skip
_TAKEN_AWAY = ("", "й", "а")
_LEAST_STEM = 3


class TradeWords:
    """What people type, and the names that are meant.

    Args:
        names: typed word or words, in lower case → name.
        others: further ones, behind these.
    """

    def __init__(self, names: Mapping[str, Name], others: TradeWords | None = None) -> None:
        typed = {" ".join(surface(one)): name for one, name in names.items()}
        self._others = others
        self._words = {one: name for one, name in typed.items() if " " not in one}
        self._phrases = {one: name for one, name in typed.items() if " " in one}
        self._names = {word for name in names.values() for form in name for word in surface(form)}
        found = sorted(self._phrases, key=len, reverse=True)
        either = "|".join(r"[\s_-]+".join(map(re.escape, one.split(" "))) for one in found)
        self._phrase = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE) if found else None
        self._look = self._find if others else remembered(self._find)

    def named(self, word: str) -> Name | None:
        """The name that a casefolded word means, whatever article or ending it has; None for any other word."""
        return self._look(word) or (self._others.named(word) if self._others else None)

    def has_name(self, word: str) -> bool:
        """Whether a casefolded word is a name, part of one, or typed for one."""
        here = word in self._names or self._look(word) is not None
        return here or (self._others is not None and self._others.has_name(word))

    def with_phrases_named(self, text: str) -> str:
        """The text with the names in place of what is typed in several words."""
        if self._phrase is not None:
            text = self._phrase.sub(
                lambda match: form_for(match.group(), self._phrases[" ".join(surface(match.group()))]), text
            )
        return self._others.with_phrases_named(text) if self._others else text

    def _find(self, word: str) -> Name | None:
        return next((name for form in _forms(word) if (name := self._words.get(form)) is not None), None)


def is_product(name: Name) -> bool:
    """Whether the name is a product's, which has no other form in any language."""
    return name[0][:1].isupper()


def form_for(typed: str, name: Name) -> str:
    """The form of a name in the letters of what was typed, or else the usual one."""
    cyrillic = bool(_CYRILLIC.search(typed))
    return next((form for form in name if bool(_CYRILLIC.search(form)) == cyrillic), name[0])


@lru_cache(maxsize=1)
def shipped() -> TradeWords:
    """The words of trade_words.txt."""
    names: dict[str, Name] = {}
    for line in Path(__file__).with_name("trade_words.txt").read_text("utf-8").splitlines():
        forms, _, typed = line.partition(": ")
        if not line.startswith("#") and typed:
            names.update(dict.fromkeys(map(normalise, typed.split(", ")), tuple(forms.split(", "))))
    return TradeWords(names)


def _forms(word: str) -> Iterator[str]:
    """The word, its lemma, and what it may be without a Bulgarian ending."""
    yield word
    yield lemma(word)
    if _CYRILLIC.search(word):
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
                stem = word[: -len(ending)]
                yield from (stem + taken for taken in _TAKEN_AWAY)
