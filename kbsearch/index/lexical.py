"""BM25F over the documents a scope sees, with statistics of that scope only.

Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.6:
term counts of the fields are weighted and added up before they saturate. The inverse document
frequency is Lucene's, ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from kbsearch.text.words import Query

TITLE_WEIGHT, ISSUE_WEIGHT, RESOLUTION_WEIGHT = 3.0, 1.0, 1.0
_K1 = 2.0
_B = 0.75
MOST_TERMS = 64
"""A query looks up at most so many terms, the rarest: a long ticket costs no more than a short one."""

MOST_UNKNOWN = 12
"""Of words that no document has, so many count: a long ticket is full of names and typing errors."""


class TermStreams(Protocol):
    """A document's terms by field, joined by spaces, and how many they are."""

    @property
    def title(self) -> str: ...
    @property
    def issue(self) -> str: ...
    @property
    def resolution(self) -> str: ...
    @property
    def length(self) -> int: ...


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """What is looked up.

    Attributes:
        weights: term → inverse document frequency times its emphasis, at most MOST_TERMS.
        phrases: word sequences that must all be found.
        average_length: terms a document has on average, at least 1.
        identifiers: those of the terms that name one exact thing.
        unknown: summed weight of words that no document has, as if one had them.
    """

    weights: Mapping[str, float]
    phrases: tuple[tuple[str, ...], ...]
    average_length: float
    identifiers: frozenset[str]
    unknown: float

    @property
    def ceiling(self) -> float:
        """No document can score higher, had it every word of the query. 0 for a query without terms."""
        return (sum(self.weights.values()) + self.unknown) * (_K1 + 1)

    def score(self, document: TermStreams) -> float:
        """BM25F, 0 .. ceiling."""
        counts: dict[str, float] = {}
        for stream, weight in (
            (document.title, TITLE_WEIGHT),
            (document.issue, ISSUE_WEIGHT),
            (document.resolution, RESOLUTION_WEIGHT),
        ):
            for term in stream.split():
                if term in self.weights:
                    counts[term] = counts.get(term, 0.0) + weight
        damping = _K1 * (1 - _B + _B * document.length / self.average_length)
        return sum(self.weights[term] * count * (_K1 + 1) / (count + damping) for term, count in counts.items())

    def identifiers_in(self, document: TermStreams) -> frozenset[str]:
        """The query's identifiers that stand in the document."""
        if not self.identifiers:
            return frozenset()
        words = set(f"{document.title} {document.issue} {document.resolution}".split())
        return self.identifiers & words


def plan(
    query: Query, documents: int, total_length: int, frequencies: Mapping[str, int], explained: Collection[str] = ()
) -> LexicalQuery:
    """Choose what to look up.

    Args:
        query: terms and phrases of the query; terms may include readings of transliterated words.
        documents: how many documents the scope sees.
        total_length: how many terms they have together.
        frequencies: term → number of documents with it; terms not in it are left out.
        explained: terms that are found in another form, so that they don't count as unknown.
    """
    weights = {
        term: query.emphasis.get(term, 1.0)
        * math.log(1 + (documents - frequencies[term] + 0.5) / (frequencies[term] + 0.5))
        for term in query.terms
        if 0 < frequencies.get(term, 0) <= documents
    }
    unknown = [term for term in query.terms if term not in weights and term not in explained]
    rarest = sorted(weights, key=lambda term: -weights[term])[:MOST_TERMS]
    return LexicalQuery(
        weights={term: weights[term] for term in rarest},
        phrases=query.phrases,
        average_length=max(1.0, total_length / max(1, documents)),
        identifiers=query.identifiers & set(rarest),
        unknown=sum(query.emphasis.get(term, 1.0) for term in unknown[:MOST_UNKNOWN])
        * math.log(1 + (documents + 0.5) / 0.5),
    )
