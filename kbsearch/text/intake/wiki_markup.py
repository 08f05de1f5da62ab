"""Jira's wiki markup in a text: its macros, headings, links and pictures as Markdown.

``*bold*`` and lists are the same in both, and stay.
"""

from __future__ import annotations

import re

_MACRO = re.compile(
    r"\{(?:colou?r|panel|quote|info|tip|note|warning|expand|anchor|section|column)(?::[^{}\n]{0,200})?\}"
)
_CODE = re.compile(r"\n?[ \t]*\{(?:code|noformat)(?::[^{}\n]{0,100})?\}[ \t]*\n?")
_MONOSPACED = re.compile(r"\{\{([^{}\n]{1,300})\}\}")
_HEADING = re.compile(r"^h([1-6])\.[ \t]+", re.MULTILINE)
_PICTURE = re.compile(r"(?<![\w!])![^\s!|]{1,200}\.(?:png|jpe?g|gif|bmp|svg|webp)(?:\|[^!\n]{0,100})?!", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]|\n]{1,200})\|((?:https?|mailto|file):[^\s\[\]|]{1,500})(?:\|[^\[\]\n]{0,50})?\]")


def without_wiki_markup(text: str) -> str:
    """The text with Jira's markup as Markdown. The result read again is the same."""
    if "{" in text:
        text = _MACRO.sub("", text)
        if len(_CODE.findall(text)) > 1:
            text = _CODE.sub("\n```\n", text).lstrip("\n")
        text = _MONOSPACED.sub(r"`\1`", text)
    if "!" in text:
        text = _PICTURE.sub("", text)
    if "|" in text:
        text = _LINK.sub(r"[\1](\2)", text)
    return _HEADING.sub(lambda found: f"{'#' * int(found[1])} ", text) if "h" in text else text
