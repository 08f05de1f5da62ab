"""Passwords, tokens and keys: told by their own form, or by the word before them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import simplemma

from kbsearch.text.redaction.finds import Find, Kind, Said, group

# Forms as their issuers publish them. The first two letters or so are enough to rule out most texts.
_TOKEN = re.compile(
    r"""(?x)(?<![A-Za-z0-9])(?:
      (?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}                                     # AWS
    | gh[pousr]_[A-Za-z0-9]{20,} | github_pat_\w{22,}                         # GitHub
    | gl(?:pat|dt|ft|soat|rt|cbt|ptt|agent|oas)-[\w-]{20,}                    # GitLab
    | xox[abeoprs]-[\w-]{10,}                                                 # Slack
    | https://hooks\.slack\.com/services/[\w/]+
    | https://[\w.-]+\.webhook\.office\.com/webhookb2/[\w@/-]+
    | https://discord(?:app)?\.com/api/webhooks/\d+/[\w-]+
    | (?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{16,}                             # Stripe
    | sk-[\w-]{20,}                                                           # OpenAI, Anthropic
    | SG\.[\w-]{16,}\.[\w-]{16,}                                              # SendGrid
    | AIza[\w-]{35} | ya29\.[\w-]{20,}                                        # Google
    | npm_[A-Za-z0-9]{36} | pypi-AgE[\w-]{50,} | hv[sb]\.[\w-]{24,} | dop_v1_[0-9a-f]{64}
    | eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}                                # JWT, RFC 7519
    | [\w~.-]{3}[78]Q~[\w~.-]{31,34}                                          # Microsoft Entra client secret
    | kbs_[\w-]{20,}                                                          # ours
    )"""
)
_TOKENS_BEGIN = Said(
    "akia asia abia acca ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glft- glsoat- glrt- glcbt- glptt- glagent- "
    "gloas- xox hooks.slack "
    "webhook.office discord _live_ _test_ sk- sg. aiza ya29. npm_ pypi- hvs. hvb. dop_v1_ eyj q~ kbs_"
)
# Telegram's bot tokens, BitLocker's recovery keys.
_DIGITS_FIRST = re.compile(r"(?<![\w-])(?:\d{8,10}:[A-Za-z0-9_-]{35}|\d{5,6}(?:-\d{5,6}){7})(?![\w-])")
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*-----|\Z)|"
    r"PuTTY-User-Key-File-\d:.*?(?:Private-MAC: \w+|\Z)",
    re.DOTALL,
)
# What stands where a password or token must stand.
_PLACED = re.compile(
    r"""(?x)
      ://[^\s:/@?\#<>]{1,128}:(?P<a>[^\s/@<>]{1,256})@                                     # in a URL
    | \bAuthorization:\s*(?:Basic|Bearer|Token)\s+(?P<b>[\w+/=.~-]{8,})
    | \bBearer\s+(?P<c>(?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*)
    | \b(?:AccountKey|SharedAccessKey|SharedAccessSignature)=(?P<d>[^\s;<]{16,})
    | [?&]sig=(?P<e>[\w%+/-]{16,}=*)
    | (?i:\bcurl\b[^\n]{0,80}?\s(?:-u|--user)\s*["']?[^\s:"'<]+:)(?P<f>[^\s"'<]+)
    | (?i:/user:|\bnet\s+user\s+|\bnet\s+use\s[^\n]{0,60}?/u(?:ser)?:)[^\s<]{1,128}\s{1,20}(?P<g>[^\s/<*][^\s<]{3,})
    """
)

_NAMED_BY = (
    r"(?:pass(?:word|wd|code|phrase)?s?|pwd|pw|парол(?:а|ата|и|ите)|parol(?:a|ata|i)|"
    r"(?:client[ _-]?|shared[ _-]?)?secrets?(?:[ _-]?key)?|(?:api|апи|access|account|auth|storage|private|"
    r"encryption)[ _-]?(?:key|ключ)(?:ът|а)?|"
    r"(?:[a-z]+[ _-])?tokens?|токен(?:ът|а)?|psk|(?:wpa\d?|wi-?fi|wlan|network|recovery|bitlocker)[ _-](?:key|"
    r"ключ(?:ът|а)?)|"
    r"ключ(?:ът|а)? за (?:wi-?fi|мрежата|възстановяване)|тайна дума)"
)
_WHOSE = r"(?:\s+(?:му|ѝ|й|им|ми|ти|ни|ви))?"
_PIN = r"(?:pin|puk|пин|пук)(?:[ -]?(?:code|код)(?:ът|а)?)?"
_CODE = (
    r"(?:(?:verification|one-time|security|sms|otp|2fa|mfa|authenticator|confirmation|login|access)[ -]code|otp|totp|"
    rf"код(?:ът|а)?{_WHOSE} за (?:потвърждение|достъп|вход|сигурност)|еднократ\w+ (?:код|парола)|"
    r"sms[ -]код(?:ът|а)?)"
)
_FOR_WHAT = r"(?:\s+(?:for|of|on|at|за|на|от|в|към)(?:\s+(?!is\b|е\b|на\b|to\b)[\w.-]+){1,4}?)?"
_STATED = r"\s*(?::=|=>|[:=]|->)\s*"
_SAID = rf"{_WHOSE}\s+(?:is(?:\s+now)?|was|was\s+set\s+to|е|беше|стана)\s*:?\s*|\s*[–—]\s*|\s+-\s*"
_GIVEN = rf"{_WHOSE}\s+(?:to|на)\s+"
_QUOTE = r"[\"'„“”«`*]{0,2}"
_VALUE = r"(?P<value>[^\s\"“”„«»;`]{3,128})"


def _bounded(pattern: str) -> re.Pattern[str]:
    """The pattern compiled, white space of at most 20 characters in a row: long runs would take quadratic time."""
    return re.compile(pattern.replace(r"\s+", r"\s{1,20}").replace(r"\s*", r"\s{0,20}"))


_AFTER_PASSWORD = _bounded(
    rf"(?i)(?<![\w]){_NAMED_BY}\b['\"]?(?:{_FOR_WHAT}(?:(?P<stated>{_STATED})|(?P<said>{_SAID}))|(?P<given>{_GIVEN})|"
    rf"(?P<bare>\s+))"
    rf"{_QUOTE}{_VALUE}"
)
_VARIABLE = _bounded(rf"(?i)\b\w+_(?:password|passwd|pwd|secret|token|key)['\"]?{_STATED}{_QUOTE}{_VALUE}")
_AFTER_PIN = _bounded(
    rf"(?i)(?<![\w]){_PIN}{_FOR_WHAT}(?:{_STATED}|{_SAID}|{_GIVEN}|\s+){_QUOTE}(?P<value>\d{{4,8}})(?![\w-]|\.\d)"
)
_AFTER_CODE = _bounded(
    rf"(?i)(?<![\w]){_CODE}{_FOR_WHAT}(?:{_STATED}|{_SAID}|\s+){_QUOTE}(?P<value>\d{{3}}[ -]?\d{{3}}|"
    rf"\d{{4,8}})(?![\w-]|\.\d)"
)
_PASSWORDS_SAID = Said("pass pwd pw парол parol secret key ключ token токен psk тайна")
_PLACES_SAID = Said(":// bearer authorization key= signature= sig= curl /user: /u: net")
_PINS_SAID = Said("pin puk пин пук")
_CODES_SAID = Said("code код otp еднократ")

_ENDING = ",.)]?:'\"*"
_NO_SECRET = re.compile(
    r"(?ix)[%$]\w*[a-z_]\w*%? | [%$]?[{\[(<].* | https?:.* | 0x[0-9a-f]+ | kb\d{6,} | \d{1,4}(?:\.\d+){2,}\S* |"
    r" [*•xх.?_#-]+ | n/?a"
    r" | \d{1,2}[./-]\d{1,2}[./-]\d{2,4}\S* | (?-i:[A-Z]{2,8}-\d+) | \w+\\\w+ | [\w.+-]+@[\w.-]+\.\w+ |"
    r" [a-z]+/[a-z]+ | \S*\(\)? | .*(?:\]\(|://).* | (?:your|the|my)?[*_-]?(?:pass(?:word)?|pwd|secret|token|key|"
    r"парола)[*_-]?"
)
_SPECIAL = re.compile(r"[^\w\s'’./()-]|(?<=\w)_")
_PRODUCT = re.compile(
    r"(?i)(?:office|outlook|windows?|win|exchange|sharepoint|server|teams|microsoft|m|o|sql|word|excel|visio|project|"
    r"acrobat|dynamics|bitwarden|1password|keepass(?:xc)?|lastpass|oauth|tls|sha|aes|md|base|utf|ipv)-?\d+\w?"
)


def find_secrets(text: str) -> Iterator[Find]:
    lowered = text.lower()
    yield from _by_form(text, lowered)
    if _PLACES_SAID(lowered):
        for match in _PLACED.finditer(text):
            assert match.lastgroup is not None
            if not _NO_SECRET.fullmatch(match[match.lastgroup].strip("*")):
                yield group(match, Kind.SECRET, match.lastgroup)
    for said, pattern in ((_PINS_SAID, _AFTER_PIN), (_CODES_SAID, _AFTER_CODE)):
        if said(lowered):
            for match in pattern.finditer(text):
                yield group(match, Kind.SECRET, "value")
    if _PASSWORDS_SAID(lowered):
        for match in _VARIABLE.finditer(text):
            yield from _value(match, is_stated_secret)
        yield from _after_password(text)


def _by_form(text: str, lowered: str) -> Iterator[Find]:
    if "-----begin" in lowered or "putty" in lowered:
        for match in _PEM.finditer(text):
            yield group(match, Kind.SECRET)
    for match in _DIGITS_FIRST.finditer(text):
        yield group(match, Kind.SECRET)
    if _TOKENS_BEGIN(lowered):
        for match in _TOKEN.finditer(text):
            yield group(match, Kind.SECRET)


def _after_password(text: str) -> Iterator[Find]:
    start = 0
    while match := _AFTER_PASSWORD.search(text, start):
        # "password to the token: x": what follows may begin with the next such word.
        start = match.start("value") if match["value"] else match.end()
        genuine = is_stated_secret if match["stated"] else _is_told if match["said"] else _is_given
        yield from _value(match, _is_strong if match["bare"] else genuine)


def _value(match: re.Match[str], genuine: Callable[[str], bool]) -> Iterator[Find]:
    value = match["value"].rstrip(_ENDING)
    if len(value) >= 4 and not _NO_SECRET.fullmatch(value) and genuine(value):
        yield Find(match.start("value"), match.start("value") + len(value), Kind.SECRET)


def is_stated_secret(value: str) -> bool:
    """Behind a colon: anything but a word or two that tell how things stand ("password: expired")."""
    if any(c.isdigit() for c in value) or _SPECIAL.search(value) or value.count("-") > 1:
        return True
    return (value.isalpha() and len(value) >= 5 and not _is_word(value) and not value[1:].islower()) or _is_odd(value)


def _is_told(value: str) -> bool:
    """Behind "is": plain prose may follow."""
    if value.isdigit():
        return len(value) >= 6
    digits = any(c.isdigit() for c in value)
    return bool(_SPECIAL.search(value)) or (
        digits and any(c.isalpha() for c in value) and not _PRODUCT.fullmatch(value) and not value[0].isdigit()
    )


def _is_given(value: str) -> bool:
    """Behind "to": something else may have been meant, a product most of all."""
    return _is_told(value) and len(value) >= 6 and any(c.isdigit() for c in value)


def _is_strong(value: str) -> bool:
    """Right behind the word: only what has the form of a password."""
    return (
        len(value) >= 6
        and any(c.isdigit() for c in value)
        and any(c.isalpha() for c in value)
        and any(c in "!@#$%^&*?+~" for c in value)
    )


def _is_odd(value: str) -> bool:
    """Letters that make no word, like ``qwertyui``."""
    return value.isascii() and value.isalpha() and len(value) >= 6 and value.islower() and not _is_word(value)


def _is_word(value: str) -> bool:
    return simplemma.is_known(value, "en") or simplemma.is_known(value, "bg")
