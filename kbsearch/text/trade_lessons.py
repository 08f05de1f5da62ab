"""Words of a desk's trade that its tickets teach: what people write instead of a product's name.

Such a word stands in no dictionary and in no article; nearly all tickets with it were solved by articles that name the
product; and who writes it does not write the name, which others write. A word that only goes along with a product, such
as that of a department, fails the last test: its tickets name the product as often as others do.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_LEAST_TICKETS = 5
_LEAST_SOLUTIONS = 2
_LEAST_SHARE = 0.8
_LEAST_OTHERS, _OTHERS_NAME_IT, _MOST_NAMED = 5, 0.3, 0.5
_CHANCE = 0.001
"""So likely any word at all may be learned by chance."""


@dataclass(frozen=True, slots=True)
class Told:
    """A solved ticket.

    Attributes:
        words: what may be a word of the trade, in it.
        written: all its words, casefolded.
        names: product names of the article that solved it, casefolded.
        solution: identifies that article.
    """

    words: frozenset[str]
    written: frozenset[str]
    names: frozenset[str]
    solution: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """A word, the name that is meant (casefolded), and the numbers of the tickets that teach it."""

    word: str
    name: str
    tickets: tuple[int, ...]


def lessons(told: Sequence[Told]) -> list[Lesson]:
    """What the tickets teach, the best supported first."""
    by_word, by_name = _places(one.words for one in told), _places(one.names for one in told)
    common = {word: at for word, at in by_word.items() if len(at) >= _LEAST_TICKETS}
    found: list[tuple[float, Lesson]] = []
    for word, at in common.items():
        counts = Counter(name for one in at for name in told[one].names)
        chances = {
            name: _tail(count, len(at), len(by_name[name]) / len(told))
            for name, count in counts.items()
            if count >= _LEAST_SHARE * len(at) and _stands_for(word, name, told, by_name[name])
        }
        if chances:
            name = min(chances, key=lambda one: (chances[one], len(by_name[one]), one))
            if chances[name] * len(common) * len(by_name) <= _CHANCE:
                found.append((chances[name], Lesson(word, name, tuple(at))))
    return [lesson for _, lesson in sorted(found, key=lambda one: (one[0], one[1].word))]


def _places(sets: Iterable[frozenset[str]]) -> Mapping[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, words in enumerate(sets):
        for word in words:
            places[word].append(at)
    return places


def _stands_for(word: str, name: str, told: Sequence[Told], of_name: Sequence[int]) -> bool:
    """Whether the word stands where others write the name, in tickets of several of its articles."""
    with_word = [told[at] for at in of_name if word in told[at].words]
    others = [told[at] for at in of_name if word not in told[at].words]
    if len({one.solution for one in with_word}) < _LEAST_SOLUTIONS or len(others) < _LEAST_OTHERS:
        return False
    named, named_by_others = (sum(name in one.written for one in some) / len(some) for some in (with_word, others))
    return named_by_others >= _OTHERS_NAME_IT and named <= _MOST_NAMED * named_by_others


def _tail(count: int, tickets: int, share: float) -> float:
    """How likely at least ``count`` of so many tickets name what this share of all tickets names (binomial)."""
    return sum(
        math.comb(tickets, some) * share**some * (1 - share) ** (tickets - some) for some in range(count, tickets + 1)
    )
