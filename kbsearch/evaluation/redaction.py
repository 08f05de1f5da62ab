"""Quality of redaction on labelled lines: recall and precision of each kind.

A line is a text in which what must go is marked ``[[kind|…]]``; a line without marks must stay as it is. ``⏎`` stands
for
a line break in the text, ``⇥`` for a tab.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kbsearch.errors import InvalidInput
from kbsearch.text.redaction import Find, Kind, Redactor

_MARK = re.compile(r"\[\[(\w+)\|(.+?)\]\](?!\])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """``marks`` are stretches of ``text`` that must go, by position."""

    text: str
    marks: tuple[Find, ...]


@dataclass(slots=True)
class KindCounts:
    """``found`` marks were removed completely; ``missed`` ones were not; ``spurious`` finds touch no mark."""

    found: int = 0
    missed: int = 0
    spurious: int = 0

    @property
    def recall(self) -> float:
        """1 where nothing was marked."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def precision(self) -> float:
        """1 where nothing was found."""
        return self.found / (self.found + self.spurious) if self.found + self.spurious else 1.0


@dataclass(slots=True)
class RedactionResult:
    """``clean`` lines have no mark; ``spoilt`` of them were changed. ``faults`` are (line from 1, what is wrong)."""

    kinds: dict[Kind, KindCounts]
    lines: int = 0
    clean: int = 0
    spoilt: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    @property
    def total(self) -> KindCounts:
        """All kinds together."""
        return KindCounts(
            sum(one.found for one in self.kinds.values()),
            sum(one.missed for one in self.kinds.values()),
            sum(one.spurious for one in self.kinds.values()),
        )


def labelled(line: str) -> LabelledLine:
    """Read a marked line. Raises InvalidInput for a kind that there is not."""
    line = line.replace("⏎", "\n").replace("⇥", "\t")
    parts: list[str] = []
    marks: list[Find] = []
    end = length = 0
    for match in _MARK.finditer(line):
        if match[1] not in tuple(Kind):
            raise InvalidInput("", f"there is no kind {match[1]!r}; kinds are {', '.join(Kind)}")
        parts += (line[end : match.start()], match[2])
        length += match.start() - end
        marks.append(Find(length, length + len(match[2]), Kind(match[1])))
        length += len(match[2])
        end = match.end()
    return LabelledLine("".join((*parts, line[end:])), tuple(marks))


def measure(redactor: Redactor, lines: Iterable[LabelledLine]) -> RedactionResult:
    """Compare finds with marks.

    A mark counts as found if all its letters and digits are taken out, under whatever kind; a find is
    spurious if it touches no mark.
    """
    result = RedactionResult({kind: KindCounts() for kind in Kind})
    for number, line in enumerate(lines, 1):
        finds = redactor.find(line.text)
        result.lines += 1
        result.clean += not line.marks
        result.spoilt += bool(finds) and not line.marks
        gone = {position for find in finds for position in range(find.start, find.end)}
        for mark in line.marks:
            counts = result.kinds[mark.kind]
            if all(n in gone for n in range(mark.start, mark.end) if line.text[n].isalnum()):
                counts.found += 1
            else:
                counts.missed += 1
                result.faults.append((number, f"missed {mark.kind}"))
        for find in finds:
            if not any(find.start < mark.end and mark.start < find.end for mark in line.marks):
                result.kinds[find.kind].spurious += 1
                result.faults.append((number, f"spurious {find.kind}"))
    return result
