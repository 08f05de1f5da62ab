"""The words of the languages that kbsearch has lemmas of."""

from __future__ import annotations

import re

from simplemma.strategies.dictionaries.dictionary_factory import DEFAULT_DICTIONARY_FACTORY

_CYRILLIC = re.compile(r"[Ѐ-ӿ]")


def is_word(word: str) -> bool:
    """Whether a casefolded word stands, as written, in the dictionary of its script: Bulgarian, else English.

    ``simplemma.is_known`` also takes a word apart, which takes ten times as long.
    """
    language = "bg" if _CYRILLIC.search(word) else "en"
    return DEFAULT_DICTIONARY_FACTORY.get_dictionary(language).get(word) is not None
