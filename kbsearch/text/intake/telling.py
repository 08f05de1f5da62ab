"""Of a text that is too long for the model, the sentences that tell most."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kbsearch.text.pleasantries import EMPTY_WORDS
from kbsearch.text.words import is_identifier, terms

_SENTENCE_END = re.compile(r"(?<=[.!?…;])\s+|\n+")
_FAILURE = re.compile(
    r"(?<!\w)(?:not|no|n't|never|can't|cannot|won't|doesn't|don't|isn't|unable|fail\w*|error|exception|stop\w*"
    r"|crash\w*|lost|missing"
    r"|slow|stuck|freez\w*|broken|wrong|black|blank|denied|refus\w*|locked|expired|how (?:do|can|to)|need|want"
    r"|instead"
    r"|не|няма|грешк\w*|спря\w*|спира|бавн\w*|липсва\w*|забива\w*|блокира\w*|счупен\w*|отказ\w*|изчезна\w*"
    r"|черен|искам|трябва|как"
    r"|nicht|kein\w*|fehler|pas|ne|erreur|error|non|errore|niet|geen|fout|нет|ошибк\w*|nu|eroare)(?!\w)",
    re.IGNORECASE,
)
_LONGEST_SENTENCE = 1_500  # in characters; a longer one is a table or a log
_MOST_SENTENCES = 400  # the first and the last ones
_COSTS_BESIDE = 3  # tokens: a short sentence is not better for being short
_UNKNOWN = 0.3
_CODE, _FAILED, _FIRST = 2.0, 1.5, 1.2

Weigh = Callable[[Sequence[str]], Mapping[str, float]]
"""How much each of some terms tells, from 0; a term that is left out tells little."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    place: int
    text: str
    tokens: int
    terms: frozenset[str]
    factor: float


def telling(text: str, budget: int, count_tokens: Callable[[Sequence[str]], Sequence[int]], weigh: Weigh) -> str:
    """The sentences that tell most, in their order, at most ``budget`` tokens; always the first line, the subject.

    Those are taken first that have the most that no sentence taken before has, for their length: a passage that is
    repeated is taken once. A text without sentences that fit is cut.
    """
    sentences = _sentences(text, budget, count_tokens)
    if not sentences:
        return text[: 4 * budget]
    weights = dict(weigh(list({term for one in sentences for term in one.terms})))
    left = budget - sentences[0].tokens
    taken, said = [sentences[0]], set(sentences[0].terms)
    rest = sentences[1:]
    while rest:
        worth = {one.place: _worth(one, said, weights) for one in rest}
        best = max(rest, key=lambda one: (worth[one.place], -one.place))
        if worth[best.place] <= 0:
            break
        taken.append(best)
        said |= best.terms
        left -= best.tokens
        rest = [one for one in rest if one is not best and one.tokens <= left and worth[one.place] > 0]
    return "\n".join(one.text for one in sorted(taken, key=lambda one: one.place))


def _sentences(text: str, budget: int, count_tokens: Callable[[Sequence[str]], Sequence[int]]) -> list[_Sentence]:
    written = [one.strip() for one in _SENTENCE_END.split(text) if one.strip()]
    written = list(dict.fromkeys(one[:_LONGEST_SENTENCE] for one in written))
    if len(written) > _MOST_SENTENCES:
        written = [*written[: _MOST_SENTENCES // 2], *written[-_MOST_SENTENCES // 2 :]]
    found: list[_Sentence] = []
    for place, (one, tokens) in enumerate(zip(written, count_tokens(written), strict=True)):
        if tokens + 1 > budget // 2 and place:
            words = one.split()
            one = " ".join(words[: max(1, len(words) * budget // (2 * tokens))])
            tokens = budget // 2
        if tokens + 1 <= budget:
            found.append(_Sentence(place, one, tokens + 1, frozenset(terms(one)) - EMPTY_WORDS, _factor(one, place)))
    return found


def _factor(sentence: str, place: int) -> float:
    factor = _FIRST if place <= 1 else 1.0
    return factor * _FAILED if _FAILURE.search(sentence) else factor


def _worth(one: _Sentence, said: set[str], weights: Mapping[str, float]) -> float:
    """What is new in a sentence, for each of its tokens."""
    new = one.terms - said
    worth = sum(weights.get(term, _UNKNOWN) * (_CODE if is_identifier(term) else 1.0) for term in new)
    return worth * one.factor / (one.tokens + _COSTS_BESIDE)
