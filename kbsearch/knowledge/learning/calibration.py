"""Learns a desk's ranking from its own history, and keeps it if it ranks the newest part better."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.indexing.learned import packed, unpacked
from kbsearch.knowledge.learning.history import Past, ReplayedHistory, lessons, read_past
from kbsearch.model import Scope, TenantId
from kbsearch.ranking.fitting import Example, answered, between, fit_confidence, fit_ranking, place_gain, surprise
from kbsearch.ranking.residual_map import Floats, learn
from kbsearch.ranking.weights import RankingWeights, as_stored, shipped
from kbsearch.store import documents, learned, learning, purges
from kbsearch.store.learned import StoredLearned
from kbsearch.store.learning import Learnt
from kbsearch.store.port import Store, Write

LEAST_TICKETS = 200
"""Fewer resolved tickets teach nothing that would hold tomorrow."""

REFRESHED_AFTER = 50
"""A map that answers is refreshed whenever so many tickets were resolved since."""

SHIPPED = "shipped"

_MAP_UNTIL, _RANKING_UNTIL, _JUDGED_FROM = 0.5, 0.7, 0.8
_CONFIDENCE_PULL = 0.1  # the facts are many for a few hundred tickets
_RANKING_PRIOR, _CONFIDENCE_PRIOR = 300, 150
"""So many tickets the shipped weights count for, beside those that were learned from (docs/measurements.md)."""
_LEAST_BETTER = 0.002
_LAST_ROUNDS = 4
_SEED = 1

Progress = Callable[[str], None]
"""Told what is being done."""

Breathe = Callable[[], None]
"""Called between short pieces of work: it may wait, or end the work by an exception."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The quality of one ranking on the newest tickets.

    Attributes:
        first: share of them whose solution came first.
        gain: mean of 1 / log2(1 + rank) of the right solution, 0 from the eleventh place on.
        surprise: cross entropy of the confidence that it is among the first five; lower is better.
    """

    first: float
    gain: float
    surprise: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The result: the tickets used, the quality of each contender, and which one is used from now on.

    ``answerable`` counts the tickets whose solution could be known when they came: from an article, or from an earlier
    ticket. ``kept`` is SHIPPED where nothing learned was better. No contenders: there is nothing to learn from.
    """

    tickets: int
    answerable: int
    kept: str
    judged: dict[str, Judged]

    def to_json(self) -> str:
        return json.dumps({name: asdict(one) for name, one in self.judged.items()})


def calibrate(
    store: Store, engine: Engine, tenant: TenantId, progress: Progress, breathe: Breathe = lambda: None
) -> Calibration:
    """Learn from the tenant's resolved tickets, judge on the newest fifth, keep the best; it is replaced at once.

    Map and weights are learned from different tickets: weights fitted on the map's own tickets would trust it too
    much. Takes about a minute for a thousand tickets; answers go on meanwhile.
    """
    with store.read() as tx:
        erased = documents.count_erased(tx, engine.generation.id, Scope(tenant))
    school = _TenantHistory(store, engine, Scope(tenant), progress, breathe)
    count = len(school.past.tickets)
    judged: dict[str, Judged] = {}
    kept: StoredLearned | None = None
    best = SHIPPED
    answerable = school.past.answerable
    if count >= LEAST_TICKETS and answerable:
        contenders, judged, matrix = school.contend()
        best = max(judged, key=lambda name: judged[name].gain - _LEAST_BETTER * (name != SHIPPED))
        if best != SHIPPED:
            matrix = school.map(0, count, matrix)
            kept = StoredLearned(
                engine.generation.model_id,
                contenders[best].to_json(),
                packed(matrix),
                json.dumps({name: asdict(one) for name, one in judged.items()}),
            )
    with store.write() as tx:
        if kept is not None or learned.get(tx, tenant) is not None:
            learned.put(tx, tenant, kept)
        _relearn_if_erased(tx, engine, tenant, erased)
    return Calibration(count, answerable, best, judged)


def refresh(store: Store, engine: Engine, tenant: TenantId, breathe: Breathe = lambda: None) -> bool:
    """Learn the tenant's map again from all that was resolved so far; its weights stay. Takes seconds.

    Anew: a map that only went on learning from the same tickets would know them by heart (docs/measurements.md). Before
    that what answers is judged on the newest tickets, from which it has not learned; if it turned out worse than the
    shipped ranking since it was learned, it is forgotten.

    False, and nothing changed, where no map answers, or another process learned meanwhile. Where no ticket is left to
    learn from, what was learned is dropped.
    """
    with store.read() as tx:
        known = learned.get(tx, tenant)
        if known is None or known.matrix is None or known.model_id != engine.generation.model_id:
            return False
        past = read_past(tx, engine, Scope(tenant))
        erased = documents.count_erased(tx, engine.generation.id, Scope(tenant))
        version = learned.version(tx, tenant)
        last = learning.get(tx, tenant)
    if last is not None and len(past.tickets) > REFRESHED_AFTER:
        last = _judged_since(last, known, ReplayedHistory(store.read, engine, Scope(tenant), past), breathe)
    is_worse = last is not None and _turned_worse(last)
    matrix = None  # of nothing nothing is learned
    if past.tickets and not is_worse:
        matrix = learn(lessons(past, 0, len(past.tickets)), breathe=breathe)
    with store.write() as tx:
        if learned.version(tx, tenant) != version:
            return False
        if last is not None and past.tickets:
            learning.put(tx, tenant, replace(last, outcome=learning.UNDONE) if is_worse else last)
        learned.put(tx, tenant, None if matrix is None else replace(known, matrix=packed(matrix)))
        _relearn_if_erased(tx, engine, tenant, erased)
    return True


