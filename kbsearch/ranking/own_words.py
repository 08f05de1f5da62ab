"""How far a question is put in a document's own words: its title and the statement of its issue nearest in meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kbsearch.text.pleasantries import FUNCTION_WORDS
from kbsearch.text.words import terms

_LONGEST = 400
"""Characters of a title or statement that are read: a longer text is no statement of an issue."""


class OwnWords(NamedTuple):
    """Both 0 .. 1, by the weight of the words.

    Attributes:
        covered: share of the question that stands in the title or the statement.
        stated: share that the question and one of the two have in common, of whichever says more; 1 for the same words.
    """

    covered: float = 0.0
    stated: float = 0.0


UNLIKE = OwnWords()
"""Nothing in common."""


class Question:
    """The words of a question, as its first line and as a whole.

    Args:
        text: the question as it is looked up; its first line is the subject.
        weights: term → how much it tells; a term that is not named tells as much as the most telling one.
    """

    def __init__(self, text: str, weights: Mapping[str, float]) -> None:
        self._weights = weights
        self._unknown = max(weights.values(), default=1.0)
        subject = text.partition("\n")[0]
        ways = (_telling(one) for one in dict.fromkeys((subject, text)))
        self._ways = [(words, self._weight(words)) for words in ways if words]

    def compare(self, title: str, statement: str) -> OwnWords:
        """With a title and a statement, either of which may be empty."""
        own = [words for one in (title, statement) if (words := _telling(one[:_LONGEST]))]
        weighed = [(words, self._weight(words)) for words in own]
        all_of_it = frozenset[str]().union(*own)
        covered = stated = 0.0
        for asked, total in self._ways:
            covered = max(covered, self._weight(asked & all_of_it) / total)
            for words, weight in weighed:
                stated = max(stated, self._weight(asked & words) / max(total, weight))
        return OwnWords(covered, stated)

    def _weight(self, words: frozenset[str]) -> float:
        return sum(self._weights.get(word, self._unknown) for word in sorted(words))


def _telling(text: str) -> frozenset[str]:
    return frozenset(terms(text)) - FUNCTION_WORDS
