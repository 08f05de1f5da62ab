"""Simulated service desks: past questions of a judged collection, ranked as desks of many sizes and ages would."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Self

import faiss
import numpy as np

from kbsearch.bootstrap import open_knowledge
from kbsearch.cli.options import settings
from kbsearch.evaluation.collections import JudgedQuery, read_beir, read_known_item, rows
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.learning.history import Gains, Past, ReplayedHistory, lessons, read_past
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import Article, Resolution, Scope, SolutionRef, TenantId, Ticket
from kbsearch.ranking.fitting import Example
from kbsearch.ranking.residual_map import learn

TENANT = TenantId("evaluation")
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_TOPICS = 2


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk as it is simulated.

    Attributes:
        articles: how many articles it has; None for all of the collection.
        tickets: how many tickets it remembers; None for all before the question.
        oldest: whether these are the first that ever came, not the latest ones before the question.
        undocumented: share of the solutions that only tickets tell of.
        unanswerable: share of its questions whose solution is not there.
        lacks_topic: whether these are of a topic of which it has nothing.
    """

    articles: int | None = None
    tickets: int | None = None
    oldest: bool = False
    undocumented: float = 0.0
    unanswerable: float = 0.0
    lacks_topic: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A question as a desk ranked it. ``place`` is its place in the collection's time, 0 .. 1."""

    collection: str
    desk: Desk
    place: float
    example: Example


@dataclass(frozen=True, slots=True)
class Material:
    """Articles, and questions in the order of their time with the articles that are right."""

    name: str
    articles: Sequence[Article]
    queries: Sequence[JudgedQuery]


def read_material(path: Path, articles: int = 1_500, asked: int = 500, seed: int = 1) -> Material:
    """A folder in the BEIR layout, or a KB file in another language with ``english_title``.

    Of a KB file so many articles are drawn, without their titles; the titles of ``asked`` of them, in both languages,
    are the questions. Questions without a time come in a drawn order.
    """
    draw = random.Random(seed)  # noqa: S311 - a sample, not a secret
    if path.is_dir():
        collection = read_beir(path)
        queries = list(collection.queries)
        draw.shuffle(queries)
        queries.sort(key=lambda one: one.created or "")
        return Material(path.name, collection.articles, queries)
    bodies = {one.id: one for one in read_known_item(path).articles}
    kept = draw.sample([row for row in rows(path, ("id",), ("english_title",)) if row["id"] in bodies], articles)
    queries = [
        JudgedQuery(f"{row['id']}/{field}", Ticket(subject=row[field]), {row["id"]: 1})
        for row in kept[:asked]
        for field in ("title", "english_title")
    ]
    draw.shuffle(queries)
    return Material(path.stem, [bodies[row["id"]] for row in kept], queries)


