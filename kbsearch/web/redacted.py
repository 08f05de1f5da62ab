"""What redaction takes out, in words and marked in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

from kbsearch.text.redaction import Kind
from kbsearch.web.controls import with_visible_overrides

_PLACEHOLDER = re.compile(f"(<(?:{'|'.join(kind.upper() for kind in Kind)})>)")


def in_words(redacted: Mapping[str, int]) -> list[tuple[str, int]]:
    """(kind, how many); the template has the words."""
    return sorted(redacted.items())


def with_marks(texts: Iterable[str | None]) -> list[Markup]:
    """The texts from which something is taken out, with marks where it stood."""
    return [_marked(text) for text in texts if text and _PLACEHOLDER.search(text)]


def _marked(text: str) -> Markup:
    parts = _PLACEHOLDER.split(with_visible_overrides(text))
    marked = [Markup("<mark>{}</mark>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)]
    return Markup("").join(marked)
