"""The language of a question and of results: its own language first, others are named."""

from __future__ import annotations

from dataclasses import replace

from kbsearch.model import Solution, Verdict
from kbsearch.text.language import primary, same_language

_OWN_LANGUAGE = 0.02
"""What a document in the language of the question gains: it passes those about as relevant, and no better ones."""

_SAID = {"en": " It is written in {language}.", "bg": " Написано е на {language}."}
_LANGUAGES = {
    "en": {
        "bg": "Bulgarian", "cs": "Czech", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
        "fr": "French", "hu": "Hungarian", "it": "Italian", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese",
        "ro": "Romanian", "ru": "Russian", "sr": "Serbian", "tr": "Turkish", "uk": "Ukrainian",
    },
    "bg": {
        "bg": "български", "cs": "чешки", "de": "немски", "el": "гръцки", "en": "английски", "es": "испански",
        "fr": "френски", "hu": "унгарски", "it": "италиански", "nl": "нидерландски", "pl": "полски",
        "pt": "португалски", "ro": "румънски", "ru": "руски", "sr": "сръбски", "tr": "турски", "uk": "украински",
    },
}  # fmt: skip


def in_own_language(relevance: float, language: str | None, asked: str) -> float:
    """A document's relevance with its language counted in. A document of unknown language gains nothing."""
    return relevance + _OWN_LANGUAGE if same_language(language, asked) else relevance


def with_language(verdict: Verdict, best: Solution | None, asked: str) -> Verdict:
    """The verdict, its reason naming the language of the best solution where that is not the question's."""
    if best is None or best.language is None or same_language(best.language, asked):
        return verdict
    said = _SAID.get(primary(asked), _SAID["en"])
    return replace(verdict, reason=verdict.reason + said.format(language=language_name(best.language, asked)))


def language_name(code: str, language: str) -> str:
    """The name of a language in another, Bulgarian or else English; its code where the name is not known."""
    names = _LANGUAGES.get(primary(language), _LANGUAGES["en"])
    return names.get(primary(code), code)
