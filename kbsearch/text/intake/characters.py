"""Characters that nobody sees: they are taken out, also inside words and codes."""

from __future__ import annotations

import re

_SPACES = "\u00a0\u2007\u202f"  # no-break spaces
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0"
    "\ufff9\ufffa\ufffb\ufffc"
)
_CHANGED = re.compile(f"[{_SPACES}{_INVISIBLE}\u2028\u2029\r\U000e0000-\U000e007f]")
_EMOJI_JOINED = re.compile(
    "(?<=[\u2600-\u27bf\ufe0f\U0001f300-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f300-\U0001faff])"
)
_JOINED = "\ue000"  # a private character that stands for the joiner of an emoji meanwhile


def visible(text: str) -> str:
    """The text without zero-width characters, soft hyphens and bidirectional controls.

    No-break spaces become spaces; every kind of line end becomes a line feed.
    """
    if text.isascii() and "\r" not in text:
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\u200d" in text and _JOINED not in text:
        return _CHANGED.sub(_seen, _EMOJI_JOINED.sub(_JOINED, text)).replace(_JOINED, "\u200d")
    return _CHANGED.sub(_seen, text)


def _seen(found: re.Match[str]) -> str:
    character = found.group()
    if character in _SPACES:
        return " "
    return "\n" if character in "\u2028\u2029" else ""
