"""What is asked of a system that is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PASSAGES_ASKED = 50
"""So many passages a peer is asked for: enough for ten different documents."""


@dataclass(frozen=True, slots=True)
class Document:
    """``passages`` are the texts to be embedded, title included: peers have no splitter of their own."""

    id: str
    title: str
    text: str
    passages: tuple[str, ...]

    def passage_ids(self) -> list[str]:
        return [f"{self.id}#{number}" for number in range(len(self.passages))]


class System(Protocol):
    """An index in a folder. The constructor loads the model and opens the index, or makes an empty one."""

    def __init__(self, folder: Path) -> None: ...

    def add(self, documents: Sequence[Document]) -> None:
        """Add many documents; when it returns they are on disk and can be found."""
        ...

    def ask(self, text: str) -> list[str]:
        """Ids of the ten best documents for a ticket, the best first. This is what is timed."""
        ...

    def ranked(self, text: str) -> list[str]:
        """The same for judging quality: not timed, asked after ``ask``."""
        ...

    def pid(self) -> int | str:
        """The process whose memory counts."""
        ...

    def close(self) -> None: ...


def documents_of(passage_ids: Sequence[str], k: int = 10) -> list[str]:
    """The first ``k`` different documents of a list of passages."""
    return list(dict.fromkeys(id.rpartition("#")[0] for id in passage_ids))[:k]
