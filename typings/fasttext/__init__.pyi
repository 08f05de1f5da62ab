"""The part that kbsearch uses."""

from collections.abc import Sequence
from typing import Protocol

class _Model(Protocol):
    def predict(self, text: str, k: int = 1, threshold: float = 0.0) -> tuple[Sequence[str], Sequence[float]]: ...

def load_model(path: str) -> _Model: ...
