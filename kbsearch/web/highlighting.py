"""The words of a passage that matched, marked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from kbsearch.web.controls import with_visible_overrides


def highlighted(text: str, terms: Sequence[str]) -> Markup:
    """The text with each whole word that is one of the terms in ``mark``. Everything else is escaped."""
    text = with_visible_overrides(text)
    wanted = [re.escape(with_visible_overrides(term)) for term in sorted(terms, key=len, reverse=True) if term]
    if not wanted:
        return escape(text)
    parts = re.split(rf"(?<!\w)({'|'.join(wanted)})(?!\w)", text)
    marked = [Markup("<mark>{}</mark>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)]
    return Markup("").join(marked)
