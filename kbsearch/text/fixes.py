"""Judging a resolution's text: is it of use to the next agent, is it the same fix as another?"""

from __future__ import annotations

import hashlib

from kbsearch.text.words import lemma, surface

# What engineers write to close a ticket when they write nothing, and the words around it.
_EMPTY_WORDS = frozenset(
    lemma(word)
    for word in [
        "done",
        "fixed",
        "resolved",
        "solved",
        "closed",
        "ok",
        "okay",
        "works",
        "working",
        "now",
        "all",
        "good",
        "thanks",
        "thank",
        "you",
        "user",
        "issue",
        "problem",
        "ticket",
        "the",
        "is",
        "it",
        "was",
        "been",
        "has",
        "have",
        "again",
        "fine",
        "completed",
        "complete",
        "helped",
        "confirmed",
        "by",
        "by",
        "with",
        "per",
        "phone",
        "and",
        "to",
        "a",
        "of",
        "on",
        "in",
        "as",
        "requested",
        "called",
        "готово",
        "оправено",
        "решено",
        "решен",
        "затворено",
        "затворен",
        "ок",
        "работи",
        "вече",
        "всичко",
        "е",
        "наред",
        "благодаря",
        "потребител",
        "потребителят",
        "проблем",
        "проблема",
        "проблемът",
        "беше",
        "бе",
        "отстранен",
        "отстранено",
        "тикет",
        "тикета",
        "заявка",
        "заявката",
        "изпълнено",
        "изпълнена",
        "по",
        "на",
        "с",
        "от",
        "за",
        "и",
        "се",
        "телефон",
        "телефона",
        "потвърди",
    ]
)
_FEWEST_WORDS = 3


def is_thin(resolution: str) -> bool:
    """Whether a resolution tells nobody what to do: fewer than three words beyond "done", "fixed", "оправено"."""
    telling = {lemma(word) for word in surface(resolution)} - _EMPTY_WORDS
    return len(telling) < _FEWEST_WORDS


def fix_digest(resolution: str) -> bytes:
    """16 bytes that two resolutions share when they differ in case, white space and punctuation only."""
    return hashlib.blake2b(" ".join(surface(resolution)).encode(), digest_size=16).digest()
