"""Texts that are made to be slow to read, each of any number of characters."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

from simplemma.strategies.dictionaries import LOW_MEMORY_DICTIONARY_FACTORY

_LATIN, _CYRILLIC = "abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъьюя"


@cache
def ordinary(characters: int) -> str:
    """Sentences of English and Bulgarian words, a few of them often and many of them once."""
    chosen = random.Random(7)
    sentences: list[str] = []
    for language in ("en", "bg"):
        words = chosen.sample(list(LOW_MEMORY_DICTIONARY_FACTORY.get_dictionary(language)), 20_000)
        often = words[:200]
        length = 0
        while length < characters // 2:
            said = [chosen.choice(often if chosen.random() < 0.5 else words) for _ in range(10)]
            sentences.append(f"{' '.join(said).capitalize()}. ")
            length += len(sentences[-1])
    chosen.shuffle(sentences)
    return "".join(sentences)[:characters]


@cache
def adversaries(characters: int) -> dict[str, str]:
    """Name → text of so many characters."""
    n = characters
    number = random.Random(11)
    short, long = _nonsense(number, _LATIN, 2, 6), _nonsense(number, _LATIN, 10, 24)
    cyrillic, mixed = _nonsense(number, _CYRILLIC, 3, 9), _nonsense(number, _LATIN + _CYRILLIC, 2, 8)
    repeated = {
        "blanks": " ", "line breaks": "\n", "blanks and line breaks": " \n\t", "no-break spaces": "\u00a0",
        "one letter": "a", "one Cyrillic letter": "я", "digits": "1", "digits and blanks": "1 2 ", "signs": "=-_",
        "switches": "/user:", "switches of users": "/user:ab ", "passwords": "password: ", "users": "user name is ",
        "addresses": "ivan.petrov@example.org, ", "broken addresses": "a@b.", "machines": "10.0.0.7 ",
        "machine": "1.2.", "telephones": "+359 88 123 4567, ", "broken telephones": "(02) 9-", "IPv6": "fe80::",
        "colons": ":",
        "open brackets": "(", "brackets": "[(<{", "links": "[a](b", "quotation marks": '"', "Bulgarian quotes": "„а",
        "apostrophes": "it's'", "headings": "# a\n", "hashes": "#", "stars": "*a", "backticks": "`",
        "quoted lines": "> ",
        "tables": "| a ", "rules": "---\n", "tags": "<p>", "open tags": "<a ", "comments": "<!--", "entities": "&amp;&",
        "joined": "a-", "dotted": "a.", "paths": "C:\\a\\", "slashes": "a/", "underscores": "a_1", "schemes": "http://",
        "sentences": "a. ", "questions": "ab? ", "greetings": "Hi Ivan,\n", "signatures": "Thanks\nIvan ",
        "names": "Иван Петров ", "header lines": "From: a\n", "times": "2026-11-28T09:30:00Z ", "codes": "0x80070005 ",
        "accents": "a\u0301", "zero width": "a\u200b", "other keyboard": "ghbdtn ", "transliterated": "ne moga da ",
    }  # fmt: skip
    made = {name: (part * (n // len(part) + 1))[:n] for name, part in repeated.items()}
    return made | {
        "blanks behind thanks": ("Thanks" + " " * n)[:n],
        "short nonsense": _cut(lambda: short() + " ", n),
        "long nonsense": _cut(lambda: long() + " ", n),
        "Cyrillic nonsense": _cut(lambda: cyrillic() + " ", n),
        "mixed nonsense": _cut(lambda: mixed() + " ", n),
        "nonsense with digits": _cut(lambda: f"{short()}{number.randrange(100)}-", n),
        "nonsense addresses": _cut(lambda: f"{short()}@{short()}.bg ", n),
        "nonsense lines": _cut(lambda: f"{short()}: {short()}\n", n),
        "one nonsense word": _cut(long, n),
        "nonsense sentences": _cut(lambda: f"{short()} {cyrillic()}. ", n),
    }


def _nonsense(chosen: random.Random, letters: str, shortest: int, longest: int) -> Callable[[], str]:
    return lambda: "".join(chosen.choices(letters, k=chosen.randint(shortest, longest)))


def _cut(part: Callable[[], str], characters: int) -> str:
    parts: list[str] = []
    length = 0
    while length < characters:
        parts.append(part())
        length += len(parts[-1])
    return "".join(parts)[:characters]
