"""How those who reported an issue put it: further issue statements of its solution."""

from __future__ import annotations

from collections.abc import Iterable

from kbsearch.text.intake import read, read_subject
from kbsearch.text.pleasantries import EMPTY_WORDS
from kbsearch.text.words import lemma, surface

MOST_WORDINGS = 10
_CHARACTERS = 200
_FEWEST_WORDS = 2


def wording(subject: str, description: str) -> str:
    """The subject of a ticket, or the beginning of its description if the subject says almost nothing."""
    subject = read_subject(subject)
    if len(_telling(subject)) >= _FEWEST_WORDS or not description.strip():
        return subject.strip()
    text = " ".join(read(description).message.split())
    return text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS].rsplit(' ', 1)[0]} …"


def distinct_wordings(known: Iterable[str], reported: Iterable[str]) -> tuple[str, ...]:
    """Up to MOST_WORDINGS of what was reported, each of which says something that those before it do not.

    Args:
        known: the title and the issue statements that are there already.
        reported: wordings, the most recent first.
    """
    seen = [_telling(text) for text in known]
    kept: list[str] = []
    for text in reported:
        words = _telling(text)
        if words and not any(words <= other for other in seen):
            kept.append(text)
            seen.append(words)
            if len(kept) == MOST_WORDINGS:
                break
    return tuple(kept)


def _telling(text: str) -> frozenset[str]:
    return frozenset(lemma(word) for word in surface(text)) - EMPTY_WORDS
