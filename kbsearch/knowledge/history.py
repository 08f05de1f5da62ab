"""A desk's past as questions with known answers: each resolved ticket, ranked with what was known before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from kbsearch.embedding.embedder import Vectors
from kbsearch.knowledge import suggesting
from kbsearch.knowledge.documents import vector_array
from kbsearch.knowledge.engine import Engine
from kbsearch.knowledge.retrieval import DENSE_CANDIDATES, LEXICAL_CANDIDATES, QUERY_PASSAGES, Asked, LookUp, look_up
from kbsearch.knowledge.retrieval import reads as readability_of
from kbsearch.model import ArticleState, Scope, SolutionRef, Standing
from kbsearch.model.stages import Stages
from kbsearch.ranking.fitting import Example
from kbsearch.ranking.residual_map import Floats, Lessons
from kbsearch.ranking.signals import features
from kbsearch.store import history, solutions
from kbsearch.store.database import Read

_MOST_TICKETS = 5_000
_MOST_PASSAGES = 20_000
_WIDER = 16

Gains = Callable[[history.Solved], Mapping[SolutionRef, float]]
"""How right each solution is for a ticket."""


def linked(solved: history.Solved) -> dict[SolutionRef, float]:
    """The solution that a ticket was written back with is right, all others are wrong."""
    return {solved.solution: 1.0}


@dataclass(frozen=True, slots=True)
class Past:
    """A tenant's resolved tickets, the oldest first, with the vectors of their issues, shape (passages, dimension)."""

    tickets: tuple[history.Solved, ...]
    vectors: tuple[NDArray[np.float32], ...]


def read_past(tx: Read, engine: Engine, scope: Scope) -> Past:
    """The latest 5,000 tickets."""
    found = history.solved(tx, engine.generation.id, scope, _MOST_TICKETS)
    stored = history.issue_vectors(tx, [one.document for one in found], QUERY_PASSAGES)
    kept = [one for one in found if one.document in stored]
    dimension = engine.embedder.dimension
    vectors = [vector_array(stored[one.document], dimension).astype(np.float32) for one in kept]
    return Past(tuple(kept), tuple(vectors))


def lessons(tx: Read, engine: Engine, scope: Scope, past: Past, first: int, last: int) -> Lessons:
    """What a map is learned from: the tickets from ``first`` up to before ``last``, and the articles."""
    articles = history.article_vectors(tx, engine.generation.id, scope, _MOST_PASSAGES)
    numbers: dict[SolutionRef, int] = {}

    def number(ref: SolutionRef) -> int:
        return numbers.setdefault(ref, len(numbers))

    dimension = engine.embedder.dimension
    first_vectors = [one[:1] for one in past.vectors[first:last]]
    return Lessons(
        np.concatenate([np.empty((0, dimension), np.float32), *first_vectors]),
        np.array([number(one.solution) for one in past.tickets[first:last]], np.int64),
        vector_array([vector for _, vector in articles], dimension).astype(np.float32),
        np.array([number(ref) for ref, _ in articles], np.int64),
    )


class Retold:
    """Ranks past tickets as they would have been ranked when they came.

    Args:
        tx: one view of the store.
        engine: caught up before ``tx`` began.
        scope: the tenant's.
        past: its tickets.
        gains: how right each solution is.
        absent: solutions that are taken as not there, nor the tickets that they solved.
        remembers: whether earlier tickets are there.
    """

    def __init__(
        self,
        tx: Read,
        engine: Engine,
        scope: Scope,
        past: Past,
        gains: Gains = linked,
        absent: Collection[SolutionRef] = (),
        remembers: bool = True,
    ) -> None:
        self._tx, self._engine, self._scope = tx, engine, scope
        self._past, self._gains, self._absent = past, gains, frozenset(absent)
        self._remembers = remembers
        order = {one.document: number for number, one in enumerate(past.tickets)}
        self._order = order
        self._states = _states(tx, scope, past)

    def examples(self, first: int, last: int, matrix: Floats | None, weight: float = 1.0) -> list[Example]:
        """The tickets from ``first`` up to before ``last``."""
        return [self._example(number, matrix, weight) for number in range(first, last)]

    def _example(self, number: int, matrix: Floats | None, weight: float) -> Example:
        solved = self._past.tickets[number]
        asked = _asked(self._engine, solved, self._past.vectors[number])
        stages = Stages()
        looked = look_up(
            self._tx, self._engine, self._scope, asked, suggesting.parsed(solved.ticket), stages, 0, matrix
        )
        looked.candidates = self._visible(looked, number)
        found = suggesting.spoken_for(self._tx, self._engine, looked, looked.candidates, stages)
        candidates = [one for one in suggesting.candidates_of(found) if one.solution not in self._absent]
        standings = self._standings(number, {one.solution for one in candidates})
        refs, table = features(candidates, standings)
        gains = self._gains(solved)
        return Example(
            table,
            np.array([gains.get(ref, 0.0) for ref in refs]),
            looked.query.coverage,
            weight,
            known=any(ref not in self._absent for ref in gains),
        )

    def _visible(self, looked: LookUp, number: int) -> list[int]:
        """The candidates of that time: as many as there are today, those that came later left out."""

        def was_there(document: int) -> bool:
            return (self._order.get(document, -1) < number) if self._remembers else document not in self._order

        lexical, dense = looked.ordered(_WIDER)
        some = list(islice(filter(was_there, lexical), LEXICAL_CANDIDATES))
        for nearest in dense:
            some += islice((document for document in nearest if was_there(document)), DENSE_CANDIDATES)
        return list(dict.fromkeys(some))

    def _standings(self, number: int, wanted: Collection[SolutionRef]) -> dict[SolutionRef, Standing]:
        if not self._remembers:
            return {ref: Standing(self._states.get(ref, ArticleState.NOT_VALIDATED)) for ref in wanted}
        earlier = self._past.tickets[:number]
        counts: dict[SolutionRef, int] = {}
        recent: dict[SolutionRef, float] = {}
        for place, one in enumerate(reversed(earlier)):
            counts[one.solution] = counts.get(one.solution, 0) + 1
            if place < solutions.RECENT_TICKETS:
                recent[one.solution] = recent.get(one.solution, 0.0) + solutions.recency(place)
        return {
            ref: Standing(
                self._states.get(ref, ArticleState.NOT_VALIDATED),
                counts.get(ref, 0),
                0,
                counts.get(ref, 0),
                recent.get(ref, 0.0),
            )
            for ref in wanted
        }


def _states(tx: Read, scope: Scope, past: Past) -> dict[SolutionRef, ArticleState]:
    standings = solutions.standings(tx, scope, list({one.solution for one in past.tickets}))
    return {ref: standing.state for ref, standing in standings.items()}


def _asked(engine: Engine, solved: history.Solved, vectors: NDArray[np.float32]) -> Asked:
    future: Future[Vectors] = Future()
    future.set_result(vectors)
    return Asked(future, readability_of(engine, solved.ticket.text))
