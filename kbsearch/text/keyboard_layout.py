"""Text typed while another keyboard layout was active: ``ghbdtn`` for ``привет``, ``щгедщщл`` for ``outlook``."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from kbsearch.text.words import surface

# The letters of each layout in the order of the keys, as xkeyboard-config has them (symbols/bg, symbols/ru).
_KEYS = "`qwertyuiop[]\\asdfghjkl;'zxcvbnm,./"
_SHIFTED = '~QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
_BY_PLACE = (
    "`,уеишщксдзц;\\ьяаожгтнвмчюйъэфхпрлб",  # Bulgarian, BDS 5237
    "ёйцукенгшщзхъ\\фывапролджэячсмитьбю.",  # Russian
)
_BY_SOUND = (
    "чявертъуиопшщюасдфгхйкл;'зьцжбнм,./",  # Bulgarian, traditional phonetic
    "ючшертъуиопящьасдфгхйкл;'зжцвбнм,./",  # Bulgarian, new phonetic
)
_LAYOUTS = (*_BY_PLACE, *_BY_SOUND)
_SAME_KEY = [
    {key: letter for key, letter in zip(_KEYS, layout, strict=True) if key != letter}
    | {key: letter.upper() for key, letter in zip(_SHIFTED, layout, strict=True) if letter.isalpha()}
    for layout in _LAYOUTS
]
_TO_CYRILLIC = [str.maketrans(keys) for keys in _SAME_KEY]
_TO_LATIN = [str.maketrans({letter: key for key, letter in keys.items()}) for keys in _SAME_KEY]

_CHUNK = re.compile(r"\S+")
_LATIN, _CYRILLIC = re.compile(r"[a-z]", re.IGNORECASE), re.compile(r"[Ѐ-ӿ]")
_SIGN_AS_LETTER = re.compile(r"[a-z][\[\]\\`{}|~]|[\[\]\\`{}|~][a-z]", re.IGNORECASE)
_TRAILING = ".,;:!?)\"'"
_MOST_CHUNKS = 120
_TELLING, _ALONE = 3, 4  # letters of a word that says something of its text; of one that is put right by itself

Known = Callable[[Sequence[str]], Collection[str]]
"""Which of these casefolded words are words."""


def retyped(text: str, known: Known) -> str:
    """The text with what was typed in another layout put right, as the layout says that explains most.

    A word is put right if it is no word as it stands and is one in the other layout. Where most of a text is so, its
    short words follow. Only the first 120 words are looked at.

    Args:
        text: as typed.
        known: asked at most twice.
    """
    chunks = [match.group() for match in _CHUNK.finditer(text)][:_MOST_CHUNKS]
    typed = {chunk: surface(chunk) for chunk in chunks}
    right = known(list({word for words in typed.values() for word in words}))
    doubtful = [chunk for chunk, words in typed.items() if _letters(chunk) and not all(word in right for word in words)]
    meant = {chunk: readings for chunk in doubtful if (readings := intended(chunk))}
    if not any(_letters(chunk) >= _TELLING for chunk in meant):
        return text
    heard = {one: surface(one) for readings in meant.values() for variants in readings.values() for one in variants}
    right = known(list({word for words in heard.values() for word in words}))
    sound = {
        reading
        for reading, words in heard.items()
        if len(words) == 1 and words[0] in right and words[0] == reading.rstrip(_TRAILING).casefold()
    }
    by_layout: list[dict[str, str]] = [{} for _ in _LAYOUTS]
    for chunk, readings in meant.items():
        for layout, variants in readings.items():
            if found := [one for one in variants if one in sound]:
                by_layout[layout][chunk] = found[0]
    layout = max(range(len(_LAYOUTS)), key=lambda one: sum(map(_letters, by_layout[one].values())))
    changes = {chunk: reading for chunk, reading in by_layout[layout].items() if _letters(reading) >= _ALONE}
    telling = sum(_letters(chunk) >= _TELLING for chunk in typed)
    if 2 * sum(_letters(chunk) >= _TELLING for chunk in by_layout[layout]) > telling:
        short = [chunk for chunk in typed if _letters(chunk) < _ALONE]
        rest = {chunk: intended(chunk).get(layout) for chunk in (*meant, *short)}
        changes = {chunk: variants[-1] for chunk, variants in rest.items() if variants} | by_layout[layout]
    return _CHUNK.sub(lambda match: changes.get(match.group(), match.group()), text) if changes else text


def intended(chunk: str) -> dict[int, tuple[str, ...]]:
    """By number of layout, what the keys of a word without spaces give there; nothing for a word in both scripts.

    There are two ways to read signs at its end: as letters, which some layouts have there, or as they are, which comes
    last. A layout by sound gives Cyrillic letters only where a bracket or the like stands for one: else the word is
    read as transliterated Bulgarian, which knows more ways to write a letter.
    """
    core = chunk.rstrip(_TRAILING)
    to_latin = bool(_CYRILLIC.search(core))
    if to_latin == bool(_LATIN.search(core)):
        return {}
    tables = _TO_LATIN if to_latin else _TO_CYRILLIC if _SIGN_AS_LETTER.search(core) else _TO_CYRILLIC[: len(_BY_PLACE)]
    return {
        layout: tuple(dict.fromkeys((chunk.translate(table), core.translate(table) + chunk[len(core) :])))
        for layout, table in enumerate(tables)
    }


def _letters(chunk: str) -> int:
    return sum(map(str.isalpha, chunk))
