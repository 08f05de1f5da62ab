"""A desk's history as questions with known answers: each resolved ticket, ranked with the knowledge before it."""

from __future__ import annotations

import copy
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from kbsearch.embedding.embedder import Vectors
from kbsearch.index.vectors import typicality, vector_array
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.questions import ranked_solutions, trade_words, wording
from kbsearch.knowledge.questions.retrieval import (
    DENSE_CANDIDATES,
    LEXICAL_CANDIDATES,
    STORED_PASSAGES,
    EmbeddedQuery,
    Retrieval,
    look_up,
)
from kbsearch.knowledge.questions.retrieval import reads as readability_of
from kbsearch.model import ArticleState, Scope, SolutionRef, Standing
from kbsearch.model.stages import Stages
from kbsearch.ranking.fitting import Example
from kbsearch.ranking.residual_map import Floats, Lessons
from kbsearch.ranking.signals import Candidate, features
from kbsearch.ranking.weights import Familiarity
from kbsearch.store import evidence, history
from kbsearch.store.port import Read

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
    """A tenant's resolved tickets, the oldest first, and the articles that it sees.

    Attributes:
        tickets: those that the index holds.
        vectors: of each ticket's issue, shape (passages, dimension).
        articles: the article of each of the articles' passages.
        article_documents: the document of each.
        article_vectors: of each, shape (passages, dimension).
    """

    tickets: tuple[history.Solved, ...]
    vectors: tuple[Floats, ...]
    articles: tuple[SolutionRef, ...]
    article_documents: NDArray[np.int64]
    article_vectors: Floats

    @property
    def answerable(self) -> int:
        """How many of the tickets have a solution of which there is an article or an earlier ticket."""
        known, count = set(self.articles), 0
        for one in self.tickets:
            count += one.solution in known
            known.add(one.solution)
        return count


def read_past(tx: Read, engine: Engine, scope: Scope) -> Past:
    """The latest 5,000 tickets and 20,000 passages of articles."""
    found = history.solved(tx, engine.generation.id, scope, _MOST_TICKETS)
    stored = history.issue_vectors(tx, [one.document for one in found], STORED_PASSAGES)
    kept = [one for one in found if one.document in stored]
    dimension = engine.embedder.dimension
    vectors = [vector_array(stored[one.document], dimension).astype(np.float32) for one in kept]
    articles = history.article_vectors(tx, engine.generation.id, scope, _MOST_PASSAGES)
    return Past(
        tuple(kept),
        tuple(vectors),
        tuple(ref for ref, _, _ in articles),
        np.array([document for _, document, _ in articles], np.int64),
        vector_array([vector for _, _, vector in articles], dimension).astype(np.float32),
    )


def lessons(past: Past, first: int, last: int) -> Lessons:
    """The training data of a map: the tickets from ``first`` up to before ``last``, and the articles."""
    numbers: dict[SolutionRef, int] = {}

    def number(ref: SolutionRef) -> int:
        return numbers.setdefault(ref, len(numbers))

    return Lessons(
        np.concatenate([one[:1] for one in past.vectors[first:last]]),
        np.array([number(one.solution) for one in past.tickets[first:last]], np.int64),
        past.article_vectors,
        np.array([number(ref) for ref in past.articles], np.int64),
    )


