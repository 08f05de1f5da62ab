"""Pairs of words from a dictionary of FreeDict's (dictd format)."""

from __future__ import annotations

import gzip
import re
import string
import unicodedata
from collections.abc import Iterator

_HEAD = re.compile(r"^(\S.*?) (?:/.*/ )?<[\w ,.]+>$")
_NUMBER = re.compile(r"\d+\.\s*")
_ASIDE = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|\([^()]*\)|\{[^{}]*\}")
_REMARK = re.compile(r"\s*(see|Note|Synonyms?|Antonyms?|Cross reference)\b.*:")
_DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
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


def read_entries(compressed: bytes, index: bytes) -> Iterator[tuple[str, str]]:
    """The same of a dictionary in Latin letters, whose entries only its index tells apart."""
    text = gzip.decompress(compressed)
    places = dict.fromkeys(tuple(line.split("\t")[1:3]) for line in index.decode().splitlines())
    for start, length in places:
        entry = text[_number(start) : _number(start) + _number(length)]
        first, *others = unicodedata.normalize("NFKC", entry.decode(errors="replace")).split("\n")
        head = _bare(re.sub(r" ?/.*", "", first))
        if not head or head.startswith("00") or len(head.split()) > _MOST_WORDS:
            continue
        for line in others:
            if line.startswith((" ", "\t")) or _REMARK.match(line):
                continue
            for one in re.split("[,;]", _NUMBER.sub("", _bare(line))):
                word = one.strip()
                if word and len(word.split()) <= _MOST_WORDS:
                    yield head, word


def _bare(text: str) -> str:
    return re.sub(r"\s+", " ", _ASIDE.sub(" ", text)).strip()


def _number(digits: str) -> int:
    """A number of a dictd index, in base 64."""
    value = 0
    for digit in digits:
        value = value * 64 + _DIGITS.index(digit)
    return value
