"""Names of people, as far as their place in the text gives them away: greetings, signatures, titles, headers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import simplemma

from kbsearch.text.redaction.finds import Find, Kind, Reading, group, words_of
from kbsearch.text.redaction.first_names import ALSO_WORDS, FIRST_NAMES, NOT_NAMES, NOT_SURNAMES
from kbsearch.text.redaction.salutations import GREETED, INTRODUCED, LABELLED, LAST, SIGNED, TITLED

_CAPITALISED = re.compile(rf"(?<![\w@.\\/-]){LAST}(?:[ ]{LAST}){{1,2}}(?![\w@\\/])")
_ROOM = re.compile(r"(?i)(?<!\w)(?:room|hall|зала|стая|saal|raum|salle|sala|zaal|зал|кабинет)[ \t]$")
_TITLED_PRODUCTS = words_of(
    """web watson dos solomon fone cleaner drive explain memory hardware driver java office word excel outlook teams
    windows access project visio paint store sql exchange dynamics edge robot proper coffee wifi pos kiosk print
    watch health speed java house data log"""
)
"""Products named like a doctor: Dr. Web, Dr. Watson, Dr.Fone; and "Ms Office" for Microsoft's."""


def find_names(reading: Reading) -> Iterator[Find]:
    text = reading.text
    for patterns, is_meant in _PLACES:
        for said, pattern in patterns:
            if said(reading):
                for match in pattern.finditer(text):
                    if is_meant(match):
                        yield group(match, Kind.NAME, "name" if match["name"] else "from")
    for match in _CAPITALISED.finditer(text):
        start = None if _ROOM.search(text, max(0, match.start() - 20), match.start()) else _known_start(match.group())
        if start is not None:
            yield Find(match.start() + start, match.end(), Kind.NAME)


_BULGARIAN_SURNAME = re.compile(r"(?i)\w{2,}(?:ов|ев|ски|чки|ова|ева|ска|чка|ov|ev|ski|ova|eva|ska)")


def _is_greeted(match: re.Match[str]) -> bool:
    if not _is_name(match["name"], match["title"] is not None):
        return False
    ends = match["after"].strip(" \t") != "" or match["after"] == ""
    return ends or match["title"] is not None or _is_known(match["name"])


def _is_signed(match: re.Match[str]) -> bool:
    alone = match["break"] is not None or match.end() == len(match.string)
    return _is_name(match["name"]) and (alone or _is_known(match["name"]))


def _is_introduced(match: re.Match[str]) -> bool:
    return _is_name(match["name"] or match["from"])


def _is_titled(match: re.Match[str]) -> bool:
    return match["name"].split()[0].casefold() not in _TITLED_PRODUCTS and _is_name(match["name"], titled=True)


def _is_labelled(match: re.Match[str]) -> bool:
    name = match["name"]
    if "," in name:
        first = name.split(", ")[1]
        return _is_name(name.replace(",", "")) and (_is_known(first) or not _is_word(first))
    return _is_name(name) and (match["mail"] is not None or _is_known(name) or _has_surname(name) or "." in name)


_PLACES = (
    (GREETED, _is_greeted),
    (SIGNED, _is_signed),
    (INTRODUCED, _is_introduced),
    (TITLED, _is_titled),
    (LABELLED, _is_labelled),
)


def _is_name(found: str, titled: bool = False) -> bool:
    """Words that are in the dictionary, and no first name among them, are a name only behind "Mr"."""
    words = re.split(r"[ .]+", found.strip("."))
    if any(len(word) > 1 and word[0].isupper() and word.casefold() in NOT_NAMES for word in words) or (
        len(words) == 1 and words[0].isupper()
    ):
        return False
    return titled or _is_known(found) or "." in found or not all(_is_word(word) for word in words if word[0].isupper())


def _is_word(word: str) -> bool:
    language = "en" if word.isascii() else "bg"
    return simplemma.is_known(word.lower(), language)


def _is_known(found: str) -> bool:
    return any(_first_name(word) for word in found.split())


def _first_name(word: str) -> bool:
    """Whether it is a first name; Bulgarian ones may stand in the vocative (Иване, Петре), Russian in the dative."""
    folded = word.casefold()
    return folded in FIRST_NAMES or (len(folded) > 3 and folded[-1] in "еоу" and folded[:-1] in FIRST_NAMES)


def _has_surname(found: str) -> bool:
    words = found.split()
    return len(words) > 1 and _BULGARIAN_SURNAME.fullmatch(words[-1]) is not None


def _known_start(found: str) -> int | None:
    """Where a first name that is followed by another name begins."""
    position = 0
    words = found.split(" ")
    for word, following in itertools.pairwise(words):
        if (
            _first_name(word)
            and word != following
            and following.casefold() not in NOT_SURNAMES
            and word.casefold() not in ALSO_WORDS
        ):
            return position
        position += len(word) + 1
    return None
