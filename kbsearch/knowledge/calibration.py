"""Learns a desk's ranking from its own history, and keeps what proves better on the newest part of it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from kbsearch.knowledge.engine import Engine
from kbsearch.knowledge.history import Past, Retold, lessons, read_past
from kbsearch.knowledge.learned import packed
from kbsearch.model import Scope, TenantId
from kbsearch.ranking.fitting import Example, answered, fit_confidence, fit_ranking, place_gain, surprise
from kbsearch.ranking.residual_map import Floats, learn
from kbsearch.ranking.weights import RankingWeights, shipped
from kbsearch.store import learned
from kbsearch.store.database import Read, Store
from kbsearch.store.learned import StoredLearned

LEAST_TICKETS = 200
"""Fewer resolved tickets teach nothing that would hold tomorrow."""

REFRESHED_AFTER = 50
"""A map that answers is refreshed whenever so many tickets were resolved since."""

SHIPPED = "shipped"

_MAP_UNTIL, _RANKING_UNTIL, _JUDGED_FROM = 0.5, 0.7, 0.8
_PULL = 0.02
_CONFIDENCE_PULL = 0.1  # the facts are many for a few hundred tickets
_LEAST_BETTER = 0.002
_LAST_ROUNDS = 4
_SEED = 1

Progress = Callable[[str], None]
"""Told what is being done."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How one way of ranking did on the newest tickets.

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
    """What came of it: the tickets it learned from, how each contender did, which of them answers from now on.

    ``kept`` is SHIPPED where nothing learned was better. No contenders: too little history.
    """

    tickets: int
    kept: str
    judged: dict[str, Judged]


def calibrate(store: Store, engine: Engine, tenant: TenantId, progress: Progress) -> Calibration:
    """Learn from the tenant's resolved tickets, judge on the newest fifth, keep the best; it is replaced at once.

    Map and weights are learned from different tickets: weights fitted on the map's own tickets would trust it too
    much. Takes about a minute for a thousand tickets; answers go on meanwhile.
    """
    with store.read() as tx:
        school = _School(tx, engine, Scope(tenant), progress)
        count = len(school.past.tickets)
        judged: dict[str, Judged] = {}
        kept: StoredLearned | None = None
        best = SHIPPED
        if count >= LEAST_TICKETS:
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
    return Calibration(count, best, judged)


def refresh(store: Store, engine: Engine, tenant: TenantId) -> bool:
    """Learn the tenant's map anew from all that was resolved so far; its weights stay. Takes seconds.

    Anew: a map that only went on learning from the same tickets would know them by heart (docs/benchmarks.md).
    False, and nothing changed, where no map answers, or somebody learned anew meanwhile. Where no ticket is left to
    learn from, what was learned is dropped.
    """
    with store.read() as tx:
        known = learned.get(tx, tenant)
        if known is None or known.matrix is None or known.model_id != engine.generation.model_id:
            return False
        past = read_past(tx, engine, Scope(tenant))
        version = learned.version(tx, tenant)
    kept = None  # of nothing nothing is learned
    if past.tickets:
        kept = replace(known, matrix=packed(learn(lessons(past, 0, len(past.tickets)))))
    with store.write() as tx:
        if learned.version(tx, tenant) != version:
            return False
        learned.put(tx, tenant, kept)
    return True


class _School:
    """One tenant's history, and what is learned from parts of it."""

    def __init__(self, tx: Read, engine: Engine, scope: Scope, progress: Progress) -> None:
        self._progress = progress
        self.past: Past = read_past(tx, engine, scope)
        self._retold = Retold(tx, engine, scope, self.past)
        solutions = sorted({one.solution for one in self.past.tickets}, key=lambda ref: (ref.tenant, ref.id))
        random.Random(_SEED).shuffle(solutions)  # noqa: S311 - a sample
        self._without = [self._retold.without(solutions[number::2]) for number in range(2)]

    def map(self, first: int, last: int, start: Floats | None = None) -> Floats:
        """Learn a map from the tickets from ``first`` up to before ``last``; go on from one that is there."""
        self._progress(f"learning the map from {last - first} tickets")
        taught = lessons(self.past, first, last)
        return learn(taught) if start is None else learn(taught, start=start, rounds=_LAST_ROUNDS)

    def contend(self) -> tuple[dict[str, RankingWeights], dict[str, Judged], Floats]:
        """The contenders' weights, how they did, and the map of those that have one."""
        count = len(self.past.tickets)
        edges = [round(count * share) for share in (_MAP_UNTIL, _RANKING_UNTIL, _JUDGED_FROM)]
        early = self.map(0, edges[0])
        ranking = self._examples(edges[0], edges[1], early)
        held_back = self._examples(edges[1], edges[2], early)
        bereaved = self._bereaved(edges[1], edges[2], early)
        start = shipped()
        mapped_only = fit_confidence(ranking + held_back, start, start, _CONFIDENCE_PULL, bereaved)
        weighted = RankingWeights(fit_ranking(ranking, start, _PULL), start.confidence, start.intercept, 1.0)
        fitted = fit_confidence(held_back, weighted, start, _CONFIDENCE_PULL, bereaved)
        matrix = self.map(0, edges[2], early)
        newest = self._examples(edges[2], count, matrix)
        contenders = {SHIPPED: start, "map": mapped_only, "map and weights": fitted}
        judged = {
            name: judge(self._examples(edges[2], count, None) if name == SHIPPED else newest, weights)
            for name, weights in contenders.items()
        }
        # Judged by now, the newest tickets teach how sure to be: they tell best what tomorrow is like.
        bereaved += self._bereaved(edges[2], count, matrix)
        final = {SHIPPED: start} | {
            name: fit_confidence(held_back + newest, weights, start, _CONFIDENCE_PULL, bereaved)
            for name, weights in contenders.items()
            if name != SHIPPED
        }
        return final, judged, matrix

    def _examples(self, first: int, last: int, matrix: Floats | None) -> list[Example]:
        self._progress(f"ranking {last - first} past tickets")
        return self._retold.examples(first, last, matrix)

    def _bereaved(self, first: int, last: int, matrix: Floats) -> list[Example]:
        """Tickets asked of a base without one half of the solutions and their tickets, then without the other half.

        A history holds answered tickets only: nothing else in it tells what a list looks like that has no answer.
        """
        self._progress(f"ranking {last - first} past tickets without half of the solutions")
        return [one for without in self._without for one in without.examples(first, last, matrix)]


def judge(examples: Sequence[Example], weights: RankingWeights) -> Judged:
    """How these weights rank questions whose answer is known; at least one."""
    gains = [place_gain(one, weights) for one in examples]
    return Judged(
        float(np.mean([gain == 1 for gain in gains])),
        float(np.mean(gains)),
        surprise([answered(one, weights) for one in examples], [one.confidence(weights) for one in examples]),
    )
