"""Pairs of words from a dictionary of FreeDict's (dictd format)."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterator

_HEAD = re.compile(r"^(\S.*?) (?:/.*/ )?<[\w ,.]+>$")
_NUMBER = re.compile(r"\d+\.\s*")
_STRESS = "\u0301\u0300"
_MOST_WORDS = 4


def read_dictionary(compressed: bytes) -> Iterator[tuple[str, str]]:
    """English head words and their translations, one of a pair each; what is long is an explanation, and left out."""
    head = ""
    for line in gzip.decompress(compressed).decode().splitlines():
        if found := _HEAD.match(line):
            head = re.sub(r" /.*", "", found[1])
        elif head and re.search("[а-я]", line) and not re.search("[A-Za-z]", line):
            for one in re.split("[,;]", _NUMBER.sub("", line)):
                word = _without_stress(re.sub(r"\(.*?\)", "", one)).strip()
                if word and len(word.split()) <= _MOST_WORDS:
                    yield head, word


def _without_stress(text: str) -> str:
    kept = "".join(c for c in unicodedata.normalize("NFD", text) if c not in _STRESS)
    return unicodedata.normalize("NFC", kept)
