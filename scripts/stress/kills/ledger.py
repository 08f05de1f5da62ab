"""What a process that is killed notes of its writes: begun, and acknowledged."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from scripts.harness.residue import Traces

Note = Callable[..., None]
"""Called with what was done, the number of the problem, and the vectors of what is to be erased."""


@dataclass
class Ledger:
    """What was acknowledged, by number of the invented problem.

    Attributes:
        written: tickets.
        commented: tickets about which an agent left a comment.
        erasing: the words and vectors of the tickets whose erasing was begun.
        erased: those whose erasing was acknowledged.
        editions: the edition of each number that was begun, in order, with its words and vectors; and those deleted.
        deleted: editions whose deletion was acknowledged.
    """

    written: set[int] = field(default_factory=set)
    commented: set[int] = field(default_factory=set)
    erasing: dict[int, Traces] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)
    editions: dict[int, Traces] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)

    @property
    def acknowledged(self) -> int:
        return sum(map(len, (self.written, self.commented, self.erased, self.editions, self.deleted)))


def noting(path: Path) -> Note:
    """Appends to a file outside the data folder. What was noted outlives the process."""
    opened = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def note(what: str, number: int, words: Iterable[str] = (), vectors: Iterable[bytes] = ()) -> None:
        line = [what, number, list(words), [one.hex() for one in vectors]]
        os.write(opened, f"{json.dumps(line)}\n".encode())

    return note


def read(paths: Iterable[Path]) -> Ledger:
    """What all processes noted."""
    ledger = Ledger()
    for path in paths:
        for line in path.read_text().splitlines() if path.exists() else ():
            what, number, words, vectors = json.loads(line)
            noted = getattr(ledger, what)
            if isinstance(noted, set):
                noted.add(number)
            else:
                noted[number] = Traces(tuple(words), tuple(map(bytes.fromhex, vectors)))
    return ledger
