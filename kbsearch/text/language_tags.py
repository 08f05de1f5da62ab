"""Language tags (BCP 47) from what ticket systems send: ``BG``, ``en_GB``, ``eng``, ``Bulgarian``, ``български``."""

from __future__ import annotations

import re

_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
_LONGEST = 35

# ISO 639-1, then its ISO 639-2 codes and the language's names, in English and its own.
_LANGUAGES = """
ar ara arabic العربية
bg bul bulgarian български
cs ces cze czech čeština
da dan danish dansk
de deu ger german deutsch
el ell gre greek ελληνικά
en eng english
es spa spanish español castellano
et est estonian eesti
fi fin finnish suomi
fr fra fre french français
he heb hebrew עברית
hi hin hindi हिन्दी
hr hrv croatian hrvatski
hu hun hungarian magyar
it ita italian italiano
ja jpn japanese 日本語
ko kor korean 한국어
lt lit lithuanian lietuvių
lv lav latvian latviešu
mk mkd mac macedonian македонски
nl nld dut dutch nederlands flemish
no nor norwegian norsk
pl pol polish polski
pt por portuguese português
ro ron rum romanian română
ru rus russian русский
sk slk slo slovak slovenčina
sl slv slovenian slovene slovenščina
sq sqi alb albanian shqip
sr srp serbian српски srpski
sv swe swedish svenska
tr tur turkish türkçe
uk ukr ukrainian українська
vi vie vietnamese
zh zho chi chinese 中文
"""
_KNOWN = {name: line.split()[0] for line in _LANGUAGES.strip().splitlines() for name in line.split()[1:]}


def language_tag(text: str) -> str | None:
    """The tag of a language as BCP 47 writes it (``bg``, ``en-GB``, ``sr-Latn``); None where it is not clear which.

    Takes tags in any case, with ``_`` for ``-`` and with an encoding behind them, the codes of ISO 639-2 and names.
    """
    name = text.strip().partition(".")[0].partition("(")[0].strip().casefold()
    if name in _KNOWN:
        return _KNOWN[name]
    tag = name.replace("_", "-")
    if len(tag) > _LONGEST or not _TAG.fullmatch(tag):
        return None
    primary, *rest = tag.split("-")
    return "-".join([_KNOWN.get(primary, primary), *map(_written, rest)])


def _written(subtag: str) -> str:
    """Regions are written in capitals, scripts with one (RFC 5646, section 2.1.1)."""
    if len(subtag) == 2:
        return subtag.upper()
    return subtag.title() if len(subtag) == 4 and subtag.isalpha() else subtag
