"""The front matter of an article's file, as people write it: YAML, but what they write as text is text."""

from __future__ import annotations

import json
import re

FIELDS = ("title", "issue", "environment", "cause", "tags", "language", "audience", "state")
"""Keys that an article has. Others are for the tools that made the file, and are left out."""

_TEXTS = frozenset({"title", "issue", "cause", "environment", "tags", "audience"})
_KEY = re.compile(r"^([A-Za-z_][\w.-]*):(?:[ \t]+(.*\S))?[ \t]*$")
_ENTRY = re.compile(r"^([ \t]*-[ \t]+)(.*\S)[ \t]*$")
_PLAIN = re.compile(r"[^\"'\[\]{}|>&*!%@`\s#]")
_SIGNS = re.compile(r"[ \t]#|:(?:[ \t]|$)")


def with_signs_kept(text: str) -> str:
    """The file with those plain values quoted in which YAML would take a sign for a mark.

    ``title: Error #17 on the till`` would end at the ``#``, ``title: Till: stuck`` would be no YAML.
    """
    lines = text.split("\n")
    key = ""
    for at in range(1, len(lines)):
        line = lines[at].rstrip("\r")
        if line.strip() in ("---", "..."):
            break
        if named := _KEY.match(line):
            key, value = named.group(1), named.group(2)
            if key in _TEXTS and value:
                lines[at] = f"{key}: {_quoted(value)}"
        elif (entry := _ENTRY.match(line)) and key in _TEXTS:
            lines[at] = f"{entry.group(1)}{_quoted(entry.group(2))}"
    return "\n".join(lines)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if _PLAIN.match(value) and _SIGNS.search(value) else value
