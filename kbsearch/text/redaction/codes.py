"""PINs, one-time codes and recovery codes behind the word for one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kbsearch.text.redaction.finds import Find, Kind, Reading, group
from kbsearch.text.redaction.vocabulary import CODES, PINS

_CODE_AFTER = re.compile(
    r"(?:\s{1,3}(?:for|of|on|at|за|на|от|в|към|до|für|vom|de|du|pour|per|di|del|voor|van|para|pentru|do|k)"
    r"(?:\s{1,3}(?!is\b|е\b|ist\b)[\w.'’-]{1,30}){1,4}?)?[\"'*_`”)]{0,3}"
    r"(?P<said>\s{0,3}(?::=|=>|[:=]|->|[–—|])\s{0,5}(?:&nbsp;){0,5}|(?:\s{1,3}(?:му|ѝ|й|им|ми|ти|ни|"
    r"ви))?\s{1,3}(?:is(?:\s+now)?|was|е|беше|"
    r"стана|has been (?:set|changed|reset) to|was (?:set|changed|reset) to|ist|lautet|est|è|es|é|este|je|είναι|to|"
    r"jest|это|-)\s{1,3}"
    r"|\s{1,3}(?:to|на)\s{1,3}|\s{1,3}\(?|</?[a-z][^<>\n]{0,40}>(?:\s{0,3}</?[a-z][^<>\n]{0,40}>){0,3})"
    r"[\"'„“«`*(]{0,3}(?P<value>(?-i:[A-Z]-)?(?:\d{3}[ -]?\d{3}|\d\d(?: \d\d){2}|\d{4,8}))(?![\w-]|[.:,/]\d|%)"
)
_BARE_PIN = re.compile(
    r"(?:my|your|his|her|their|our|the|new|old|sim|card|phone|door|temporary|default|моят|новият|стария|card's|"
    r"нов|нова|neue|meine|le|la|el|il|временен|служебен|with|с)\s{1,3}$"
)
_OF_A_THING = re.compile(r"(?i)\b(?:card|phone|sim|door|alarm|safe|terminal|карт|телефон|врат|аларм|сейф|терминал)")
# A code that was sent to somebody is told by what is said around it.
_CODE = re.compile(
    r"(?i)(?<![^\W_])(?:codes?|код(?:ът|а)?|code d'accès|codice|código|kod)(?:(?P<between>[^\d\n:=]{0,40}?)"
    r"(?:\s{0,3}[:=]|\s(?:is|was|е|беше|бе|ist|est|è|es)))?\s{1,3}(?P<value>(?-i:[A-Z]-)?(?:\d{3}[ -]?\d{3}|\d{6,8}))"
    r"(?![\w-]|[.:,/]\d|%)"
)
_SENT = re.compile(
    r"(?i)\b(?:sms|смс|otp|2fa|mfa|authenticat\w*|verif\w*|valid|expires|one-?time|received|texted|sent me|получих|"
    r"пратиха|изпрат\w*|потвържд\w*|валид\w*|еднократ\w*|вход|log ?in|sign ?in)"
)
_OF_AN_ERROR = re.compile(
    r"(?i)(?:error|exit|status|return|stop|fault|http|post|zip|area|product|qr|bar|country|event|reason|грешка\w*|"
    r"fehler|erreur|errore|пощенски|продукт\w*|баркод|статус)[- ]?$"
)
_RECOVERY = re.compile(
    r"(?i)(?<![^\W_])(?:(?:recovery|back-?up|rescue|scratch|emergency)[ -]?codes?|"
    r"(?:резервн\w{1,3}|аварий\w{1,4}) код\w{0,4}|код\w{0,4} за възстановяване|"
    r"wiederherstellungscodes?|codes? de (?:secours|récupération))"
    r"(?:\s{0,3}[:=]|\s(?:is|are|was|е|са|бе|ist|sind|est|sont))?\s{1,3}"
    r"(?P<values>[a-z0-9]{4,10}(?:-[a-z0-9]{4,10}){1,3}(?:[,;/]?\s{1,3}[a-z0-9]{4,10}(?:-[a-z0-9]{4,10}){1,3}){0,15})"
    r"(?![\w-])"
)
_ONE = re.compile(r"[^\s,;/]+")


def find_codes(reading: Reading) -> Iterator[Find]:
    text, lowered = reading.text, reading.lowered
    for words, pins in ((PINS, True), (CODES, False)):
        for stem, pattern in words:
            if stem in lowered:
                for match in pattern.finditer(lowered):
                    yield from _digits_after(text, lowered, match, pins)
    if "cod" in lowered or "код" in lowered or "kod" in lowered:
        yield from _sent(text)
        for match in _RECOVERY.finditer(text):
            for one in _ONE.finditer(text, match.start("values"), match.end("values")):
                if any(c.isdigit() for c in one.group()):
                    yield group(one, Kind.SECRET)


def _sent(text: str) -> Iterator[Find]:
    for match in _CODE.finditer(text):
        line = text[text.rfind("\n", max(0, match.start() - 80), match.start()) + 1 : match.end() + 80]
        before = text[max(0, match.start() - 20) : match.start()]
        if _SENT.search(line) and not _OF_AN_ERROR.search(before) and not _OF_AN_ERROR.search(match["between"] or ""):
            yield group(match, Kind.SECRET, "value")


def _digits_after(text: str, lowered: str, word: re.Match[str], pin: bool) -> Iterator[Find]:
    match = _CODE_AFTER.match(text, word.end())
    if match is None:
        return
    bare = match["said"].strip() in ("", "to", "на")
    if (
        bare
        and pin
        and text[word.start() : word.start() + 3].islower()
        and "cod" not in word.group()
        and "код" not in word.group()
        and not _BARE_PIN.search(lowered, max(0, word.start() - 20), word.start())
        and not _OF_A_THING.search(text, word.end(), match.start("value"))
    ):
        return  # the pin of a plug
    yield group(match, Kind.SECRET, "value")