class ReplayedHistory:
    """Ranks past tickets with the knowledge of the time when they arrived.

    Args:
        read: opens a view of the store; each ticket is read in one of its own, so that none stays open for long.
        engine: that answers.
        scope: the tenant's.
        past: its tickets.
        gains: the relevance of each solution.
        absent: solutions to ignore, with the tickets that they solved.
        undocumented: solutions whose article is ignored: only their tickets support them.
        remembers: how many of the tickets before each are there, the latest ones; None for all.
        known: only the first so many tickets are ever there; None for no such bound.
    """

    def __init__(
        self,
        read: Callable[[], AbstractContextManager[Read]],
        engine: Engine,
        scope: Scope,
        past: Past,
        gains: Gains = linked,
        absent: Collection[SolutionRef] = (),
        remembers: int | None = None,
        known: int | None = None,
        undocumented: Collection[SolutionRef] = (),
    ) -> None:
        self._read, self._engine, self._scope = read, engine, scope
        self._past, self._gains = past, gains
        self._remembers, self._known = remembers, known
        self._solved: dict[SolutionRef, list[int]] = {}
        for number, one in enumerate(past.tickets):
            self._solved.setdefault(one.solution, []).append(number)
        with read() as tx:
            standings = evidence.standings(tx, scope, list(self._solved))
        self._states = {ref: one.state for ref, one in standings.items()}
        # Rows in order of time, articles first, so that the knowledge at any time is a slice.
        self._vectors = np.concatenate([past.article_vectors, *past.vectors])
        counts = [len(one) for one in past.vectors]
        owners = np.repeat(np.array([one.document for one in past.tickets], np.int64), counts)
        self._documents = np.concatenate([past.article_documents, owners])
        self._rows_before = len(past.article_documents) + np.cumsum([0, *counts])
        self._take_away(absent, undocumented)

    def without(self, absent: Collection[SolutionRef], undocumented: Collection[SolutionRef] = ()) -> ReplayedHistory:
        """The same history with other solutions or articles ignored."""
        other = copy.copy(self)
        other._take_away(absent, undocumented)
        return other

    def _take_away(self, absent: Collection[SolutionRef], undocumented: Collection[SolutionRef]) -> None:
        self._absent, self._undocumented = frozenset(absent), frozenset(undocumented)
        past, without_article = self._past, self._absent | self._undocumented
        is_left = [ref not in without_article for ref in past.articles]
        for one, vectors in zip(past.tickets, past.vectors, strict=True):
            is_left += [one.solution not in self._absent] * len(vectors)
        self._left = np.array(is_left, np.bool_)
        self._totals, self._counts = self._summed()

    def _summed(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The sum of the passages that are there, and their number, when each ticket came; the articles' first."""
        past = self._past
        articles = past.article_vectors[self._left[: len(past.article_vectors)]]
        totals, counts = [articles.sum(axis=0, dtype=np.float64)], [len(articles)]
        for one, vectors in zip(past.tickets, past.vectors, strict=True):
            there = one.solution not in self._absent
            totals.append(totals[-1] + vectors.sum(axis=0, dtype=np.float64) if there else totals[-1])
            counts.append(counts[-1] + len(vectors) * there)
        return np.array(totals), np.array(counts, np.int64)

    @property
    def count(self) -> int:
        """How many tickets there are."""
        return len(self._past.tickets)

    def examples(
        self,
        first: int,
        last: int,
        matrix: Floats | None,
        weight: float = 1.0,
        breathe: Callable[[], None] = lambda: None,
    ) -> list[Example]:
        """The tickets from ``first`` up to before ``last``. ``breathe`` is called before each; it may wait."""
        examples: list[Example] = []
        for number in range(first, last):
            breathe()
            examples.append(self._example(number, matrix, weight))
        return examples

    def _example(self, number: int, matrix: Floats | None, weight: float) -> Example:
        candidates, standings, familiarity = self.listed(number, matrix)
        refs, table = features(candidates, standings)
        gains = self._gains(self._past.tickets[number])
        return Example(
            table,
            np.array([gains.get(ref, 0.0) for ref in refs]),
            familiarity,
            weight,
            known=any(self._is_there(ref, number) for ref in gains),
        )

    def _is_there(self, ref: SolutionRef, number: int) -> bool:
        """Whether a solution existed when this ticket arrived."""
        if ref in self._absent:
            return False
        there = self._there(number)
        return ref not in self._undocumented or any(one in there for one in self._solved.get(ref, []))

    def listed(
        self, number: int, matrix: Floats | None
    ) -> tuple[list[Candidate], dict[SolutionRef, Standing], Familiarity]:
        """What spoke for any solution when this ticket came, how the solutions stood, how familiar it was."""
        solved = self._past.tickets[number]
        asked = _asked(self._engine, solved, self._past.vectors[number])
        stages = Stages()
        with self._read() as tx:
            words = trade_words.of_scope(tx, self._scope)
            said = wording.of_ticket(self._engine.index.vocabulary(self._scope), solved.ticket, words)
            looked = look_up(tx, self._engine, self._scope, asked, said.query, said.language, stages, 0, matrix)
            found = ranked_solutions.supporting_documents(
                tx, self._engine, looked, self._visible(looked, number), stages
            )
            candidates = ranked_solutions.candidates_of(tx, looked, found, said.text, stages)
        without_article = self._absent | self._undocumented
        candidates = [
            one for one in candidates if one.solution not in (self._absent if one.is_ticket else without_article)
        ]
        standings = self._standings(number, {one.solution for one in candidates})
        return candidates, standings, self._familiarity(looked, number)

    def _visible(self, looked: Retrieval, number: int) -> list[int]:
        """The candidates of that time: as many as there are today, those that came later left out."""
        there = self._there(number)
        articles, first, stop = (int(self._rows_before[place]) for place in (0, there.start, there.stop))
        rows: NDArray[np.int64] = np.array([*range(articles), *range(first, stop)], np.int64)
        rows = rows[self._left[rows]]
        vectors, documents = self._vectors[rows], self._documents[rows]
        is_visible = frozenset(documents.tolist()).__contains__
        some = list(islice(filter(is_visible, looked.by_words(_WIDER)), LEXICAL_CANDIDATES))
        for questions in looked.questions if len(rows) else ():
            near = (vectors @ questions.T).max(axis=1)
            best = np.argpartition(-near, min(DENSE_CANDIDATES, len(near)) - 1)[:DENSE_CANDIDATES]
            some += documents[best].tolist()
        return list(dict.fromkeys(some))

    def _there(self, number: int) -> range:
        """The numbers of the tickets that existed when this one arrived."""
        stop = number if self._known is None else min(number, self._known)
        return range(0 if self._remembers is None else max(0, stop - self._remembers), stop)

    def _familiarity(self, looked: Retrieval, number: int) -> Familiarity:
        """With the knowledge of the time when this ticket arrived."""
        there = self._there(number)
        total = self._totals[0] + self._totals[there.stop] - self._totals[there.start]
        count = self._counts[0] + self._counts[there.stop] - self._counts[there.start]
        return Familiarity(looked.query.coverage, typicality(total / max(1, count), self._past.vectors[number]))

    def _standings(self, number: int, wanted: Collection[SolutionRef]) -> dict[SolutionRef, Standing]:
        found: dict[SolutionRef, Standing] = {}
        there = self._there(number)
        for ref in wanted:
            all_of_it = self._solved.get(ref, [])
            earlier = all_of_it[bisect_left(all_of_it, there.start) : bisect_left(all_of_it, there.stop)]
            recent, latest = evidence.recency([there.stop - 1 - one for one in earlier])
            state = self._states.get(ref, ArticleState.NOT_VALIDATED)
            found[ref] = Standing(state, len(earlier), recent=recent, latest=latest)
        return found


def _asked(engine: Engine, solved: history.Solved, vectors: NDArray[np.float32]) -> EmbeddedQuery:
    future: Future[Vectors] = Future()
    future.set_result(vectors)
    return EmbeddedQuery(future, readability_of(engine, solved.ticket.text))
