"""Sentences that mail systems, ticket systems and lawyers add to what a person wrote, known by form (templates.txt).

What one organisation adds and no other does is learned from its tickets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

_LONGEST = 600
"""In characters: a longer sentence is none of these."""

_Cues = tuple[tuple[str, ...], ...]

_Groups = tuple[re.Pattern[str], ...]


def _read(rows: str) -> list[_Cues]:
    """The templates of the file; its first lines say how it is written."""
    lines = (line for line in rows.splitlines() if line and not line.startswith("#"))
    return [tuple(tuple(group.split("|")) for group in line.split(" & ")) for line in lines]


def _compiled(template: _Cues) -> _Groups:
    """A pattern for each group: one of its cues at the beginning of a word, or with ``^`` of the sentence."""
    patterns: list[re.Pattern[str]] = []
    for group in template:
        first = [re.escape(cue[1:]) for cue in group if cue.startswith("^")]
        inside = [re.escape(cue) for cue in group if not cue.startswith("^")]
        either = [rf"\A\W{{0,8}}(?:{'|'.join(first)})"] * bool(first) + [rf"(?<!\w)(?:{'|'.join(inside)})"] * bool(
            inside
        )
        patterns.append(re.compile("|".join(either)))
    return tuple(patterns)


def _by_beginning(templates: Sequence[_Cues]) -> dict[str, list[_Groups]]:
    """Templates by the first letters of the cues in their smallest group: most sentences are spared all of them."""
    found: dict[str, list[_Groups]] = {}
    for template in templates:
        groups = _compiled(template)
        beginnings = {_beginning(cue) for cue in min(template, key=len)}
        for beginning in beginnings:
            found.setdefault(beginning, []).append(groups)
    return found


def _beginning(words: str) -> str:
    first = _WORD.search(words)
    return first.group()[:_LETTERS] if first else ""


_WORD = re.compile(r"[^\W_]+")
_LETTERS = 3
_BY_BEGINNING = _by_beginning(_read(Path(__file__).with_name("templates.txt").read_text("utf-8")))
_SENTENCE = re.compile(r"(?<=[.!?])[ \t]+(?=[^\W\d_]|[\"'„«(\[])")
_ALERT = re.compile(
    r"\W{0,8}(?:caution|warning|attention|notice|alert|external|внимание|предупреждение|achtung|vorsicht|warnung|avertissement"
    r"|atención|advertencia|attenzione|avviso|let op|waarschuwing|осторожно|atenție|hello|hi|dear customer)\W{0,8}\Z",
    re.IGNORECASE,
)
_PARAGRAPH_END = re.compile(r"(\n[ \t]*\n\s*)")
_BLANK_LINES = re.compile(r"\n{3,}")

Boilerplate = Callable[[str], bool]
"""Whether a sentence or line is boilerplate."""


def is_template(sentence: str) -> bool:
    """Whether a sentence has the form of a banner, a disclaimer, a receipt, a survey or how to open a ticket again."""
    if len(sentence) > _LONGEST:
        return False
    said = sentence.casefold().replace("\u2019", "'")
    beginnings = {word[:_LETTERS] for word in _WORD.findall(said)}
    return any(
        all(group.search(said) for group in groups)
        for beginning in beginnings & _BY_BEGINNING.keys()
        for groups in _BY_BEGINNING[beginning]
    )


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
        if all(is_boilerplate(one) for one in _SENTENCE.split(joined)):
            return ""
    lines: list[str] = []
    for line in text.split("\n"):
        sentences = _SENTENCE.split(line)
        left = [one for one in sentences if not is_boilerplate(one)]
        if 0 < len(left) < len(sentences):
            left = [one for one in left if not _ALERT.match(one)]
        if len(left) == len(sentences):
            lines.append(line)
        elif any(one.strip() for one in left):
            lines.append(" ".join(left))
    return "\n".join(lines)
