"""Boilerplate of one desk: lines that stand in many of its unrelated tickets, whatever their language.

A line of a symptom or a fix stands in many tickets too. These are told apart by what the tickets share: tickets with a
common symptom have its words in their subjects and fixes as well, are about the same subject, or say nothing else.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kbsearch.text.closings import tells_deed
from kbsearch.text.error_codes import error_codes
from kbsearch.text.intake.boilerplate import SENTENCE, Boilerplate, is_template
from kbsearch.text.pleasantries import FUNCTION_WORDS
from kbsearch.text.words import codes, lemma, surface

FEWEST_TICKETS = 30
"""A desk with fewer tickets has no boilerplate that could be told from its symptoms."""

MOST_LINES = 500

_LEAST_COUNT = 10
_LEAST_SHARE, _LEAST_SHARE_OF_FIXES = 0.05, 0.25
_LEAST_SOLUTIONS = 6
_LEAST_SOLUTIONS_SHARE = 1 / 3
_MOST_ALONE = 0.1
_MOST_ABOUT_ONE = 0.5
"""So many of the subjects may have one word in common."""
_MOST_NAMED = 0.3
"""So many of them may have one of the line's words."""
_MOST_TOLD_ELSEWHERE = 0.34
_FEWEST_WORDS = 3
_LONGEST = 600
_MOST_UNITS = 200
_MOST_COMPARED = 200
_NUMBER = re.compile(r"\d+")
_BYTES = 16


@dataclass(frozen=True, slots=True)
class Reported:
    """A resolved ticket: plain texts, and what names its solution."""

    solution: str
    subject: str
    description: str
    resolution: str


@dataclass(slots=True)
class _Line:
    """A line with the tickets that it stands in, in fixes, and as the only one of a text."""

    written: str
    tickets: list[int]
    in_fixes: int = 0
    alone: int = 0


def learnt_lines(reported: Sequence[Reported]) -> list[str]:
    """The lines that are boilerplate, the commonest first, at most MOST_LINES, as key() takes them."""
    if len(reported) < FEWEST_TICKETS:
        return []
    lines = _lines(reported)
    subjects = [_words(one.subject) for one in reported]
    least = max(_LEAST_COUNT, _LEAST_SHARE * len(reported))
    common = [one for one in lines.values() if len(one.tickets) >= least and _may_be(one, len(reported))]
    found = [one for one in common if _is_unrelated(one, reported, subjects)]
    found.sort(key=lambda one: -len(one.tickets))
    return [one.written for one in found[:MOST_LINES]]


def keys(tenant: str, lines: Sequence[str]) -> bytes:
    """The lines as they are stored: hashes that depend on the tenant, 16 bytes each."""
    return b"".join(_key(tenant.encode(), line) for line in lines)


def boilerplate_of(tenant: str, stored: bytes) -> Boilerplate:
    """Whether a sentence or line is boilerplate by its form or one of those whose keys() are given."""
    if not stored:
        return is_template
    known = frozenset(stored[at : at + _BYTES] for at in range(0, len(stored), _BYTES))
    key = tenant.encode()

    def is_boilerplate(sentence: str) -> bool:
        return is_template(sentence) or (len(sentence) <= _LONGEST and _key(key, sentence) in known)

    return is_boilerplate


def _key(tenant: bytes, line: str) -> bytes:
    return hashlib.blake2b(_same(line).encode(), digest_size=_BYTES, key=hashlib.blake2b(tenant).digest()).digest()


def _same(line: str) -> str:
    """What lines of one template have in common: words in order, numbers left out."""
    return " ".join(_NUMBER.sub("#", word) for word in surface(line))


def _units(text: str) -> Iterator[str]:
    found = (unit for line in text.split("\n") for unit in SENTENCE.split(line) if unit.strip())
    for _, unit in zip(range(_MOST_UNITS), found, strict=False):
        yield unit.strip()


def _lines(reported: Sequence[Reported]) -> dict[str, _Line]:
    lines: dict[str, _Line] = {}
    for at, ticket in enumerate(reported):
        for text, is_fix in ((ticket.description, False), (ticket.resolution, True)):
            units = list(dict.fromkeys(_units(text)))
            told = [unit for unit in units if not is_template(unit)]
            for unit in units:
                if len(unit) > _LONGEST:
                    continue
                line = lines.setdefault(_same(unit), _Line(unit, []))
                if not line.tickets or line.tickets[-1] != at:
                    line.tickets.append(at)
                line.in_fixes += is_fix
                line.alone += len(told) == 1
    return lines


def _may_be(line: _Line, many: int) -> bool:
    """Whether a common line may be boilerplate by what it says: no code, no deed, and not a text by itself."""
    words = surface(line.written)
    return (
        len(words) >= _FEWEST_WORDS
        and not codes(line.written, 1)
        and not error_codes(line.written)
        and not tells_deed(line.written)
        and line.alone <= _MOST_ALONE * len(line.tickets)
        and (line.in_fixes <= _MOST_ALONE * len(line.tickets) or line.in_fixes >= _LEAST_SHARE_OF_FIXES * many)
    )


def _is_unrelated(line: _Line, reported: Sequence[Reported], subjects: Sequence[frozenset[str]]) -> bool:
    """Whether the tickets have other solutions and subjects, and do not tell elsewhere what the line says."""
    at = line.tickets
    solutions = {reported[one].solution for one in at}
    if len(solutions) < max(_LEAST_SOLUTIONS, _LEAST_SOLUTIONS_SHARE * len(at)):
        return False
    about = Counter(word for one in at for word in subjects[one])
    words = _words(line.written)
    return (
        max(about.values(), default=0) <= _MOST_ABOUT_ONE * len(at)
        and max((about[word] for word in words), default=0) <= _MOST_NAMED * len(at)
        and _told_elsewhere(line, words, reported) <= _MOST_TOLD_ELSEWHERE
    )


def _told_elsewhere(line: _Line, words: frozenset[str], reported: Sequence[Reported]) -> float:
    """The mean share of the line's words that stand in the rest of its tickets, some of these."""
    if not words:
        return 0.0
    same = _same(line.written)
    some = line.tickets[:_MOST_COMPARED]
    told = 0.0
    for ticket in (reported[one] for one in some):
        units = [*_units(ticket.description), *_units(ticket.resolution)]
        rest = _words("\n".join([ticket.subject, *(unit for unit in units if _same(unit) != same)]))
        told += len(words & rest) / len(words)
    return told / len(some)


def _words(text: str) -> frozenset[str]:
    return frozenset(lemma(word) for word in surface(text) if not word.isdigit()) - FUNCTION_WORDS
