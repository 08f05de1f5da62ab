"""Sentences that close a ticket without a fix: administrative, automatic, passed on, merged, recovered.

Known by form (closings.txt), in the languages that the service reads and their neighbours.
"""

from __future__ import annotations

import re
from pathlib import Path

from kbsearch.text.templates import Templates

_LONGEST = 220
_has_form = Templates(Path(__file__).with_name("closings.txt").read_text("utf-8"), _LONGEST)

# What somebody did stands in the sentence too: it tells a fix, whatever else it says.
_DID = re.compile(
    r"(?<!\w)(?:replac|re-?instal|instal|re-?start|reboot|power.?cycl|upgrad|remov|delet|clear(?:ed|ing) (?:the"
    r"|all|his|her|cache|cookies)"
    r"|clean|configur|re-?enabl|enabl|disabl|renam|repair(?!ed by)|rebuil|re-?connect|unplug|plugg|swapp|grant"
    r"|unlock|reset|extend"
    r"|re-?creat|flush|turned|switched|forwarded port|licen[cs]e|static|set (?:the|up)|rolled|ran |run "
    r"|whitelist|unblock|corrected|adjusted|re-?sync|re-?map|mapped"
    r"|updated (?:the|to|driver|firmware|bios|windows|office)|changed the|by (?:restart|chang|replac|delet"
    r"|remov|updat|turn|switch|clear)"
    r"|смених|смени|сменен|подмен|рестарт|нулира|преинсталир|инсталир|изтри|изчист(?!и се)|настро|включи"
    r"|изключи|премахн|обнов|отключ"
    r"|ersetz|neu gestart|neugestart|neustart|installier|gelöscht|entfernt|zurückgesetzt|konfigur|aktivier"
    r"|deaktivier|ausgetausch"
    r"|entsperr|eingerichtet|getauscht"
    r"|remplac|redémarr|réinstall|installé|supprim|réinitialis|configur|activ[ée]|désactiv|déverrouill"
    r"|reemplaz|sustitu|reinici|instal[aó]|elimin|restablec|activad|desbloque"
    r"|sostitu|riavvi|installat|eliminat|reimpost|configurat|attivat|disattiv|sblocc"
    r"|vervang|herstart|opnieuw gestart|geïnstall|verwijderd|gereset|ingesteld|geactiveerd|ontgrendeld"
    r"|замен[ие]|перезапу|перезагру|установ[ил]|удал[её]н|удалил|сброс|настро|включ[её]н|включил|отключил"
    r"|разблок|очист|почист"
    r"|înlocui|repornit|restartat|instalat|șters|resetat|configurat|activat|deblocat)",
    re.IGNORECASE,
)

# A monitor's message that something is well again, whatever its words: "PING OK - …", "DOWN -> UP", "[OK] …".
_BAD = "DOWN|PROBLEM|CRITICAL|ALARM|ALERT|WARNING|WARN|ERROR|DISASTER|FAILED|FAILURE|UNKNOWN|UNREACHABLE|FIRING|RED"
_WELL = "UP|OK|NORMAL|RECOVERED|RESOLVED|CLEARED|RECOVERY|GREEN|HEALTHY"
_RECOVERED = re.compile(
    rf"^\W{{0,3}}(?:{_WELL})\b\W{{0,2}}\s{{0,2}}[\]:–-]|^\[(?:{_WELL})\]|^[A-Z]+(?:[ _][A-Z]+)? (?:OK"
    rf"|UP)\b\s{{0,2}}(?:[-:;]|$)"
    rf"|\b(?:{_BAD})\b.{{0,20}}?(?:->|=>|→|\bto\b|\bна\b)\s{{0,2}}(?:{_WELL})\b"
    rf"|\b(?:is|are|went|now|е|ist|est|está) (?:{_WELL})\b|\b[Ii]t was (?:down|unavailable|unreachable) for \d"
    r"|^(?:[Аа]лармата|[Пп]роблемът|[Сс]ъбитието|[Пп]редупреждението|[Ии]нцидентът)\b.{0,60}"
    r"(?:изчистен|отпадна|приключи|затворен|отшумя|възстанов)"
    r"|^[\w ]{2,30} ?[=:] ?\d[\d.]*\s?(?:%|ms|s|[KMG]B)?(?:, ?[\w ]{2,30} ?[=:] ?\d[\d.]*\s?(?:%|ms|s|[KMG]B)?){1,9}$"
    r"|\b(?:auto-?|automatically )(?:resolved|cleared|recovered)\b|^(?:alarm|alert|trap"
    r"|event)s? .{0,60}\b(?:cleared|ended)\b",
)


def tells_deed(text: str) -> bool:
    """Whether a text says that something was repaired: restarted, replaced, reset."""
    return _DID.search(text) is not None


def is_closing(sentence: str) -> bool:
    """Whether a sentence only says that and why a ticket was closed, or who has it now."""
    if len(sentence) > _LONGEST:
        return False
    return _RECOVERED.search(sentence) is not None or (_has_form(sentence) and not tells_deed(sentence))
