"""Words of the trade: „впн“ is VPN, „аутлук“ is Outlook, BSOD is a blue screen (trade_words.txt)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from kbsearch.text.words import lemma, normalise, terms


def named(word: str) -> str | None:
    """The product or term that a typed word means, None if it is not a known term."""
    return _names().get(word) or _names().get(lemma(word))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for line in Path(__file__).with_name("trade_words.txt").read_text("utf-8").splitlines():
        name, _, typed = line.partition(": ")
        if line.startswith("#") or not typed:
            continue
        for one in typed.split(", "):
            if " " not in one:
                names[normalise(one)] = names[terms(one)[0]] = name
    return names
