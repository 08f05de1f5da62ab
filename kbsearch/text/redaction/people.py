"""Names of people, as far as their place in the text gives them away: greetings, signatures, titles, headers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

import simplemma

from kbsearch.text.redaction.finds import Find, Kind, Said, group
from kbsearch.text.redaction.first_names import ALSO_WORDS, FIRST_NAMES, NOT_NAMES

_LAST = r"(?:[A-ZА-ЯÀ-Þ](?:['’][A-Z])?[a-zа-яß-ÿ]+(?:-[A-ZА-Я][a-zа-я]+)?|[A-ZА-Я]{4,})"
_FULL = rf"{_LAST}(?:[ ]{_LAST}){{0,2}}"
_TITLE = (
    r"(?:(?:[Mm]rs?|[Mm]s|[Dd]r|[Pp]rof)\.?(?=\s)|г-н|г-жа|г-жо|г-ца|г-це|господин|госпожа|госпожо|инж\.|д-р|проф\.)"
)
_GREETING = (
    r"(?i:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|thanks|thank you|many thanks|thx|cheers|"
    r"здравей(?:те)?|здрасти|здравейте отново|привет|уважаем[аи]|драг[аи]|скъп[аи]|добър (?:ден|вечер)|добро утро|"
    r"благодаря(?: ти| ви)?|мерси|zdravei(?:te)?|zdraveyte|zdrasti|privet|dobar den|blagodarya|blagodaria)"
)
_GREETED = re.compile(
    rf"(?<![\w-]){_GREETING}(?P<comma>,|"
    rf"!)?[ \t]+(?P<title>{_TITLE}\s+)?(?P<name>{_FULL})(?P<after>[ \t]*(?:[,!.:;)–—\n]|-\s|$)|[ \t]+)"
)
_CLOSING = (
    r"(?i:(?:best|kind|warm|many)?[ ]?regards|sincerely|yours|cheers|best wishes|best|thanks|thank you|br|rgds|"
    r"(?:с )?поздрави|с уважение|благодаря(?: ви)?|лек(?:а)? (?:ден|вечер|работа)|хубав(?:а)? (?:ден|вечер)|"
    r"приятен ден|"
    r"pozdravi|s uvazhenie|lek den|--)"
)
_SIGNED = re.compile(
    rf"(?<![\w]){_CLOSING}[ \t]{{0,20}}[,.!]?[ \t]{{0,20}}(?P<break>\r?\n\s{{0,20}})?"
    rf"(?P<title>{_TITLE}\s+)?(?P<name>{_FULL})[ \t]*(?=[,.|\n\r(]|$)"
)
_INTRODUCED = re.compile(
    rf"(?<!\w)(?i:my name is|name is|the name's|казвам се|името ми е|аз съм|тук е|kazvam se)\s+(?P<name>{_FULL})"
    rf"|(?<!\w)(?i:this is)\s+(?P<from>{_FULL})(?=[, ]+(?:from|in|at|here|calling)\b)"
)
_TITLED = re.compile(rf"(?<![\w-]){_TITLE}\s+(?P<name>{_FULL})")
_LABELLED = re.compile(
    rf"(?<!\w)(?:(?P<header>(?i:from|to|cc|sent by|(?:full |contact |customer |caller |user )?name|user|customer|"
    rf"manager|contact|"
    rf"от|до|копие|име|трите имена|потребител|клиент|управител|контакт):)"
    rf"|(?i:contact person|caller|reporter|reported by|requested by|requester|raised by|assigned to|approved by|"
    rf"spoke (?:with|to)|"
    rf"talked to|employee|colleague|изпратен[оа]? от|подаден[оа]? от|одобрен[оа]? от|възложен[оа]? на|говорих с(?:ъс)?|"
    rf"лице за контакт|служител(?:ят|ката)?|колега(?:та)?|колежка(?:та)?|потребител(?:ят|ката)|подател|заявител|"
    rf"касиер(?:ът|ката)?):?)"
    rf"[ \t]+(?P<name>{_FULL})(?P<mail>[ \t]*[<\[])?"
)
_CAPITALISED = re.compile(rf"(?<![\w@.\\/-]){_LAST}(?:[ ]{_LAST}){{1,2}}(?![\w@\\/])")


_GREETINGS_SAID = Said(
    "hi hello hey dear good greetings thank thx cheers здрав здрас привет уважаем драг скъп доб благодар мерси zdrav "
    "zdras privet dobar blagodar"
)
_CLOSINGS_SAID = Said(
    "regards sincerely yours cheers best thank br rgds поздрави уважение благодаря лек хубав приятен pozdrav "
    "uvazhenie lek --"
)
_INTRODUCTIONS_SAID = Said("name this казвам името съм тук kazvam")
_LABELS_SAID = Said(
    "from: to: cc: name: user: customer: manager: contact caller report request raised assigned approved spoke talked "
    "sent employee colleague "
    "от: до: копие: име: имена: потребител клиент управител контакт: от с на служител колега колежка подател заявител "
    "касиер"
)
_TITLES_SAID = Said("mr ms dr prof г- господин госпож инж д-р проф")


def find_names(text: str) -> Iterator[Find]:
    lowered = text.lower()
    for said, pattern, is_meant in _PLACES:
        if said(lowered):
            for match in pattern.finditer(text):
                if is_meant(match):
                    yield group(match, Kind.NAME, "name" if match["name"] else "from")
    for match in _CAPITALISED.finditer(text):
        start = _known_start(match.group())
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
    return _is_name(match["name"], titled=True)


def _is_labelled(match: re.Match[str]) -> bool:
    name = match["name"]
    return _is_name(name) and (match["mail"] is not None or _is_known(name) or _has_surname(name))


_PLACES: tuple[tuple[Said, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    (_GREETINGS_SAID, _GREETED, _is_greeted),
    (_CLOSINGS_SAID, _SIGNED, _is_signed),
    (_INTRODUCTIONS_SAID, _INTRODUCED, _is_introduced),
    (_TITLES_SAID, _TITLED, _is_titled),
    (_LABELS_SAID, _LABELLED, _is_labelled),
)


def _is_name(found: str, titled: bool = False) -> bool:
    """Words that are in the dictionary, and no first name among them, are a name only behind "Mr"."""
    words = found.split()
    if any(word.casefold() in NOT_NAMES for word in words) or (len(words) == 1 and words[0].isupper()):
        return False
    return titled or _is_known(found) or not all(map(_is_word, words))


def _is_word(word: str) -> bool:
    language = "en" if word.isascii() else "bg"
    return simplemma.is_known(word.lower(), language)


def _is_known(found: str) -> bool:
    return any(_first_name(word) for word in found.split())


def _first_name(word: str) -> bool:
    """Whether it is a first name; Bulgarian ones may stand in the vocative (Иване, Петре)."""
    folded = word.casefold()
    return folded in FIRST_NAMES or (len(folded) > 3 and folded[-1] in "ео" and folded[:-1] in FIRST_NAMES)


def _has_surname(found: str) -> bool:
    words = found.split()
    return len(words) > 1 and _BULGARIAN_SURNAME.fullmatch(words[-1]) is not None


def _known_start(found: str) -> int | None:
    """Where a first name that is followed by another name begins."""
    position = 0
    words = found.split(" ")
    for word, following in itertools.pairwise(words):
        if _first_name(word) and following.casefold() not in NOT_NAMES and word.casefold() not in ALSO_WORDS:
            return position
        position += len(word) + 1
    return None
