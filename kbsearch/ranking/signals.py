"""What speaks for each solution, as a row of numbers.

A solution has its own document (an article) and the resolved tickets that it solved, which vote for it (nearest
neighbours, weighted by similarity). Numbers that need a map (ranking.residual_map) say what it adds to the bare ones,
so they are 0 where there is none.

Evidence from tickets counts by how near they are and how many there are: a vote is a share of all votes and of what an
unrelated ticket would get, and what a young desk's tickets say is shrunk towards nothing (see _share_of_experience).
So a desk with little history ranks about as one with none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kbsearch.model import ArticleState, SolutionRef, Standing
from kbsearch.ranking.fusion import Signals
from kbsearch.ranking.own_words import UNLIKE, OwnWords

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
    "covered",  # how far the question stands in its own words, squared; see own_words
    "stated",  # how far the question and its title or statement are the same, squared
)
FIXED = {"success": 2.0, "validated": 0.05, "covered": 1.0, "stated": 0.5}
"""Weights that are set, not fitted: judged collections know of no failures, and their articles state no issues. A
solution that always failed loses 1.3."""

_NEIGHBOURS = 50
_TEMPERATURE = 0.05
_LEAST_VOTE = 0.01
_RANK_OFFSET = 5  # 1 / (5 + rank): the first few places differ, the hundredth is as good as the two hundredth
_UNRELATED = 0.1  # cosine of a ticket that has nothing to do with the question
_PRIOR_SOLVED, _PRIOR_FAILED = 2.0, 1.0
# A ticket this near votes as much as all that may have nothing to do with the question. By meaning: on a forum half of
# the nearest tickets of wrong solutions lie above it, on the sample knowledge one in ten (docs/measurements.md).
_BY_CHANCE, _WORDS_BY_CHANCE = 0.55, 0.15
_FAR_TO_NEAR, _FEW_TO_MANY_WORDS = (0.35, 0.55), (0.15, 0.4)
"""Below the first the nearest ticket, by meaning or by words, is about something else; from the second on it counts."""
_LIKE, _THE_SAME = 0.7, 0.9  # cosines of a ticket about the same and of one in nearly the same words
_HALF_POPULARITY, _HALF_WORDS, _HALF_VOTES = 300, 100, 30
"""With so many tickets behind the candidates what they say counts half of what it counts on a large desk."""
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
    own_words: OwnWords = UNLIKE


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
    seen = np.array([_numbers(one) for one in known], np.float64).reshape(len(known), 8)
    own = ~votes
    own |= np.bincount(of[own], minlength=count)[of] == 0  # a fix that no article describes is its tickets

    def highest(column: int, some: NDArray[np.bool_], otherwise: float) -> NDArray[np.float64]:
        found = np.full(count, otherwise)
        np.maximum.at(found, of[some], seen[some, column])
        return found

    def voted(column: int, by_chance: float) -> NDArray[np.float64]:
        shares = _shares(seen[votes, column], of[votes], count, by_chance)
        return np.log((shares + _LEAST_VOTE) / _LEAST_VOTE)

    relevance, nearest = highest(0, own, 0.0), highest(1, own, 0.0)
    by_meaning, near_ticket = voted(3, _BY_CHANCE), highest(3, votes, _UNRELATED)
    records = [standings[ref] for ref in refs]
    tickets = np.array([one.solved for one in records], np.float64)
    popular, worded, voting = (
        _share_of_experience(tickets.sum(), half) for half in (_HALF_POPULARITY, _HALF_WORDS, _HALF_VOTES)
    )
    # Tickets that have nothing to do with the question say nothing, not even how popular a solution is.
    words_of_tickets = highest(5, votes, 0.0)
    near = max(
        _ramp(near_ticket.max(initial=0.0), *_FAR_TO_NEAR),
        _ramp(words_of_tickets.max(initial=0.0), *_FEW_TO_MANY_WORDS),
    )
    popular *= near
    # However little there is: what was solved in nearly the same words says much.
    same = np.clip((near_ticket - _LIKE) / (_THE_SAME - _LIKE), 0.0, 1.0)
    worded, voting = np.maximum(worded, same), np.maximum(voting, same)
    recent = np.log1p([one.recent for one in records])
    columns = {
        "relevance": relevance,
        "nearest": nearest,
        "mapped": highest(2, own, 0.0) - nearest,
        "votes": by_meaning * near * voting,
        "mapped_votes": (voted(4, _BY_CHANCE) - by_meaning) * near * voting,
        "lexical_votes": voted(5, _WORDS_BY_CHANCE) * near * worded,
        "nearest_ticket": _UNRELATED + (near_ticket - _UNRELATED) * near,
        "mapped_ticket": (highest(4, votes, _UNRELATED) - near_ticket) * near,
        "lexical_ticket": words_of_tickets * near * worded,
        "recent": recent * popular,
        "latest": np.log1p([one.latest for one in records]) * popular,
        "freshness": (recent - np.log1p(tickets)) * popular,
        "used": (tickets > 0) * popular,
        "rank": _reciprocal_ranks(relevance),
        "lexical_rank": _reciprocal_ranks(highest(5, own, 0.0)),
        "vote_rank": np.where(by_meaning > 0, _reciprocal_ranks(by_meaning), 0.0) * near * voting,
        "fix": np.bincount(of[~votes], minlength=count) == 0,
        "success": _success(records, near),
        "validated": [one.state == ArticleState.VALIDATED for one in records],
        "covered": highest(6, own, 0.0) ** 2,
        "stated": highest(7, own, 0.0) ** 2,
    }
    table: Features = np.array([columns[name] for name in FEATURES], np.float64).T.reshape(count, len(FEATURES))
    return refs, table


def _success(records: Sequence[Standing], near: float) -> NDArray[np.float64]:
    """How much likelier each solution works than an untried one.

    Solved tickets make up for failures, but lift it above what agents say of it only as far as tickets are near.
    """
    untried = _PRIOR_SOLVED / (_PRIOR_SOLVED + _PRIOR_FAILED)
    rates = np.array([success_rate(one) for one in records]) - untried
    said = np.array([success_rate(one, solved=0) for one in records]) - untried
    sure = np.minimum(rates, np.maximum(said, 0.0))
    return sure + (rates - sure) * near


def _ramp(value: float, low: float, high: float) -> float:
    return float(min(1.0, max(0.0, (value - low) / (high - low))))


def _share_of_experience(tickets: float, half: float) -> float:
    """What evidence from so many tickets counts, 0 .. 1: a half with ``half`` of them, nothing with none."""
    return float(tickets / (tickets + half))


def success_rate(standing: Standing, solved: int | None = None) -> float:
    """How likely the solution works, 0 .. 1: the mean of a Beta distribution with a prior of two in three.

    The prior keeps a few reports from burying or crowning a solution. A ticket counts as much as an agent's word.
    ``solved``: as if it had solved so many tickets.
    """
    solved = standing.solved if solved is None else solved
    worked = solved + standing.agents_solved + _HELPED * standing.agents_helpful + _PRIOR_SOLVED
    failed = standing.failed + standing.agents_failed + _UNFIT * standing.agents_unfit + _PRIOR_FAILED
    return worked / (worked + failed)


def _numbers(one: Candidate) -> tuple[float, ...]:
    signals = one.signals
    return (
        one.relevance, signals.nearest, signals.mapped, signals.issue, signals.mapped_issue, signals.lexical,
        *one.own_words,
    )  # fmt: skip


def _shares(values: NDArray[np.float64], of: NDArray[np.int64], count: int, by_chance: float) -> NDArray[np.float64]:
    """Each solution's share of the votes of the nearest tickets, by a softmax over their values and ``by_chance``.

    So the shares sum to less than 1, and to nearly nothing where no ticket is near.
    """
    if not len(values):
        return np.zeros(count)
    least = (
        np.partition(values, len(values) - _NEIGHBOURS)[len(values) - _NEIGHBOURS]
        if len(values) > _NEIGHBOURS
        else -np.inf
    )
    highest = max(float(values.max()), by_chance)
    weights = np.where(values >= least, np.exp((values - highest) / _TEMPERATURE), 0.0)
    total = weights.sum() + np.exp((by_chance - highest) / _TEMPERATURE)
    shares: NDArray[np.float64] = np.bincount(of, weights / total, count).astype(np.float64)
    return shares


def _reciprocal_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (5 + how many are higher)."""
    higher = len(values) - np.searchsorted(np.sort(values), values, "right")
    return 1 / (_RANK_OFFSET + higher)
