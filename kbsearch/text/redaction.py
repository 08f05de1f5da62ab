"""Taking personal data and secrets out of a ticket's text before it is stored.

Only kinds that can be told by their form (and, where they have one, by their checksum) are
removed; error codes, versions and KB numbers stay. Each find is replaced by its kind in angle
brackets, so that a reader sees that something stood there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

_NAMES_OF_SECRETS = (
    r"password|passwd|passcode|pwd|pass|pin|secret|api[ _-]?key|token|парола(?:та)?|пин(?:[ -]?код)?|parola(?:ta)?"
)


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    pattern: re.Pattern[str]
    genuine: Callable[[str], bool] = lambda found: True
    group: int = 0


def _luhn(found: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    digits = [int(c) for c in found if c.isdigit()]
    doubled = [d * 2 - 9 * (d > 4) for d in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _iban(found: str) -> bool:
    """ISO 13616: country and check digits moved to the end, letters as 10..35, remainder 1 modulo 97."""
    compact = re.sub(r"\s", "", found).upper()
    number = "".join(str(int(c, 36)) for c in compact[4:] + compact[:4])
    return int(number) % 97 == 1


def _egn(found: str) -> bool:
    """Bulgarian personal number: month 1-12 (+20 before 1900, +40 after 1999) and a weighted check digit."""
    digits = [int(c) for c in found]
    month = (digits[2] * 10 + digits[3]) % 20
    day = digits[4] * 10 + digits[5]
    weights = (2, 4, 8, 5, 10, 9, 7, 3, 6)
    check = sum(w * d for w, d in zip(weights, digits, strict=False)) % 11 % 10
    return 1 <= month <= 12 and digits[2] < 6 and 1 <= day <= 31 and check == digits[9]


def _phone(found: str) -> bool:
    return 9 <= sum(c.isdigit() for c in found) <= 15


_MOST_PASSES = 10

_EMAIL = _Kind("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"))

_KINDS = (
    # The value after "password:", "password is", "парола -"; never plain prose after the bare word.
    _Kind(
        "secret",
        re.compile(
            rf"(?i)\b(?:{_NAMES_OF_SECRETS})\b\s*(?:is(?:\s*[:=])?|е(?:\s*[:=])?|[:=])\s*[\"'„“]?(?!<[A-Z]+>)([^\s\"'“”,;]{{4,}})"
        ),
        lambda found: any(c.isdigit() or not c.isalnum() for c in found.rstrip(".!?)")),
        1,
    ),
    _Kind("iban", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), _iban),
)

_NUMBERS = (
    _Kind("card", re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])"), _luhn),
    _Kind("egn", re.compile(r"(?<![\w-])\d{10}(?![\w-])"), _egn),
    _Kind("phone", re.compile(r"(?:\+|(?<![\w.-])00)[1-9]\d{0,2}(?:[ ./()-]{0,2}\d){6,12}(?![\w-])"), _phone),
    # An area code may end in a slash; further slashes make a date.
    _Kind("phone", re.compile(r"(?<![\w.+-])0(?:8[789]\d|2|[3-9]\d)[ /-]?\d(?:[ -]?\d){5,6}(?![\w-])"), _phone),
)


# Every one of _NUMBERS has at least so many digits: most texts need not be searched for each of them.
_SEVEN_DIGITS = re.compile(r"\d(?:[ ./()-]{0,2}\d){6}")


def redact(text: str) -> tuple[str, Counter[str]]:
    """The text without personal data and secrets, and how many of each kind were taken out.

    Kinds: ``email``, ``secret``, ``iban``, ``card``, ``egn``, ``phone``. Redacting twice changes nothing more.
    """
    counts: Counter[str] = Counter()
    for _ in range(_MOST_PASSES):
        before = text
        if "@" in text:
            text = _without(_EMAIL, text, counts)
        for kind in _KINDS:
            text = _without(kind, text, counts)
        if _SEVEN_DIGITS.search(text):
            for kind in _NUMBERS:
                text = _without(kind, text, counts)
        if text == before:  # taking one thing out may bare the next: two numbers in a row
            break
    return text, counts


def _without(kind: _Kind, text: str, counts: Counter[str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        if not kind.genuine(match.group(kind.group)):
            return match.group()
        counts[kind.name] += 1
        start, end = match.start(kind.group) - match.start(), match.end(kind.group) - match.start()
        whole = match.group()
        return f"{whole[:start]}<{kind.name.upper()}>{whole[end:]}"

    return kind.pattern.sub(replaced, text)
