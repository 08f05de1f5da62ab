"""Error codes in a text, by family: codes of one family name different faults of the same kind of system."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kbsearch.text.words import normalise

Codes = Mapping[str, Mapping[str, str]]
"""Family → code in one spelling → the code as it is written in the text."""

_SAYS_ERROR = (
    r"(?:errors?|err|error\s+codes?|codes?|errno|exit\s+codes?|fehler|erreur|errore|error\s+no|"
    r"греш(?:ка|ки|ката|ките)|код(?:ът|а|ове)?(?:\s+за\s+грешка)?|greshk[ai]|gre6k[ai])"
)
_NUMBERS = r"(\d{3,5}\b(?![.:]\d)(?:\s*(?:,|/|;|and|or|и|или)\s*\d{3,5}\b(?![.:]\d))*)"

_HEXADECIMAL = re.compile(r"\b0x([0-9a-f]{3,16})\b", re.IGNORECASE)
_MAIL_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_PREFIXED = re.compile(
    r"\b(ORA|TNS|PLS|RMAN|IMP|EXP|AADSTS|SQL|SQLSTATE|MSB|CS|CPF|DFHAC|JBAS|TF|NU)[-\s:]?0*(\d{3,7})\b"
)
_SAID_PREFIXED = re.compile(rf"{_SAYS_ERROR}[\s:#№=]*\(?([A-Za-z]{{1,8}})-?0*(\d{{2,7}})\b", re.IGNORECASE)
_BROWSER = re.compile(r"\b((?:ERR|DNS_PROBE|SSL_ERROR|SEC_ERROR|PR|MOZILLA_PKIX_ERROR)_[A-Z0-9_]{3,})\b", re.IGNORECASE)
_EVENT = re.compile(r"\b(?:event\s*(?:ids?)?|събити(?:е|я)(?:\s+с\s+номер)?)[\s:#№=]*" + _NUMBERS, re.IGNORECASE)
_HTTP = re.compile(
    r"\bhttp(?:s)?(?:\s*/\s*[\d.]+)?(?:\s+(?:status|error|code|грешка|код))*[\s:#№=]*([1-5]\d\d)\b"
    r"|\b([45]\d\d)\s+(?:bad gateway|not found|forbidden|internal server error|service unavailable|gateway time-?out"
    r"|unauthorized|bad request|too many requests)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    rf"(?:\b{_SAYS_ERROR}|\bvpn)\s*(?:no\.?|nr\.?|номер|code|код)?[\s:#№=„“\"'(]*{_NUMBERS}", re.IGNORECASE
)
_NUMBER_FIRST = re.compile(r"(?<![\w.])(\d{3,5})\s+(?:error|грешка|greshka)\b", re.IGNORECASE)
_NO_PREFIXES = ("x", "kb", "http", "https")
_DIGITS = re.compile(r"\d+")
_VERSION = re.compile(r"(?:\bv|version|versions|build|release|верси[яи]|версията)[\s.:]*$", re.IGNORECASE)


def error_codes(text: str) -> Codes:
    """The error codes that a text names.

    Hexadecimal codes (0x80070005 and 0x0000011b, leading zeros do not count), mail status (5.7.139), those of Oracle,
    Entra ID and the like (ORA-00904, AADSTS50076), of browsers (ERR_NAME_NOT_RESOLVED), HTTP status, Windows event
    ids, and numbers that the text calls an error or a code (VPN error 809).
    """
    found: dict[str, dict[str, str]] = {}
    for family, code, written in _found(text):
        found.setdefault(family, {}).setdefault(code, written)
    return found


def other_codes(wanted: Codes, about: str, whole: str = "") -> tuple[str, ...]:
    """The codes that a solution is about, as written, where a question names others of the same families.

    Args:
        wanted: those of the question, from error_codes().
        about: the solution's title, issue and cause.
        whole: all of its text, which counts for families that ``about`` names no code of.

    Returns:
        Nothing for families of which the question and the solution share a code.
    """
    if not wanted:
        return ()
    named, mentioned = error_codes(about), error_codes(whole)
    others: list[str] = []
    for family, codes in wanted.items():
        known = named.get(family) or mentioned.get(family) or {}
        if known and codes.keys().isdisjoint(known):
            others += known.values()
    return tuple(dict.fromkeys(others))


def _found(text: str) -> Iterator[tuple[str, str, str]]:
    """(family, code, as written)."""
    for one in _HEXADECIMAL.finditer(text):
        yield "0x", one[1].lstrip("0").lower(), one[0]
    for one in _MAIL_STATUS.finditer(text):
        if not _VERSION.search(text[: one.start()]):
            yield "mail", one[1], one[1]
    for one in _BROWSER.finditer(text):
        is_network = normalise(one[1]).startswith(("err_", "dns_probe_"))
        yield "browser" if is_network else "firefox", normalise(one[1]), one[1]
    yield from _prefixed(text)
    yield from _numbers(text)


def _prefixed(text: str) -> Iterator[tuple[str, str, str]]:
    for one in _PREFIXED.finditer(text):
        yield one[1].lower(), one[2], one[0]
    for one in _SAID_PREFIXED.finditer(text):
        if one[1].lower() not in _NO_PREFIXES:
            yield one[1].lower(), one[2], text[one.start(1) : one.end()]


def _numbers(text: str) -> Iterator[tuple[str, str, str]]:
    for one in _HTTP.finditer(text):
        number = one[1] or one[2]
        yield "http", number, f"HTTP {number}"
    for family, pattern in (("event", _EVENT), ("number", _NUMBERED), ("number", _NUMBER_FIRST)):
        for one in pattern.finditer(text):
            for number in _DIGITS.findall(one[1]):
                yield family, number.lstrip("0"), number