def _relearn_if_erased(tx: Write, engine: Engine, tenant: TenantId, before: int) -> None:
    """Something may have been erased while it was learned from: the next purge learns from what is left."""
    if documents.count_erased(tx, engine.generation.id, Scope(tenant)) != before:
        purges.ask(tx, tenant)


def _judged_since(last: Learnt, known: StoredLearned, retold: ReplayedHistory, breathe: Breathe) -> Learnt:
    """The note with what was gained on the newest tickets."""
    assert known.matrix is not None
    weights = as_stored(known.weights)
    count = retold.count
    gained = [
        place_gain(ours, weights) - place_gain(theirs, shipped())
        for ours, theirs in zip(
            retold.examples(count - REFRESHED_AFTER, count, unpacked(known.matrix), breathe=breathe),
            retold.examples(count - REFRESHED_AFTER, count, None, breathe=breathe),
            strict=True,
        )
    ]
    return replace(
        last,
        since=last.since + len(gained),
        gained=last.gained + sum(gained),
        squares=last.squares + sum(one * one for one in gained),
    )


def _turned_worse(last: Learnt) -> bool:
    """Whether the tickets since say so by more than one standard error."""
    mean = last.gained / max(1, last.since)
    variance = max(0.0, last.squares / max(1, last.since) - mean * mean)
    return mean < 0 and mean < -((variance / max(1, last.since)) ** 0.5)


class _TenantHistory:
    """One tenant's history, and what is learned from parts of it."""

    def __init__(self, store: Store, engine: Engine, scope: Scope, progress: Progress, breathe: Breathe) -> None:
        self._progress, self._breathe = progress, breathe
        with store.read() as tx:
            self.past: Past = read_past(tx, engine, scope)
        self._retold = ReplayedHistory(store.read, engine, scope, self.past)
        solutions = sorted({one.solution for one in self.past.tickets}, key=lambda ref: (ref.tenant, ref.id))
        random.Random(_SEED).shuffle(solutions)  # noqa: S311 - a sample
        self._without = [self._retold.without(solutions[number::2]) for number in range(2)]

    def map(self, first: int, last: int, start: Floats | None = None) -> Floats:
        """Learn a map from the tickets from ``first`` up to before ``last``; go on from one that is there."""
        self._progress(f"learning the map from {last - first} tickets")
        taught = lessons(self.past, first, last)
        if start is None:
            return learn(taught, breathe=self._breathe)
        return learn(taught, start=start, rounds=_LAST_ROUNDS, breathe=self._breathe)

    def contend(self) -> tuple[dict[str, RankingWeights], dict[str, Judged], Floats]:
        """The contenders' weights, how they did, and the map of those that have one."""
        count = len(self.past.tickets)
        edges = [round(count * share) for share in (_MAP_UNTIL, _RANKING_UNTIL, _JUDGED_FROM)]
        early = self.map(0, edges[0])
        ranking = self._examples(edges[0], edges[1], early)
        held_back = self._examples(edges[1], edges[2], early)
        bereaved = self._without_halves(edges[1], edges[2], early)
        start = shipped()
        mapped_only = fit_confidence(ranking + held_back, start, start, _CONFIDENCE_PULL, bereaved)
        pull = _RANKING_PRIOR / max(1, len(ranking))
        weighted = RankingWeights(fit_ranking(ranking, start, pull), start.confidence, start.intercept, 1.0)
        fitted = fit_confidence(held_back, weighted, start, _CONFIDENCE_PULL, bereaved)
        matrix = self.map(0, edges[2], early)
        newest = self._examples(edges[2], count, matrix)
        contenders = {SHIPPED: start, "map": mapped_only, "map and weights": fitted}
        judged = {
            name: judge(self._examples(edges[2], count, None) if name == SHIPPED else newest, weights)
            for name, weights in contenders.items()
        }
        # Judged by now, the newest tickets teach how sure to be: they tell best what tomorrow is like.
        bereaved += self._without_halves(edges[2], count, matrix)
        taught = held_back + newest
        share = len(taught) / (len(taught) + _CONFIDENCE_PRIOR)
        final = {SHIPPED: start} | {
            name: between(start, fit_confidence(taught, weights, start, _CONFIDENCE_PULL, bereaved), share)
            for name, weights in contenders.items()
            if name != SHIPPED
        }
        return final, judged, matrix

    def _examples(self, first: int, last: int, matrix: Floats | None) -> list[Example]:
        self._progress(f"ranking {last - first} past tickets")
        return self._retold.examples(first, last, matrix, breathe=self._breathe)

    def _without_halves(self, first: int, last: int, matrix: Floats) -> list[Example]:
        """Tickets asked of a base without one half of the solutions and their tickets, then without the other half.

        A history holds answered tickets only: nothing else in it tells what a list looks like that has no answer.
        """
        self._progress(f"ranking {last - first} past tickets without half of the solutions")
        return [
            one for without in self._without for one in without.examples(first, last, matrix, breathe=self._breathe)
        ]


def judge(examples: Sequence[Example], weights: RankingWeights) -> Judged:
    """How these weights rank questions whose answer is known; at least one."""
    gains = [place_gain(one, weights) for one in examples]
    return Judged(
        float(np.mean([gain == 1 for gain in gains])),
        float(np.mean(gains)),
        surprise([answered(one, weights) for one in examples], [one.confidence(weights) for one in examples]),
    )
