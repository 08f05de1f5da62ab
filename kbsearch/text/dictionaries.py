"""The words of the languages that kbsearch has lemmas of.

simplemma's dictionaries as Python's would take 49 MB. Its frugal ones take 10, at 9 µs a look instead of 0.3. That adds
up: it takes a dozen looks to find that no part of a made-up word is known, and misspelt or transliterated tickets
bring hundreds of those. So the hashes of all words (3 MB, 1 µs) say beforehand whether there is anything to be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
import xxhash
from numpy.typing import NDArray
from simplemma import Lemmatizer
from simplemma.strategies import DefaultStrategy, DictionaryLookupStrategy
from simplemma.strategies.dictionaries import LOW_MEMORY_DICTIONARY_FACTORY, DictionaryFactory
from simplemma.strategies.dictionaries.dictionary_factory import DecodedStrMapping
from simplemma.utils import normalize_token

_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
_ENOUGH = 2_000
"""After so many looks hashing all words, half a second, is worth it: a command that looks up a few does without."""


class ScreenedDictionary(DecodedStrMapping):
    """Word → lemma. Words that are not in it are recognised by their hashes alone.

    That one of some hundred thousand hashes of 64 bits is another word's is out of reach.
    """

    __slots__ = ("_hashes", "_looks", "_words")

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words
        self._looks = 0
        self._hashes: NDArray[np.uint64] | None = None

    def hash_words(self) -> None:
        """Do it now, which else some look waits for."""
        if self._hashes is None:
            self._hashes = np.sort(np.fromiter(map(_hash, self._words), np.uint64, len(self._words)))

    def _lookup(self, key: str) -> str | None:
        if self._hashes is None:
            self._looks += 1
            if self._looks > _ENOUGH:
                self.hash_words()
            return self._words.get(key)
        wanted = np.uint64(_hash(key))
        place = self._hashes.searchsorted(wanted)
        if place == len(self._hashes) or self._hashes[place] != wanted:
            return None
        return self._words.get(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


class _Dictionaries(DictionaryFactory):
    """simplemma's, screened: Bulgarian and English."""

    __slots__ = ("_dictionaries",)

    def __init__(self) -> None:
        self._dictionaries: dict[str, ScreenedDictionary] = {}

    def get_dictionary(self, lang: str) -> ScreenedDictionary:
        if lang not in self._dictionaries:
            self._dictionaries[lang] = ScreenedDictionary(LOW_MEMORY_DICTIONARY_FACTORY.get_dictionary(lang))
        return self._dictionaries[lang]


_DICTIONARIES = _Dictionaries()
_LOOKUP = DictionaryLookupStrategy(_DICTIONARIES)
_LEMMATIZER = Lemmatizer(lemmatization_strategy=DefaultStrategy(dictionary_factory=_DICTIONARIES))


def is_word(word: str) -> bool:
    """Whether a casefolded word is in the dictionary of its script: Bulgarian, otherwise English.

    is_known() also tries other ways to write it, which takes ten times as long.
    """
    return _DICTIONARIES.get_dictionary(_language(word)).get(word) is not None


def is_known(word: str) -> bool:
    """Whether the dictionary has it, in upper or lower case and with whatever apostrophe."""
    return _LOOKUP.get_lemma(normalize_token(word), _language(word)) is not None


def dictionary_form(word: str) -> str:
    """The lemma of a casefolded word; the word itself if it has none."""
    return _LEMMATIZER.lemmatize(word, _language(word))


def warm_up() -> None:
    """Hash all words now, which else the first questions would wait for."""
    for language in ("en", "bg"):
        _DICTIONARIES.get_dictionary(language).hash_words()


def _language(word: str) -> str:
    return "bg" if _CYRILLIC.search(word) else "en"


def _hash(word: str) -> int:
    return xxhash.xxh3_64_intdigest(word.encode())
