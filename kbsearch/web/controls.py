"""Characters that turn the direction of the text after them: shown, so that no fix reads otherwise than it acts."""

from __future__ import annotations

import re

# Overrides only: embeddings and isolates belong to honest Arabic and Hebrew, and every foreign text is isolated.
_OVERRIDES = re.compile("[\u202d\u202e]")
_NAMES = {"\u202d": "⟨LRO⟩", "\u202e": "⟨RLO⟩"}


def with_visible_overrides(text: str) -> str:
    """The text with a name in place of each override."""
    return _OVERRIDES.sub(lambda found: _NAMES[found[0]], text)


def without_overrides(text: str) -> str:
    """The text without overrides, and without the names that stand for them."""
    for name in _NAMES.values():
        text = text.replace(name, "")
    return _OVERRIDES.sub("", text)
