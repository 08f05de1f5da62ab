"""BM25F: what a query looks up, and how much a term brings. What every word index shares.

Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.6:
term counts of the fields are weighted and added up before they saturate. The inverse document
frequency is Lucene's, ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kbsearch.text.words import Query

_K1 = 2.0
_B = 0.75
MOST_TERMS = 64
"""A query looks up at most so many terms, the rarest: a long ticket costs no more than a short one."""

MOST_UNKNOWN = 12
"""Of words that no document has, so many count: a long ticket is full of names and typing errors."""


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

    @property
    def coverage(self) -> float:
        """How much of the query's weight is in words that some document has, 0 .. 1; 1 for a query without terms."""
        known = sum(self.weights.values())
        return known / (known + self.unknown) if known + self.unknown else 1.0


@dataclass(frozen=True, slots=True)
class LexicalMatch:
    """How a document matches: BM25F, 0 .. ceiling, and how many of the query's identifiers stand in it."""

    score: float
    identifiers: int


def weights(query: LexicalQuery, terms: Collection[str]) -> NDArray[np.float64]:
    """What each term would bring to a document that had it without end, in the order of the terms."""
    return np.array([query.weights[term] for term in terms], np.float64) * (_K1 + 1)


def saturated(
    weights: NDArray[np.float64],
    counts: NDArray[np.uint8],
    lengths: NDArray[np.unsignedinteger[Any]],
    average_length: float,
) -> NDArray[np.float64]:
    """What terms bring to documents, by their weighted counts in them and the documents' lengths; shapes broadcast."""
    count = counts.astype(np.float64)
    return weights * count / (count + _K1 * (1 - _B) + (_K1 * _B / average_length) * lengths)


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
