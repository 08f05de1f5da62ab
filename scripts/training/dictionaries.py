"""Pairs of words from a dictionary of FreeDict's (dictd format), and synonyms from a MyThes thesaurus."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

_HEAD = re.compile(r"^(\S.*?) (?:/.*/ )?<[\w ,.]+>$")
_NUMBER = re.compile(r"\d+\.\s*")
_STRESS = "\u0301\u0300"
_MOST_WORDS = 4


def read_dictionary(path: Path) -> Iterator[tuple[str, str]]:
    """English head words and their translations, one of a pair each; what is long is an explanation, and left out."""
    head = ""
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        if found := _HEAD.match(line):
            head = re.sub(r" /.*", "", found[1])
        elif head and re.search("[а-я]", line) and not re.search("[A-Za-z]", line):
            for one in re.split("[,;]", _NUMBER.sub("", line)):
                word = _without_stress(re.sub(r"\(.*?\)", "", one)).strip()
                if word and len(word.split()) <= _MOST_WORDS:
                    yield head, word


def read_synonyms(path: Path) -> Iterator[list[str]]:
    """Words of about the same meaning, the head word first."""
    head = ""
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        if found := re.fullmatch(r"([^|(][^|]*)\|\d+", line):
            head = found[1]
        elif line.startswith("(") and head:
            yield [head, *(word for word in line.split("|")[1:] if len(word.split()) == 1)]


def _without_stress(text: str) -> str:
    kept = "".join(c for c in unicodedata.normalize("NFD", text) if c not in _STRESS)
    return unicodedata.normalize("NFC", kept)
