"""Sentences known by their form: files of templates, and whether a sentence has the form of one.

One template a line: groups of cues between " & ", cues between "|". A sentence has the form of a template if it has
one cue of every group. Cues are in lower case; each is the beginning of a word, with ``^`` of the sentence. Lines with
``#`` are comments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LETTERS = 3
_WORD = re.compile(r"[^\W_]+")

_Groups = tuple[re.Pattern[str], ...]


class Templates:
    """Templates that were read from a file's text.

    Args:
        rows: the file's text.
        longest: characters; a longer sentence has the form of none.
    """

    def __init__(self, rows: str, longest: int) -> None:
        self._longest = longest
        # By the first letters of the cues in their smallest group: most sentences are spared all of them.
        self._by_beginning: dict[str, list[_Groups]] = {}
        for line in rows.splitlines():
            if line and not line.startswith("#"):
                groups = [group.split("|") for group in line.split(" & ")]
                patterns = tuple(_pattern(group) for group in sorted(groups, key=len))
                for beginning in {_beginning(cue) for cue in min(groups, key=len)}:
                    self._by_beginning.setdefault(beginning, []).append(patterns)

    def __call__(self, sentence: str) -> bool:
        """Whether the sentence has the form of a template."""
        if len(sentence) > self._longest:
            return False
        said = sentence.casefold().replace("\u2019", "'")
        beginnings = {word[:_LETTERS] for word in _WORD.findall(said)}
        return any(
            all(pattern.search(said) for pattern in patterns)
            for beginning in beginnings & self._by_beginning.keys()
            for patterns in self._by_beginning[beginning]
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
