"""The front matter of an article's file, as people write it: YAML, but what they write as text is text.

Keys that no article has are kept as its metadata.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import count
from typing import Any, cast

import yaml

FIELDS = ("title", "issue", "environment", "cause", "tags", "language", "audience", "state")
"""Keys that an article has."""

MOST_VALUES = 10_000
"""Of a front matter, with those in lists and mappings: YAML can name one value again and again."""

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


def as_json(metadata: Mapping[Any, Any]) -> dict[str, Any]:
    """What YAML read, as JSON values: dates and all else that JSON does not have as texts.

    Raises ValueError for more than MOST_VALUES values.
    """
    return cast("dict[str, Any]", _json(metadata, count(1)))


def _json(value: Any, numbers: Iterator[int]) -> Any:
    if next(numbers) > MOST_VALUES:
        raise ValueError(f"it has more than {MOST_VALUES} values")
    if isinstance(value, Mapping):
        entries = cast("Mapping[Any, Any]", value)
        return {_name(key): _json(one, numbers) for key, one in entries.items()}
    if isinstance(value, list | tuple | set):
        return [_json(one, numbers) for one in cast("Iterable[Any]", value)]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _name(key: Any) -> str:
    """A key as it was written: YAML takes ``on`` and ``yes`` for truths, ``404`` for a number."""
    return key if isinstance(key, str) else str(_json(key, count(1))).lower()
