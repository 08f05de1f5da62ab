"""Which language a text is written in, as far as its letters tell."""

from __future__ import annotations

import re

from kbsearch.text.transliteration import looks_transliterated
from kbsearch.text.words import surface

_LETTER = re.compile(r"[^\W\d_]")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
_RUSSIAN = re.compile(r"[ыэёЫЭЁ]")
_UKRAINIAN = re.compile(r"[іїєґІЇЄҐ]")


def guess_language(text: str) -> str:
    """``bg``, ``ru``, ``uk`` or ``en``: by script, telltale letters, and Bulgarian in Latin letters.

    A text counts as Cyrillic from a third of its letters on, since product names and error
    messages stay Latin in a Bulgarian ticket.
    """
    letters = len(_LETTER.findall(text))
    cyrillic = len(_CYRILLIC.findall(text))
    if cyrillic * 3 < letters or not cyrillic:
        return "bg" if looks_transliterated(surface(text)) else "en"
    if _UKRAINIAN.search(text):
        return "uk"
    return "ru" if _RUSSIAN.search(text) else "bg"
