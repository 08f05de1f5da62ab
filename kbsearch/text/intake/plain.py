"""Texts as they are stored and shown: without HTML, wiki markup, inline pictures and invisible characters."""

from __future__ import annotations

from kbsearch.text.intake.attachments import without_attachments
from kbsearch.text.intake.characters import visible
from kbsearch.text.intake.markup import without_markup
from kbsearch.text.intake.wiki_markup import without_wiki_markup


def plain_text(text: str) -> str:
    """Plain text and Markdown stay as they are. The result read again is the same."""
    return without_attachments(without_wiki_markup(without_markup(visible(text))))


def plain_line(text: str) -> str:
    """As plain_text(), in one line: a subject or a title. The text itself where nothing would be left."""
    plain = plain_text(text)
    if plain == text and "\n" not in text:
        return text
    return " ".join(plain.split()) or " ".join(visible(text).split()) or text
