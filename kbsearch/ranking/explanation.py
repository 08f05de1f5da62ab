"""Why a solution matched: the passages to show, and the words in them that carried its score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kbsearch.model import Field, Match
from kbsearch.text.words import terms, words_found

_TERMS_SHOWN = 8
_CARRIED = 0.9
"""Words count as having carried a score that together bring this share of it, the strongest first."""

_ENOUGH = 0.5
"""A passage whose words bring less than this share of what all shown words bring does not explain the score alone."""

_SHOWN_CHARACTERS = 320


def matches(
    title: str, passages: Sequence[tuple[Field, str]], nearest: int | None, contributions: Mapping[str, float]
) -> tuple[Match, ...]:
    """What to show of a document that matched, the likeliest reason first.

    The passage nearest in meaning; where its words and the title's explain less than half of the score, the passage
    whose words explain most as well; the title, where words of it stand in neither.

    Args:
        title: of the solution.
        passages: (field, text) of the document, in reading order.
        nearest: the place of the passage nearest in meaning; None where nothing is known of it.
        contributions: term → what it brought to the document's score.
    """
    carried = telling(contributions)
    total = sum(carried.values())
    in_title = _present(title, carried)
    chosen = [] if nearest is None else [nearest]
    covered = {term for place in chosen for term in _present(passages[place][1], carried)}
    if passages and (not chosen or sum(carried[term] for term in covered | in_title) < _ENOUGH * total):
        left = {term: weight for term, weight in carried.items() if term not in covered}
        gains = [sum(left[term] for term in _present(text, left)) for _, text in passages]
        best = max(range(len(passages)), key=lambda place: gains[place])
        if best not in chosen and (gains[best] > 0 or not chosen):
            chosen.append(best)
            covered |= _present(passages[best][1], carried)
    found = [_match(*passages[place], carried) for place in chosen]
    if in_title - covered:
        found.append(Match(Field.TITLE, title, _words(title, carried)))
    return tuple(found)


def telling(contributions: Mapping[str, float]) -> dict[str, float]:
    """The terms with the largest contributions to a score, the largest first; at most eight."""
    total = sum(contributions.values())
    kept: dict[str, float] = {}
    for term, weight in sorted(contributions.items(), key=lambda one: (-one[1], one[0]))[:_TERMS_SHOWN]:
        if sum(kept.values()) >= _CARRIED * total:
            break
        kept[term] = weight
    return kept


def shorten(text: str, characters: int = _SHOWN_CHARACTERS) -> str:
    """A text of at most so many characters, cut between words and marked where it was."""
    text = " ".join(text.split())
    if len(text) <= characters:
        return text
    return text[: characters - 2].rsplit(" ", 1)[0] + " …"


def _match(field: Field, text: str, carried: Mapping[str, float]) -> Match:
    """The part of a passage with the strongest word in it, and the words there."""
    shown = shorten(_from_strongest(text, carried))
    return Match(field, shown, _words(shown, carried))


def _from_strongest(text: str, carried: Mapping[str, float]) -> str:
    """The text, or where its strongest word comes too late to be shown, from the sentence that has it."""
    text = " ".join(text.split())
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    words = _words(text, carried)
    if not words or words[0] in shorten(text):
        return text
    start = text.rfind(". ", 0, text.find(words[0])) + 2
    at = text.find(words[0])
    if start < 2 or at - start > _SHOWN_CHARACTERS // 2:
        start = text.rfind(" ", 0, max(1, at - _SHOWN_CHARACTERS // 4)) + 1
    return text if start <= 0 else f"… {text[start:]}"


def _present(text: str, carried: Mapping[str, float]) -> set[str]:
    return carried.keys() & set(terms(text))


def _words(text: str, carried: Mapping[str, float]) -> tuple[str, ...]:
    """One word of the text, as written there, for each term that carried, the strongest first."""
    by_term: dict[str, str] = {}
    for word in words_found(text, frozenset(carried)):
        for term in terms(word):
            if term in carried:
                by_term.setdefault(term, word)
    return tuple(dict.fromkeys(by_term[term] for term in carried if term in by_term))
