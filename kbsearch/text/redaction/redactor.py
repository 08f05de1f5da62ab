"""Replaces what the finders find by its kind in angle brackets."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from kbsearch.model import RedactionPolicy
from kbsearch.text.redaction.accounts import find_users
from kbsearch.text.redaction.addresses import find_emails, find_ips
from kbsearch.text.redaction.finds import Find, Finder, Kind, Reading
from kbsearch.text.redaction.hosts import find_hosts
from kbsearch.text.redaction.numbers import find_numbers
from kbsearch.text.redaction.people import find_names
from kbsearch.text.redaction.secrets import find_secrets

_MOST_PASSES = 10
_PLACEHOLDER = re.compile(f"<(?:{'|'.join(kind.upper() for kind in Kind)})>")
# Where finds overlap, the earlier finder's stays.
_FINDERS: tuple[Finder, ...] = (
    find_secrets, find_emails, find_numbers, find_ips, find_hosts, find_users, find_names,
)  # fmt: skip


class Redactor:
    """Takes personal data and secrets out of texts as a policy says."""

    def __init__(self, policy: RedactionPolicy) -> None:
        self._policy = policy
        self._words = _any_of(policy.words)
        self._kept = _any_of(policy.kept)

    def redact(self, text: str) -> tuple[str, Counter[str]]:
        """The text with each find replaced by its kind, ``<EMAIL>``, and the number of finds of each kind.

        Redacting twice changes nothing more.
        """
        counts: Counter[str] = Counter()
        for _ in range(_MOST_PASSES):  # taking one thing out may bare the next
            finds = self.find(text)
            if not finds:
                break
            counts.update(str(find.kind) for find in finds)
            text = _replaced(text, finds)
        return text, counts

    def find(self, text: str) -> list[Find]:
        """What one pass finds, by position; no two overlap.

        A find that lies within one of the policy's kept texts stays out. One that only contains such a text does not,
        and a secret never does.
        """
        taken = bytearray(len(text))  # 1 for a character that an earlier find has
        for match in _PLACEHOLDER.finditer(text):
            _take(taken, match.start(), match.end())
        kept = [match.span() for match in self._kept.finditer(text)] if self._kept else []
        accepted: list[Find] = []
        for find in self._found(text):
            if find.kind in self._policy.off or (find.kind != Kind.SECRET and _lies_within(find, kept)):
                continue
            if taken.find(1, find.start, find.end) < 0:
                _take(taken, find.start, find.end)
                accepted.append(find)
        return sorted(accepted, key=lambda find: find.start)

    def _found(self, text: str) -> Iterator[Find]:
        if self._words is not None:
            for match in self._words.finditer(text):
                yield Find(match.start(), match.end(), Kind.WORD)
        reading = Reading(text)
        for finder in _FINDERS:
            yield from finder(reading)


def _lies_within(find: Find, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether one of the spans, which are in order and do not overlap, holds all of the find."""
    before = bisect_right(spans, find.start, key=lambda span: span[0])
    return before > 0 and find.end <= spans[before - 1][1]


def _take(taken: bytearray, start: int, end: int) -> None:
    taken[start:end] = b"\x01" * (end - start)


def _replaced(text: str, finds: Iterable[Find]) -> str:
    parts: list[str] = []
    end = 0
    for find in finds:
        parts += (text[end : find.start], f"<{find.kind.upper()}>")
        end = find.end
    return "".join((*parts, text[end:]))


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """Any of these as whole words, in whatever case and white space."""
    longest_first = sorted({" ".join(word.split()) for word in words if word.strip()}, key=len, reverse=True)
    if not longest_first:
        return None
    forms = "|".join(r"\s+".join(map(re.escape, word.split())) for word in longest_first)
    return re.compile(rf"(?<!\w)(?:{forms})(?!\w)", re.IGNORECASE)
