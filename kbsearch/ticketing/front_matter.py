"""The front matter of an article's file, as people write it: YAML, but what they write as text is text.

Keys that no article has are kept as its metadata.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

import yaml

FIELDS = ("title", "issue", "environment", "cause", "tags", "language", "audience", "state")
"""Keys that an article has."""

MOST_VALUES = 10_000
"""Of a front matter, with those in lists and mappings: YAML can name one value again and again."""

_DEEPEST = 50
_LONGEST_NAME = 1_000

_TEXTS = frozenset({"title", "issue", "cause", "environment", "tags", "audience"})
_SINGLE = frozenset({"title", "cause", "audience"})
_KEY = re.compile(r"^([A-Za-z_][\w.-]*):(?:[ \t]+(.*\S))?[ \t]*$")
_ENTRY = re.compile(r"^([ \t]*-[ \t]+)(.*\S)[ \t]*$")
_GOES_ON = re.compile(r"[ \t]+\S|-(?:[ \t]|$)")
_BLOCK = re.compile(r"[|>][-+0-9]*(?:[ \t]+#.*)?")
_ANCHOR, _ALIAS = re.compile(r"&(\w+)"), re.compile(r"\*(\w+)")
_SIGNS = re.compile(r"^#|[ \t]#|:(?:[ \t]|$)")


def with_signs_kept(text: str) -> str:
    """The file with those values quoted in which YAML would take a sign for a mark.

    ``title: Error #17 on the till`` would end at the ``#``; ``title: Till: stuck`` and ``title: [BUG] no sound`` would
    be no YAML. Of keys that no article has, ``#`` begins a comment, as YAML says. What goes on in the next line is
    left.
    """
    lines = text.split("\n")
    anchors = frozenset(_ANCHOR.findall(text))
    key = ""
    for at in range(1, len(lines)):
        line = lines[at].rstrip("\r")
        if line.strip() in ("---", "..."):
            break
        if named := _KEY.match(line):
            key, value = named.group(1), named.group(2)
            goes_on = at + 1 < len(lines) and _GOES_ON.match(lines[at + 1]) is not None
            if value and key not in _KEPT and not goes_on and not _is_meant(key, value, anchors):
                lines[at] = f"{key}: {json.dumps(value, ensure_ascii=False)}"
        elif (entry := _ENTRY.match(line)) and key in _TEXTS and not _is_meant("", entry.group(2), anchors):
            lines[at] = f"{entry.group(1)}{json.dumps(entry.group(2), ensure_ascii=False)}"
    return "\n".join(lines)


_KEPT = frozenset(FIELDS) - _TEXTS


def _is_meant(key: str, value: str, anchors: frozenset[str]) -> bool:
    """Whether YAML reads a value, without the lines that follow, as who wrote it means it.

    ``key`` is empty for an entry of a list of texts; ``anchors`` are what aliases may refer to.
    """
    if _BLOCK.fullmatch(value) or not anchors.isdisjoint(_ALIAS.findall(value)):
        return True
    try:
        read = yaml.safe_load(value)
    except (yaml.YAMLError, ValueError, RecursionError):
        return False  # no YAML, or no date, such as 2026-13-45
    if value[0] in "\"'":
        return True
    if key and key not in _TEXTS:
        return not isinstance(read, dict) or value[0] == "{"
    if not key or key in _SINGLE:
        return not isinstance(read, list | dict | bool | None) and not _SIGNS.search(value)
    return isinstance(read, list) or not _SIGNS.search(value)


def as_json(metadata: Mapping[Any, Any], most_characters: int) -> dict[str, Any]:
    """What YAML read, as JSON values: dates and all else that JSON does not have as texts.

    Raises ValueError for more than MOST_VALUES values or ``most_characters``, which aliases make of a few, and for a
    number that Python does not write.
    """
    return cast("dict[str, Any]", _Json(MOST_VALUES, most_characters).of(metadata))


class _Json:
    """Makes JSON values, as many as there is room for."""

    def __init__(self, values: int, characters: int) -> None:
        self._values, self._characters = values, characters

    def of(self, value: Any, depth: int = 0) -> Any:
        self._values -= 1
        if self._values < 0 or depth > _DEEPEST:
            raise ValueError(f"it has more than {MOST_VALUES} values, or more than {_DEEPEST} within one another")
        if isinstance(value, Mapping):
            entries = cast("Mapping[Any, Any]", value)
            return {_name(key): self.of(one, depth + 1) for key, one in entries.items()}
        if isinstance(value, list | tuple | set):
            return [self.of(one, depth + 1) for one in cast("Iterable[Any]", value)]
        if value is None or isinstance(value, bool):
            return value
        text = value if isinstance(value, str) else value.isoformat() if isinstance(value, date) else str(value)
        self._characters -= len(text)
        if self._characters < 0:
            raise ValueError("aliases repeat its texts")
        return value if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)) else text


def _name(key: Any) -> str:
    """A key as it was written: YAML takes ``on`` and ``yes`` for truths, ``404`` for a number."""
    return key if isinstance(key, str) else str(_Json(MOST_VALUES, _LONGEST_NAME).of(key)).lower()
