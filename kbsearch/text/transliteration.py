"""Bulgarian typed in Latin letters (shlyokavitsa): ``ne moga da vlqza v poshtata``.

There is no one way to write it: я is ``q``, ``ya`` or ``ia``; ъ is ``a``, ``u`` or ``y``; ш is
``sh`` or ``6``. So a Latin word is turned into all the Cyrillic words it may stand for, and the
caller keeps those that a dictionary, its index or its model knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from kbsearch.text.dictionaries import is_word
from kbsearch.text.trade_words import shipped

# Latin letters → Cyrillic readings, likeliest first. The official transliteration (Bulgaria's
# Transliteration Act, 2009) and the habits of chats: q, w, 4, 6, y and u for ъ, x for х, j for ж.
_READINGS: dict[str, tuple[str, ...]] = {
    "sht": ("щ", "шт"), "6t": ("щ",),
    "zh": ("ж",), "ch": ("ч",), "sh": ("ш",), "ts": ("ц", "тс"), "tz": ("ц",), "kh": ("х",),
    "yu": ("ю",), "iu": ("ю", "иу", "ию"), "ju": ("ю", "жу"), "ya": ("я",), "ia": ("ия", "я", "иа"), "ja": ("я", "жа"),
    "yo": ("ьо", "йо", "ъо"), "io": ("ио", "ьо"), "jo": ("ьо", "йо", "жо"), "dj": ("дж",),
    "a": ("а", "ъ"), "b": ("б",), "c": ("ц", "к"), "d": ("д",), "e": ("е",), "f": ("ф",), "g": ("г",),
    "h": ("х",), "i": ("и", "й"), "j": ("ж", "й"), "k": ("к",), "l": ("л",), "m": ("м",), "n": ("н",),
    "o": ("о",), "p": ("п",), "q": ("я",), "r": ("р",), "s": ("с",), "t": ("т",), "u": ("у", "ъ", "ю"),
    "v": ("в",), "w": ("в",), "x": ("х", "кс"), "y": ("ъ", "й", "и"), "z": ("з",), "4": ("ч",), "6": ("ш",),
}  # fmt: skip
_LONGEST = max(map(len, _READINGS))

_MARKERS = frozenset(
    {
        "ne", "da", "na", "se", "za", "ot", "moga", "mi", "sam", "sum", "sym", "pri", "sled", "kato", "kak", "koga",
        "kakvo", "tova", "ima", "nqma", "nyama", "niama", "samo", "vse", "oshte", "ili", "sa", "si", "ni", "gi", "tazi",
        "tozi", "tezi", "moje", "mozhe", "veche", "bez", "dnes", "vchera", "zashto", "kade", "kude", "mojete", "iska",
    }
)  # fmt: skip

_LATIN_WORD = re.compile(r"(?<!\w)(?=[46]*[A-Za-z])[A-Za-z46]+(?!\w)")
_ENGLISH_TOKENS = 0.27  # tokens a character, see ranking.fusion
_FAR_FEWER = 0.70
"""Transliterated Bulgarian keeps at most 0.65 of its Latin words' tokens; English, Dutch, Italian and Spanish at least
0.78, Czech 0.74."""
_LONGEST_WORD = 40
_LEAST_LETTERS, _LEAST_WORDS, _WORDS_READ = 3, 3, 12
_LONG_ENOUGH = 4
_MOST_OF_THEM = 0.6
_MOST_WORDS = 200
MAX_READINGS = 24
"""At most so many readings of one word are given."""

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""Token counts of texts, special tokens not counted."""


def cyrillic_readings(word: str) -> list[str]:
    """What a casefolded Latin word may stand for in Cyrillic, likeliest first, at most MAX_READINGS.

    Empty where a letter has no reading, and for words longer than any real one.
    """
    if len(word) > _LONGEST_WORD:
        return []
    partial: list[tuple[int, str]] = [(0, "")]  # (unlikeliness, text so far)
    position = 0
    while position < len(word):
        for length in range(min(_LONGEST, len(word) - position), 0, -1):
            readings = _READINGS.get(word[position : position + length])
            if readings:
                break
        else:
            return []
        partial = sorted((cost + i, text + reading) for cost, text in partial for i, reading in enumerate(readings))
        partial = partial[:MAX_READINGS]
        position += length
    return [text for _, text in partial]


def looks_transliterated(words: Sequence[str]) -> bool:
    """Whether casefolded Latin words read like Bulgarian: at least two, and a sixth, are its function words."""
    marked = sum(word in _MARKERS for word in words)
    return marked >= 2 and marked * 6 >= len(words)


def reads_as_bulgarian(words: Sequence[str]) -> bool:
    """Whether most of the casefolded Latin words that are no English ones stand for a word of the Bulgarian dictionary.

    Of a text with fewer than three such words all must, one of four letters or more be among them, and a function word
    or a second one confirm it. Takes far longer than looks_transliterated(), and takes other Slavic languages for
    Bulgarian: for texts that nothing else explains.
    """
    foreign = [word for word in dict.fromkeys(words) if word.isalpha() and len(word) >= _LEAST_LETTERS]
    foreign = [word for word in foreign if not is_word(word) and not shipped().has_name(word)][:_WORDS_READ]
    bulgarian = [word for word in foreign if any(map(_is_bulgarian, cyrillic_readings(word)))]
    if len(foreign) < _LEAST_WORDS:
        is_confirmed = has_marker(words) or len(bulgarian) > 1
        return is_confirmed and bulgarian == foreign and max(map(len, foreign), default=0) >= _LONG_ENOUGH
    return len(bulgarian) >= _LEAST_WORDS and len(bulgarian) >= _MOST_OF_THEM * len(foreign)


def has_marker(words: Sequence[str]) -> bool:
    """Whether one of the casefolded Latin words may be a Bulgarian function word."""
    return not _MARKERS.isdisjoint(words)


def _is_bulgarian(word: str) -> bool:
    return is_word(word) or shipped().named(word) is not None


def as_meant(texts: Sequence[str], count_tokens: CountTokens) -> list[str]:
    """Each text as text_as_meant() has it."""
    counts = count_tokens(texts)
    return [text_as_meant(text, count, count_tokens) for text, count in zip(texts, counts, strict=True)]


def text_as_meant(text: str, tokens: int, count_tokens: CountTokens) -> str:
    """The text, one in transliterated Bulgarian in Cyrillic letters: for a model that reads these.

    A model's vocabulary is its dictionary: it holds ``пощата`` whole and breaks ``poshtata`` up, while ``outlook`` it
    holds as it stands. Each Latin word is given the reading that needs the fewest tokens, of equals the Cyrillic one,
    the likelier first; this is what was meant if the words then need far fewer. A model that reads no Cyrillic never
    gets any.

    Args:
        text: in any language; none but a transliterated one is changed.
        tokens: how many it has.
        count_tokens: counts as the model does.
    """
    if tokens <= len(text) * _ENGLISH_TOKENS:
        return text
    words = list(dict.fromkeys(word.casefold() for word in _LATIN_WORD.findall(text)))[:_MOST_WORDS]
    if len(words) < _LEAST_WORDS:
        return text
    readings = {word: [*cyrillic_readings(word), word] for word in words}
    every = list(dict.fromkeys(one for some in readings.values() for one in some))
    needed = dict(zip(every, count_tokens(every), strict=True))
    meant = {word: min(some, key=needed.__getitem__) for word, some in readings.items()}
    if sum(needed[one] for one in meant.values()) > _FAR_FEWER * sum(needed[word] for word in words):
        return text
    return _LATIN_WORD.sub(lambda match: meant.get(match.group().casefold(), match.group()), text)
