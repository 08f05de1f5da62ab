"""What speaks for each solution, as a row of numbers.

A solution is spoken for by its own document (an article) and by the resolved tickets that it solved, which vote for it
(nearest neighbours, weighted by similarity). Numbers that need a map (ranking.residual_map) say what it adds to the
bare ones, so they are 0 where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kbsearch.model import ArticleState, SolutionRef, Standing
from kbsearch.ranking.fusion import Signals

Features = NDArray[np.float64]

FEATURES = (
    "relevance",  # of its own document: fused, see fusion
    "nearest",  # highest cosine of a passage of its own
    "mapped",  # what the map adds to that
    "votes",  # log share of the votes of tickets with similar meaning
    "mapped_votes",  # what the map adds to that
    "lexical_votes",  # log share of the votes of tickets with similar words
    "nearest_ticket",  # highest cosine of the issue of a ticket that it solved
    "mapped_ticket",  # what the map adds to that
    "lexical_ticket",  # highest lexical share of such a ticket
    "recent",  # log of how many of the latest tickets it solved
    "latest",  # log of how many of the very latest
    "freshness",  # log of the share of its tickets that are recent
    "used",  # 1 if it solved any
    "rank",  # reciprocal rank by relevance
    "lexical_rank",  # reciprocal rank by words alone
    "vote_rank",  # reciprocal rank by votes
    "fix",  # 1 if no article describes it
    "success",  # how likely it works by what was reported, less what is expected of an untried one
    "validated",  # 1 if validated
)
FIXED = {"success": 2.0, "validated": 0.05}
"""Weights that are set, not fitted: judged collections know of no failures. A solution that always failed loses 1.3."""

_NEIGHBOURS = 50
_TEMPERATURE = 0.05
_LEAST_VOTE = 0.01
_RANK_OFFSET = 5  # 1 / (5 + rank): the first few places differ, the hundredth is as good as the two hundredth
_UNRELATED = 0.1  # cosine of a ticket that has nothing to do with the question
_PRIOR_SOLVED, _PRIOR_FAILED = 2.0, 1.0
_HELPED, _UNFIT = 0.5, 0.25
"""What "helpful" counts beside "solved", and "did not fit" beside "wrong"."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that speaks for a solution. ``key`` is the caller's handle on it; a ticket votes."""

    solution: SolutionRef
    key: int
    relevance: float
    signals: Signals
    is_ticket: bool = False


def features(
    candidates: Sequence[Candidate], standings: Mapping[SolutionRef, Standing]
) -> tuple[list[SolutionRef], Features]:
    """The solutions of the candidates, by tenant and id, with a row of FEATURES each; unknown ones are dropped."""
    known = [one for one in candidates if one.solution in standings]
    refs = sorted({one.solution for one in known}, key=lambda ref: (ref.tenant, ref.id))
    place = {ref: number for number, ref in enumerate(refs)}
    count = len(refs)
    of = np.array([place[one.solution] for one in known], np.int64)
    votes = np.array([one.is_ticket for one in known], np.bool_)
    seen = np.array([_numbers(one) for one in known], np.float64).reshape(len(known), 6)
    own = ~votes
    own |= np.bincount(of[own], minlength=count)[of] == 0  # a fix that no article describes is its tickets

    def highest(column: int, some: NDArray[np.bool_], otherwise: float) -> NDArray[np.float64]:
        found = np.full(count, otherwise)
        np.maximum.at(found, of[some], seen[some, column])
        return found

    def voted(column: int) -> NDArray[np.float64]:
        return np.log((_shares(seen[votes, column], of[votes], count) + _LEAST_VOTE) / _LEAST_VOTE)

    relevance, nearest = highest(0, own, 0.0), highest(1, own, 0.0)
    by_meaning, near_ticket = voted(3), highest(3, votes, _UNRELATED)
    records = [standings[ref] for ref in refs]
    tickets = np.array([one.solved for one in records], np.float64)
    recent = np.log1p([one.recent for one in records])
    columns = {
        "relevance": relevance,
        "nearest": nearest,
        "mapped": highest(2, own, 0.0) - nearest,
        "votes": by_meaning,
        "mapped_votes": voted(4) - by_meaning,
        "lexical_votes": voted(5),
        "nearest_ticket": near_ticket,
        "mapped_ticket": highest(4, votes, _UNRELATED) - near_ticket,
        "lexical_ticket": highest(5, votes, 0.0),
        "recent": recent,
        "latest": np.log1p([one.latest for one in records]),
        "freshness": recent - np.log1p(tickets),
        "used": (tickets > 0).astype(np.float64),
        "rank": _reciprocal_ranks(relevance),
        "lexical_rank": _reciprocal_ranks(highest(5, own, 0.0)),
        "vote_rank": np.where(by_meaning > 0, _reciprocal_ranks(by_meaning), 0.0),
        "fix": np.bincount(of[~votes], minlength=count) == 0,
        "success": [success_rate(one) - _PRIOR_SOLVED / (_PRIOR_SOLVED + _PRIOR_FAILED) for one in records],
        "validated": [one.state == ArticleState.VALIDATED for one in records],
    }
    table: Features = np.array([columns[name] for name in FEATURES], np.float64).T.reshape(count, len(FEATURES))
    return refs, table


def success_rate(standing: Standing) -> float:
    """How likely the solution works, 0 .. 1: the mean of a Beta distribution with a prior of two in three.

    The prior keeps a few reports from burying or crowning a solution. A ticket counts as much as an agent's word.
    """
    worked = standing.solved + standing.agents_solved + _HELPED * standing.agents_helpful + _PRIOR_SOLVED
    failed = standing.failed + standing.agents_failed + _UNFIT * standing.agents_unfit + _PRIOR_FAILED
    return worked / (worked + failed)


def _numbers(one: Candidate) -> tuple[float, float, float, float, float, float]:
    signals = one.signals
    return (
        one.relevance, signals.nearest, signals.mapped, signals.issue, signals.mapped_issue, signals.lexical
    )  # fmt: skip


def _shares(values: NDArray[np.float64], of: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Each solution's share of the votes of the nearest tickets, by a softmax over their values."""
    if not len(values):
        return np.zeros(count)
    least = (
        np.partition(values, len(values) - _NEIGHBOURS)[len(values) - _NEIGHBOURS]
        if len(values) > _NEIGHBOURS
        else -np.inf
    )
    weights = np.where(values >= least, np.exp((values - values.max()) / _TEMPERATURE), 0.0)
    shares: NDArray[np.float64] = np.bincount(of, weights / weights.sum(), count).astype(np.float64)
    return shares


def _reciprocal_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (5 + how many are higher)."""
    higher = len(values) - np.searchsorted(np.sort(values), values, "right")
    return 1 / (_RANK_OFFSET + higher)