class Simulation:
    """A collection in a knowledge base, of which desks are made. Use it in a ``with`` block.

    Args:
        material: what is loaded, unless the folder has it already.
        folder: the data folder; used again the next time.
        model: as of KBSEARCH_MODEL; None for that of the folder.
    """

    def __init__(self, material: Material, folder: Path, model: str | None = None) -> None:
        self._material = material
        self._knowledge = open_knowledge(settings(data_dir=folder, model=model))
        if len(self._past().tickets) < len(material.queries):
            self._load(self._knowledge)
        self._right = {
            query.id: {SolutionRef(TENANT, id): float(grade) for id, grade in query.relevant.items()}
            for query in material.queries
        }
        engine = self._knowledge._generations.for_reading()
        self.view = (self._knowledge._store.read, engine, Scope(TENANT))
        self.past = self._past()
        self._refs = sorted(set(self.past.articles), key=_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._knowledge.close()

    @property
    def articles(self) -> int:
        """How many articles there are."""
        return len(self._material.articles)

    @property
    def gains(self) -> Gains:
        """How right each solution is for a ticket."""
        return lambda solved: self._right[solved.ticket.id or ""]

    def _past(self) -> Past:
        with self._knowledge._store.read() as tx:
            return read_past(tx, self._knowledge._keeper.for_reading(), Scope(TENANT))

    def _load(self, knowledge: KnowledgeBase) -> None:
        articles = enumerate((ImportedArticle(article) for article in self._material.articles), start=1)
        for report in knowledge.articles.import_lines(TENANT, articles):
            print(self._material.name, report.accepted, "articles", flush=True)
        titles = {article.id: article.title for article in self._material.articles}

        def tickets() -> Iterator[tuple[int, ResolvedTicketIn]]:
            for number, query in enumerate(self._material.queries):
                solution = max(query.relevant, key=lambda id: query.relevant[id])
                day = datetime.fromisoformat(query.created).replace(tzinfo=UTC) if query.created else _BEGINNING
                fix = f"Solved with the article “{titles[solution]}”"
                resolution = Resolution(fix, resolved_at=day + timedelta(milliseconds=number), solution_id=solution)
                yield number + 1, ResolvedTicketIn(query.id, query.ticket, resolution)

        for report in knowledge.tickets.import_lines(TENANT, tickets()):
            print(self._material.name, report.accepted, "tickets", flush=True)

    def ask(self, desk: Desk, numbers: Sequence[int], most: int, seed: int) -> list[Judged]:
        """At most ``most`` of these questions, asked of a desk; which articles it has is drawn."""
        draw = random.Random(seed)  # noqa: S311 - a sample, not a secret
        base = self._base(desk, draw)
        there, gone = self._split(base.absent, numbers)
        draw.shuffle(there)
        draw.shuffle(gone)
        share = desk.unanswerable
        answered = there[: round(most * (1 - share))]
        others = gone[: round(len(answered) * share / (1 - share))] if share < 1 else gone[:most]
        count = len(self.past.tickets)
        return [
            Judged(self._material.name, desk, number / count, example)
            for number in sorted([*answered, *others])
            for example in base.told.examples(number, number + 1, None)
        ]

    def ask_with_map(self, numbers: Sequence[int], learned_from: int) -> list[Judged]:
        """These questions asked of a desk with all articles and a map learned from its first tickets."""
        matrix = learn(lessons(self.past, 0, learned_from))
        told = ReplayedHistory(*self.view, self.past, self.gains)
        count = len(self.past.tickets)
        return [
            Judged(f"{self._material.name} with a map", Desk(), number / count, example)
            for number in numbers
            for example in told.examples(number, number + 1, matrix)
        ]

    def _split(self, absent: frozenset[SolutionRef], numbers: Sequence[int]) -> tuple[list[int], list[int]]:
        there: list[int] = []
        gone: list[int] = []
        for number in numbers:
            right = self.gains(self.past.tickets[number])
            (gone if absent.issuperset(right) else there).append(number)
        return there, gone

    def _base(self, desk: Desk, draw: random.Random) -> _Base:
        topics = self._topics
        topic = draw.randrange(_TOPICS) if desk.lacks_topic else None
        refs = [ref for ref in self._refs if topic is None or topics[ref] != topic]
        answering = sorted({ref for right in self._right.values() for ref in right}.intersection(refs), key=_id)
        if desk.articles is not None:
            # A small base is written about what is asked: half of it are articles that somebody needed.
            kept = set(draw.sample(answering, min(len(answering), desk.articles // 2)))
            others = [ref for ref in refs if ref not in kept]
            kept |= set(draw.sample(others, min(len(others), desk.articles - len(kept))))
        else:
            kept = set(refs)
            if desk.unanswerable and topic is None:
                kept -= set(draw.sample(answering, round(len(answering) * min(0.5, 2 * desk.unanswerable))))
        absent = frozenset(self._refs) - kept
        undocumented = draw.sample(sorted(kept, key=_id), round(len(kept) * desk.undocumented))
        told = ReplayedHistory(
            *self.view, self.past, self.gains, absent,
            remembers=None if desk.oldest else desk.tickets,
            known=desk.tickets if desk.oldest else None,
            undocumented=undocumented,
        )  # fmt: skip
        return _Base(told, absent)

    @cached_property
    def _topics(self) -> dict[SolutionRef, int]:
        """Articles in groups by the mean of their passages (k-means)."""
        place = {ref: number for number, ref in enumerate(self._refs)}
        means = np.zeros((len(place), self.past.article_vectors.shape[1]), np.float32)
        np.add.at(means, [place[ref] for ref in self.past.articles], self.past.article_vectors)
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        kmeans = faiss.Kmeans(means.shape[1], _TOPICS, niter=30, seed=1, spherical=True, min_points_per_centroid=1)
        kmeans.train(means)
        _, nearest = kmeans.index.search(means, 1)
        return dict(zip(self._refs, nearest[:, 0].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class _Base:
    told: ReplayedHistory
    absent: frozenset[SolutionRef]


def _id(ref: SolutionRef) -> str:
    return ref.id
