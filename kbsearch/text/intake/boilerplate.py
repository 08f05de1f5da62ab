"""Sentences that mail systems, ticket systems and lawyers add to what a person wrote, known by form (templates.txt).

What one organisation adds and no other does is learned from its tickets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from kbsearch.text.templates import Templates

_LONGEST = 600
"""In characters: a longer sentence is none of these."""

SENTENCE = re.compile(r"(?<=[.!?])[ \t]+(?=[^\W\d_]|[\"'„«(\[])")
_ALERT = re.compile(
    r"\W{0,8}(?:caution|warning|attention|notice|alert|external|внимание|предупреждение|achtung|vorsicht|warnung|avertissement"
    r"|atención|advertencia|attenzione|avviso|let op|waarschuwing|осторожно|atenție|hello|hi|dear customer)\W{0,8}\Z",
    re.IGNORECASE,
)
_PARAGRAPH_END = re.compile(r"(\n[ \t]*\n\s*)")
_BLANK_LINES = re.compile(r"\n{3,}")

Boilerplate = Callable[[str], bool]
"""Whether a sentence or line is boilerplate."""

_has_form = Templates(Path(__file__).with_name("templates.txt").read_text("utf-8"), _LONGEST)

# What fails for the one who writes: "External mail does not arrive" is no banner.
_SYMPTOM = re.compile(
    r"(?<!\w)(?:(?:does|do|did)(?: not|n't) (?:arrive|work|open|load|start|show|accept my|print|sync|come"
    r"|appear|send|get)"
    r"|(?:cannot|can't|can not|could not|couldn't) be (?:opened|sent|found|read|loaded|saved|printed)"
    r"|(?:i|we) (?:cannot|can't|could not|couldn't)|crash\w*|hangs|freez\w+|bounc\w+|error \d|fails|not working"
    r"|is missing|since (?:yesterday|this|last|monday|the|we)|by the new"
    r"|не (?:пристига|работ|се отвар|зареж|тръгв|стартир|печата(?!йте)|изпраща(?!йте)|получавам|мога)"
    r"|спира|дава грешка|грешка \d|забива"
    r"|липсва|изчезна|от (?:вчера|днес|сутринта)"
    r"|komm\w* nicht|geht nicht|funktionier\w* nicht|öffn\w* (?:sich )?nicht|fehlt|stürzt|seit (?:gestern|heute)"
    r"|n'arriv\w+|ne (?:fonctionn|s'ouvr|march|démarr)\w*|depuis (?:hier|ce)"
    r"|no (?:llega|funciona|abre|arranca)\w*|desde (?:ayer|hoy)|non (?:arriv|funziona|si apr|part)\w*|da ieri"
    r"|kom(?:t|en) niet|werkt niet|opent niet|не (?:приход|работа|могу)\w*|со вчера"
    r"|nu (?:ajung|funcțion|merge|se deschid)\w*)",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\W{0,8}(?:if|should|in case|ако|при|wenn|falls|si|se|als|если|dacă)\b", re.IGNORECASE)


def is_template(sentence: str) -> bool:
    """Whether a sentence has the form of a banner, a disclaimer, a receipt, a survey or how to open a ticket again."""
    if not _has_form(sentence):
        return False
    return _SYMPTOM.search(sentence) is None or _CONDITION.match(sentence) is not None


def without_boilerplate(text: str, is_boilerplate: Boilerplate) -> str:
    """The text without the sentences and lines that are boilerplate; the others stay as they are written.

    A paragraph whose lines were broken by a mail program is judged as a whole too.
    """
    kept: list[str] = []
    changed = False
    for paragraph in _PARAGRAPH_END.split(text) if "\n" in text else [text]:
        if not paragraph.strip():
            kept.append(paragraph)
            continue
        left = _paragraph(paragraph, is_boilerplate)
        changed = changed or left != paragraph
        kept.append(left)
    return _BLANK_LINES.sub("\n\n", "".join(kept)).strip() if changed else text


def _paragraph(text: str, is_boilerplate: Boilerplate) -> str:
    if "\n" in text and len(text) <= 4 * _LONGEST:
        joined = " ".join(text.split())
        if all(is_boilerplate(one) for one in SENTENCE.split(joined)):
            return ""
    lines: list[str] = []
    for line in text.split("\n"):
        sentences = SENTENCE.split(line)
        left = [one for one in sentences if not is_boilerplate(one)]
        if 0 < len(left) < len(sentences):
            left = [one for one in left if not _ALERT.match(one)]
        if len(left) == len(sentences):
            lines.append(line)
        elif any(one.strip() for one in left):
            lines.append(" ".join(left))
    return "\n".join(lines)
