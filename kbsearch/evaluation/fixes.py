r"""Quality of the detection of thin resolutions on labelled lines: recall and precision.

A line is ``none`` or ``fix``, a tab and a resolution; ``\n`` in it stands for a line end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kbsearch.errors import InvalidInput
from kbsearch.text.fixes import is_thin

_LABELS = ("none", "fix")


@dataclass(slots=True)
class ThinResult:
    """Of the lines that are no fix ``found`` were seen as thin, ``missed`` were not; ``wrong`` fixes were.

    ``faults`` are (line from 1, what is wrong).
    """

    found: int = 0
    missed: int = 0
    wrong: int = 0
    lines: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    @property
    def recall(self) -> float:
        """1 where no line is labelled ``none``."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def precision(self) -> float:
        """1 where nothing was seen as thin."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0


def measure(lines: Iterable[str]) -> ThinResult:
    """Raises InvalidInput for a line without a label."""
    result = ThinResult()
    for number, line in enumerate(lines, start=1):
        label, _, text = line.partition("\t")
        if label not in _LABELS or not text:
            raise InvalidInput("", f"line {number} is not `none` or `fix`, a tab and a text")
        result.lines += 1
        thin = is_thin(text.replace("\\n", "\n"))
        if label == "none":
            result.found += thin
            result.missed += not thin
        else:
            result.wrong += thin
        if thin != (label == "none"):
            result.faults.append((number, "taken for a fix" if not thin else "taken for no fix"))
    return result
