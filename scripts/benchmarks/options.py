"""How a benchmark is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """Sizes and places.

    Attributes:
        seed: of every draw.
        quick: tiny sizes, to see that the scripts work: the figures mean little.
        keep: what takes long to make is kept here and used again.
        out: where the results are.
        largest: of the sizes, no more passages than this.
    """

    seed: int
    quick: bool
    keep: Path
    out: Path
    largest: int = 10_000_000

    def size(self, full: int, quick: int) -> int:
        """How many of something."""
        return quick if self.quick else full

    def kept(self, name: str) -> Path:
        """A folder for ``name``, made if missing. What a quick run made is not used by a full one."""
        folder = self.keep / f"{name}{'-quick' if self.quick else ''}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder
