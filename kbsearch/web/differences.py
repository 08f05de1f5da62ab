"""What changed between two versions of an article, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from markupsafe import Markup

from kbsearch.model import Article
from kbsearch.web.controls import with_visible_overrides

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_WORDS = 400
"""So many words of a changed passage are compared one by one; comparing takes the square of them."""

LISTED = ("title", "issue", "environment", "cause", "resolution", "tags", "language", "audience", "state")
"""The fields of an article in the order of the form."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed: its name, and its text with what was added and taken out marked."""

    field: str
    marked: Markup


def changes(before: Article, after: Article) -> list[Change]:
    """The fields in which two versions differ."""
    texts = ((name, _text(before, name), _text(after, name)) for name in LISTED)
    return [Change(name, marked(old, new)) for name, old, new in texts if old != new]


def marked(before: str, after: str) -> Markup:
    """The newer text with the words of both: ``<ins>`` around what was added, ``<del>`` around what was taken out."""
    return Markup("").join(_marks(_lines(before), _lines(after), is_word=False))


def _marks(before: Sequence[str], after: Sequence[str], is_word: bool) -> Iterator[Markup]:
    for kind, start, end, other_start, other_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = before[start:end], after[other_start:other_end]
        if kind == "equal":
            yield Markup("{}").format(_shown(new))
        elif kind == "replace" and not is_word and _is_short(old, new):
            yield from _marks(_words(old), _words(new), is_word=True)
        else:
            yield Markup("<del>{}</del>").format(_shown(old)) if old else Markup("")
            yield Markup("<ins>{}</ins>").format(_shown(new)) if new else Markup("")


def _is_short(old: Sequence[str], new: Sequence[str]) -> bool:
    return max(len(_words(old)), len(_words(new))) <= _MOST_WORDS


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _words(lines: Sequence[str]) -> list[str]:
    return _WORDS.findall("".join(lines))


def _shown(parts: Sequence[str]) -> str:
    return with_visible_overrides("".join(parts))


def _text(article: Article, field: str) -> str:
    value: str | tuple[str, ...] | None = getattr(article, field)
    return "\n".join(value) if isinstance(value, tuple) else value or ""
