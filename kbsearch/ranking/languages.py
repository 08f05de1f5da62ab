"""Hits in the language of the question first, others not lost."""

from __future__ import annotations

from kbsearch.text.language import same_language

_OWN_LANGUAGE = 0.02
"""What a document in the language of the question gains: it passes those about as relevant, and no better ones."""


def in_own_language(relevance: float, language: str | None, asked: str) -> float:
    """A document's relevance with its language counted in. A document of unknown language gains nothing."""
    return relevance + _OWN_LANGUAGE if same_language(language, asked) else relevance
