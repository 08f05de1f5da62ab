"""The weights of the ranking and of its confidence: shipped with the package, or fitted to a desk's history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kbsearch.ranking.signals import FEATURES

LIST_FACTS = (
    "peak",  # log share of the best solution
    "lead",  # its share less the second one's
    "first_three",  # share of the first three
    "spread",  # entropy of the shares
    "relevance",  # highest of the first three
    "nearest",  # the same
    "mapped",
    "nearest_ticket",
    "lexical_ticket",
    "votes",
    "used",  # of the best
    "coverage",  # see Familiarity
    "known_nearest",  # the highest of nearest and nearest_ticket, whichever solution it is
    "known_mapped",  # the highest of mapped, likewise
    "votes_ahead",  # highest less second highest of votes
    "words_ahead",  # the same of lexical_votes
    "agreement",  # how many kinds of evidence have the best solution alone in front, 0 .. 7
    "on_topic",  # 1 for a question of the knowledge base's world, 0 for one of another, by where it lies
    "experience",  # what the tickets behind the list count, 0 .. 1; see signals
    "stated",  # how far the question and a title or statement are the same, squared
    "undocumented",  # 1 if no article describes the best solution
    "own_ranks",  # of the best solution, by relevance and by words: the reciprocal ranks summed
)


@dataclass(frozen=True, slots=True)
class Familiarity:
    """How much of a question's world a knowledge base knows, whatever the single solutions are worth.

    Attributes:
        coverage: share of the question's weight that is in words which some document has, 0 .. 1.
        typical: how far it lies towards the middle of all passages, 0 .. 1; a passage does so by 1 on average.
    """

    coverage: float = 1.0
    typical: float = 1.0


FAMILIAR = Familiarity()
"""With a question of which nothing is strange."""


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """A linear score for each solution, and a logistic regression for whether the answer is among the first five.

    Attributes:
        ranking: FEATURES → weight.
        confidence: LIST_FACTS → weight.
        intercept: of the regression.
        sharpness: how much surer the shares of the list are than the scores say.
    """

    ranking: Mapping[str, float]
    confidence: Mapping[str, float]
    intercept: float
    sharpness: float

    def ranking_vector(self) -> NDArray[np.float64]:
        return np.array([self.ranking.get(name, 0.0) for name in FEATURES])

    def confidence_vector(self) -> NDArray[np.float64]:
        return np.array([self.confidence.get(name, 0.0) for name in LIST_FACTS])

    def to_json(self) -> str:
        content = {
            "ranking": dict(self.ranking),
            "confidence": dict(self.confidence),
            "intercept": self.intercept,
            "sharpness": self.sharpness,
        }
        return json.dumps(content, indent=1)

    @staticmethod
    def from_json(text: str) -> RankingWeights:
        """Raises ValueError or KeyError where it is none."""
        content: dict[str, Any] = json.loads(text)
        return RankingWeights(
            content["ranking"], content["confidence"], float(content["intercept"]), float(content["sharpness"])
        )


@cache
def shipped() -> RankingWeights:
    """What ``python -m scripts.measure.fit_ranking`` fitted to public collections."""
    return RankingWeights.from_json(resources.files("kbsearch.ranking").joinpath("weights.json").read_text("utf-8"))


def as_stored(text: str | None) -> RankingWeights:
    """A desk's weights from the JSON that was stored for it, the shipped ones for None.

    A confidence that an earlier version learned over other facts is replaced by the shipped one.
    """
    if text is None:
        return shipped()
    weights = RankingWeights.from_json(text)
    if set(weights.confidence) == set[str](LIST_FACTS):
        return weights
    return replace(shipped(), ranking=weights.ranking)
