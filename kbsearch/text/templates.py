"""Sentences known by their form: files of templates, and whether a sentence has the form of one.

One template a line: groups of cues between " & ", cues between "|". A sentence has the form of a template if it has
one cue of every group, and none of a group that begins with "!". Each cue is the beginning of a word, with ``^`` of the
sentence. Lines with ``#`` are comments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LETTERS = 3
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class _Template:
    """What a sentence must have, each of these, and what it must not have."""

    has: tuple[re.Pattern[str], ...]
    has_not: tuple[re.Pattern[str], ...]

    def fits(self, said: str) -> bool:
        return all(one.search(said) for one in self.has) and not any(one.search(said) for one in self.has_not)


class Templates:
    """Templates that were read from a file's text.

    Args:
        rows: the file's text.
        longest: characters; a longer sentence has the form of none.
    """

    def __init__(self, rows: str, longest: int) -> None:
        self._longest = longest
        # By the first letters of the cues in their smallest group: most sentences are spared all of them.
        self._by_beginning: dict[str, list[_Template]] = {}
        for line in rows.casefold().splitlines():
            if line and not line.startswith("#"):
                written = line.split(" & ")
                groups = sorted((one.split("|") for one in written if not one.startswith("!")), key=len)
                against = [one[1:].split("|") for one in written if one.startswith("!")]
                template = _Template(tuple(map(_pattern, groups)), tuple(map(_pattern, against)))
                for beginning in {_beginning(cue) for cue in groups[0]}:
                    self._by_beginning.setdefault(beginning, []).append(template)

    def __call__(self, sentence: str) -> bool:
        """Whether the sentence has the form of a template."""
        if len(sentence) > self._longest:
            return False
        said = sentence.casefold().replace("\u2019", "'")
        beginnings = {word[:_LETTERS] for word in _WORD.findall(said)}
        return any(
            template.fits(said)
            for beginning in beginnings & self._by_beginning.keys()
            for template in self._by_beginning[beginning]
        )


def _pattern(group: Sequence[str]) -> re.Pattern[str]:
    first = [re.escape(cue[1:]) for cue in group if cue.startswith("^")]
    inside = [re.escape(cue) for cue in group if not cue.startswith("^")]
    either: list[str] = []
    if first:
        either.append(rf"\A\W{{0,8}}(?:{'|'.join(first)})")
    if inside:
        either.append(rf"(?<!\w)(?:{'|'.join(inside)})")
    return re.compile("|".join(either))


def _beginning(cue: str) -> str:
    first = _WORD.search(cue)
    return first.group()[:_LETTERS] if first else ""
