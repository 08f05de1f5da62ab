"""The end of a mail: what stands below the closing formula."""

from __future__ import annotations

import re

_DASHES = re.compile(r"^\s{0,3}(?:--|__|—)\s{0,3}$")
_FORMULA = re.compile(
    r"^[ \t]{0,3}(?:(?:with |my )?(?:best|kind|kindest|warm|warmest) (?:regards|wishes)|regards|cheers"
    r"|sincerely(?: yours)?"
    r"|yours (?:sincerely|faithfully|truly)|many thanks|thanks(?: again| in advance| a lot| and regards)?"
    r"|thank you(?: in advance"
    r"| very much)?|thx|br|rgds|all the best"
    r"|поздрави|много поздрави|с уважение|с най-добри пожелания|с поздрав|поздрав|благодаря(?: (?:ви"
    r"|ти))?(?: предварително)?"
    r"|лека? (?:вечер|работа|ден)|хубав(?:а|и)? \w{2,12}|приятен ден|приятна вечер"
    r"|mit freundlichen grü(?:ß|ss)en|mit freundlichem gru(?:ß|ss)|(?:viele|liebe|beste|freundliche) grü(?:ß"
    r"|ss)e|mfg|lg|vg"
    r"|gru(?:ß|ss)|danke(?: im voraus)?|vielen dank(?: im voraus)?"
    r"|(?:cordiali|distinti|tanti|cari) saluti|saluti|grazie(?: mille)?|buona giornata"
    r"|(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|(?:muchas )?gracias"
    r"|cordialement|bien cordialement|bien à vous|salutations|(?:meilleures|sincères) salutations|merci(?: d'avance)?"
    r"|met vriendelijke groet(?:en)?|vriendelijke groet(?:en)?|groet(?:en|jes)?|mvg|alvast bedankt|bedankt"
    r"|с уважением|с наилучшими пожеланиями|спасибо(?: заранее)?|заранее спасибо"
    r"|cu (?:stimă|respect|stima)|o zi bună|mulțumesc|multumesc|cu drag)"
    r"(?:[ \t]*[,.!;:–—-]{0,3}[ \t]*(?:[^\W\d_]['’.\w-]{0,30}[ \t]?){0,3})?[ \t,.!]*$",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"^[ \t]{0,3}(?:sent from (?:my|mail for|outlook|yahoo|samsung|a )|get outlook for|изпратено от|von meinem"
    r"|gesendet (?:von|mit)"
    r"|envoyé (?:de|depuis)|enviado (?:desde|do)|inviato da|verstuurd vanaf|verzonden (?:vanaf|met)"
    r"|отправлено (?:с|из)"
    r"|trimis de pe|wysłane z|odesláno z).{0,80}$",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"^\W{0,4}(?:tel|phone|mobile|mob|cell|gsm|fax|direct|office|e-?mail|mail|web|www|skype|linkedin|address"
    r"|тел|моб|факс"
    r"|имейл|адрес|телефон|handy|telefon|téléphone|teléfono|telefono|telefoon|mobiel|адрес)\b.{0,100}$"
    r"|^\W{0,3}(?:\+?\d[\d ()/.-]{6,20})\W{0,3}$|^\W{0,3}\S{1,60}@\S{1,60}\W{0,3}$|^\W{0,3}(?:https?://"
    r"|www\.)\S{1,120}\s*$"
    r"|^\W{0,3}<(?:EMAIL|PHONE)>\W{0,3}$",
    re.IGNORECASE,
)
_MOST_LINES = 14
_MOST_CHARACTERS = 700
_LONGEST_LINE = 90
_LINES_READ = 60
"""A signature is looked for among so many last lines."""


def without_signature(text: str) -> str:
    """The text up to its closing formula, device line or contact lines. All of it where nothing would be left."""
    lines = text.rstrip().split("\n")
    if len(lines) < 2:
        return text
    cut = _cut(lines)
    while cut > 1 and (_DEVICE.match(lines[cut - 1]) or not lines[cut - 1].strip()):
        cut -= 1
    if cut < len(lines):
        left = "\n".join(lines[:cut]).rstrip()
        return left if left.strip() else text
    return text


def _cut(lines: list[str]) -> int:
    """The line at which the signature begins; behind the last one if there is none."""
    for at in range(max(1, len(lines) - _LINES_READ), len(lines)):
        line, rest = lines[at], lines[at + 1 :]
        if _DASHES.match(line) and _is_short(rest):
            return at
        if len(line) <= _LONGEST_LINE and _FORMULA.match(line) and _is_block(rest):
            return at
        if _DEVICE.match(line) and _is_short(rest):
            return at
    return _contacts(lines)


def _is_short(lines: list[str]) -> bool:
    return len(lines) <= _MOST_LINES and sum(map(len, lines)) <= _MOST_CHARACTERS


def _is_block(lines: list[str]) -> bool:
    """Names, titles and ways to reach somebody: short lines, hardly any of which is a sentence."""
    filled = [line for line in lines if line.strip()]
    if not _is_short(filled):
        return False
    said = [line for line in filled if line.rstrip().endswith((".", "!", "?")) and len(line.split()) > 4]
    listed = sum(1 for line in filled if re.match(r"\s*(?:[-*•]|\d+[.)])\s", line))
    return len(said) <= len(filled) // 3 and listed < 2 and all(len(line) <= 2 * _LONGEST_LINE for line in filled)


def _contacts(lines: list[str]) -> int:
    """Contact lines at the very end, two or more."""
    at = len(lines)
    while at > 1 and (not lines[at - 1].strip() or _CONTACT.match(lines[at - 1])):
        at -= 1
    return at if sum(1 for line in lines[at:] if line.strip()) >= 2 else len(lines)
