"""Bulgarian typed in Latin letters (shlyokavitsa): ``ne moga da vlqza v poshtata``.

There is no one way to write it: я is ``q``, ``ya`` or ``ia``; ъ is ``a``, ``u`` or ``y``; ш is
``sh`` or ``6``. So a Latin word is turned into all the Cyrillic words it may stand for, and the
caller keeps those that a dictionary or its index knows.
"""

from __future__ import annotations

from collections.abc import Sequence

from kbsearch.text.dictionaries import is_word

# Latin letters → Cyrillic readings, likeliest first. The official transliteration (Bulgaria's
# Transliteration Act, 2009) and the habits of chats: q, w, 4, 6, y and u for ъ, x for х, j for ж.
_READINGS: dict[str, tuple[str, ...]] = {
    "sht": ("щ", "шт"), "6t": ("щ",),
    "zh": ("ж",), "ch": ("ч",), "sh": ("ш",), "ts": ("ц", "тс"), "tz": ("ц",), "kh": ("х",),
    "yu": ("ю",), "iu": ("ю", "иу", "ию"), "ju": ("ю", "жу"), "ya": ("я",), "ia": ("ия", "я", "иа"), "ja": ("я", "жа"),
    "yo": ("ьо", "йо", "ъо"), "io": ("ио", "ьо"), "jo": ("ьо", "йо", "жо"), "dj": ("дж",),
    "a": ("а", "ъ"), "b": ("б",), "c": ("ц", "к"), "d": ("д",), "e": ("е",), "f": ("ф",), "g": ("г",),
    "h": ("х",), "i": ("и", "й"), "j": ("ж", "й"), "k": ("к",), "l": ("л",), "m": ("м",), "n": ("н",),
    "o": ("о",), "p": ("п",), "q": ("я",), "r": ("р",), "s": ("с",), "t": ("т",), "u": ("у", "ъ"),
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

_LONGEST_WORD = 40
_LEAST_LETTERS, _LEAST_WORDS, _WORDS_READ = 3, 3, 12
_MOST_OF_THEM = 0.6
MAX_READINGS = 24
"""At most so many readings of one word are given."""


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

    Takes far longer than looks_transliterated(), and takes other Slavic languages for Bulgarian: for texts that nothing
    else explains.
    """
    foreign = [word for word in dict.fromkeys(words) if word.isalpha() and len(word) >= _LEAST_LETTERS]
    foreign = [word for word in foreign if not is_word(word)][:_WORDS_READ]
    bulgarian = sum(any(map(is_word, cyrillic_readings(word))) for word in foreign)
    return bulgarian >= _LEAST_WORDS and bulgarian >= _MOST_OF_THEM * len(foreign)
