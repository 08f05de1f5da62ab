"""What an article carries besides its fields: a small JSON object, kept and given back as it is."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, cast

from pydantic import AfterValidator, Field

from kbsearch.api.fields import cleaned_text

MOST_KEYS = 50
CHARACTERS = 10_000
"""Of the whole as JSON."""
_DEPTH = 5
_KEY_CHARACTERS = 200
_FIELDS = frozenset({"title", "issue", "environment", "cause", "tags", "language", "audience", "state"})
"""A file of the article has them beside its metadata."""


def _checked(value: dict[str, Any]) -> dict[str, Any]:
    if named := _FIELDS.intersection(value):
        raise ValueError(f"{min(named)} is a field of the article itself")
    if len(value) > MOST_KEYS:
        raise ValueError(f"it has more than {MOST_KEYS} keys")
    checked = cast("dict[str, Any]", _value(value, _Budget(), _DEPTH))
    if len(json.dumps(checked, ensure_ascii=False)) > CHARACTERS:
        raise ValueError(f"it has more than {CHARACTERS} characters as JSON")
    return checked


class _Budget:
    """How many values may still come: what refers to itself again and again is not written out."""

    def __init__(self) -> None:
        self._left = CHARACTERS

    def take(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ValueError(f"it has more than {CHARACTERS} characters as JSON")


def _value(value: Any, budget: _Budget, depth: int) -> Any:
    budget.take()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return cleaned_text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number must be finite")
        return value
    if depth == 0:
        raise ValueError(f"it is nested more than {_DEPTH} levels deep")
    if isinstance(value, list):
        return [_value(one, budget, depth - 1) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        entries = cast("dict[Any, Any]", value)
        return {_key(name): _value(one, budget, depth - 1) for name, one in entries.items()}
    raise ValueError("it must be JSON")


def _key(name: Any) -> str:
    if not isinstance(name, str) or not name.strip() or len(name) > _KEY_CHARACTERS:
        raise ValueError(f"a key must be a text of 1 to {_KEY_CHARACTERS} characters")
    return cleaned_text(name)


Metadata = Annotated[
    dict[str, Any],
    AfterValidator(_checked),
    Field(
        description=f"What other tools note of the article, by name: at most {MOST_KEYS} keys and {CHARACTERS}"
        " characters as JSON. It is kept and given back; nothing is found by it."
    ),
]
