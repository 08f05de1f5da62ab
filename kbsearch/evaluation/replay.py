"""Replay a collection in time order: ask, score, write back, next."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import mean

from kbsearch.errors import InvalidInput
from kbsearch.evaluation.collections import Collection, JudgedQuery
from kbsearch.evaluation.metrics import scores
from kbsearch.evaluation.reliability import auroc, calibration_error, coverage_at, reliability
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.learning.calibration import REFRESHED_AFTER
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import SHARED, Resolution, Scope, TenantId
from kbsearch.ranking.confidence import list_confidence

REPORTED_FROM = 0.6
"""Figures are of the queries behind this share of them: weights may be chosen on the earlier ones."""

_DEPTH = 10
_SHOWN, _READ = 3, 5
_PRECISION = 0.8
_A_NIGHT = 50
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

Progress = Callable[[str, int, int], None]
"""Told (what is being done, done, total)."""


class Policy(StrEnum):
    """When resolved tickets become known: never, over night, at once."""

    ARTICLES_ONLY = "articles only"
    NIGHTLY = "nightly refresh"
    IMMEDIATE = "immediate write-back"


@dataclass(frozen=True, slots=True)
class AnsweredQuery:
    """The answer to one query.

    Attributes:
        metrics: see metrics.scores(); empty for a query whose answer was removed.
        known: whether the knowledge base held an answer.
        first_three: confidence that one of the first three is right, and whether one was.
        first_five: the same for the first five.
        group: figures are shown for each group, such as the language of the query.
        milliseconds: of the ranking.
    """

    metrics: dict[str, float]
    known: bool
    first_three: tuple[float, bool]
    first_five: tuple[float, bool]
    group: str | None
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Replay:
    """One policy's answers in the order of the queries."""

    collection: str
    policy: Policy
    asked: list[AnsweredQuery]

    def summary(self, start: float = REPORTED_FROM) -> dict[str, object]:
        """Figures over the queries behind the share ``start`` of them."""
        some = self.asked[round(len(self.asked) * start) :]
        judged = [one for one in some if one.metrics]
        three, five = [one.first_three for one in some], [one.first_five for one in some]
        figures: dict[str, object] = {"collection": self.collection, "policy": str(self.policy), "n": len(some)}
        figures |= _means(judged)
        figures["ece"] = round(calibration_error(*_columns(five)), 4)
        figures["auroc"] = _rounded(auroc(*_columns(five)))
        figures["coverage@80"] = round(coverage_at(*_columns(three), _PRECISION), 4)
        figures["auroc_known"] = _rounded(auroc([sure for sure, _ in five], [one.known for one in some]))
        groups = sorted({one.group for one in judged if one.group is not None})
        figures["groups"] = {name: _means([one for one in judged if one.group == name]) for name in groups}
        figures["reliability"] = [asdict(one) for one in reliability(*_columns(five))]
        figures["milliseconds"] = round(mean(one.milliseconds for one in some), 1) if some else None
        return figures


def replay(
    knowledge: KnowledgeBase,
    collection: Collection,
    policies: Sequence[Policy],
    progress: Progress,
    without_answer: float = 0.0,
    learns: bool = True,
    seed: int = 1,
) -> list[Replay]:
    """Replay a collection once per policy, each as a tenant of its own beside shared articles.

    Args:
        knowledge: an empty knowledge base, or one that this was done with before.
        collection: its queries have their times as ``created``, else their order counts.
        policies: in any order.
        progress: called with the progress.
        without_answer: of this share of the articles that answer queries neither they nor their tickets are there.
        learns: whether the ranking is learned from what was written back, as a server does.
        seed: of the choice of those articles.

    Raises:
        InvalidInput: the share is not within 0 .. 1.
    """
    if not 0 <= without_answer <= 1:
        raise InvalidInput("", "the share without an answer must be between 0 and 1")
    answers = sorted({id for query in collection.queries for id in query.relevant})
    absent = set(random.Random(seed).sample(answers, round(len(answers) * without_answer)))  # noqa: S311 - a sample
    articles = [article for article in collection.articles if article.id not in absent]
    lines = enumerate((ImportedArticle(article) for article in articles), start=1)
    for report in knowledge.articles.import_lines(SHARED, lines):
        progress("indexing", report.accepted, len(articles))
    titles = {article.id: article.title for article in collection.articles}
    # Ties keep the order of the file.
    queries = sorted(collection.queries, key=lambda query: query.created or "")
    return [
        Replay(collection.name, policy, _Desk(knowledge, policy, absent, titles).tell(queries, progress, learns))
        for policy in policies
    ]


class _Desk:
    """A tenant that processes the queries under one policy."""

    def __init__(self, knowledge: KnowledgeBase, policy: Policy, absent: set[str], titles: dict[str, str]) -> None:
        self._knowledge = knowledge
        self._policy = policy
        self._absent = absent
        self._titles = titles
        self._tenant = TenantId(str(policy).replace(" ", "-"))
        self._waiting: list[ResolvedTicketIn] = []

    def tell(self, queries: Sequence[JudgedQuery], progress: Progress, learns: bool) -> list[AnsweredQuery]:
        asked: list[AnsweredQuery] = []
        for number, query in enumerate(queries):
            if self._policy == Policy.NIGHTLY and _is_another_day(queries, number):
                self._write_waiting()
            # As a server does by itself.
            if learns and self._policy != Policy.ARTICLES_ONLY:
                learnt = self._knowledge.learning.learn_if_due(self._tenant)
                if not learnt and number % REFRESHED_AFTER == 0:
                    self._knowledge.refresh_learned(self._tenant)
            asked.append(self._ask(query))
            self._resolve(query, number)
            progress(str(self._policy), number + 1, len(queries))
        return asked

    def _ask(self, query: JudgedQuery) -> AnsweredQuery:
        started = time.perf_counter()
        groups = self._knowledge.rank(Scope(self._tenant), query.ticket)
        took = (time.perf_counter() - started) * 1000
        ranked = [one.ref.id for one in groups[:_DEPTH]]
        there = {id: grade for id, grade in query.relevant.items() if id not in self._absent}
        confidence = [one.confidence for one in groups]

        def first(count: int) -> tuple[float, bool]:
            return list_confidence(confidence[:count]), any(id in there for id in ranked[:count])

        metrics = scores(ranked, there) if there else {}
        return AnsweredQuery(metrics, bool(there), first(_SHOWN), first(_READ), query.language, took)

    def _resolve(self, query: JudgedQuery, number: int) -> None:
        there = [id for id in query.relevant if id not in self._absent]
        if self._policy == Policy.ARTICLES_ONLY or not there:
            return
        solution = max(there, key=lambda id: query.relevant[id])
        fix = f"Solved with the article “{self._titles[solution]}”"
        resolution = Resolution(fix, resolved_at=_moment(query.created, number), solution_id=solution)
        given = ResolvedTicketIn(query.id, query.ticket, resolution)
        if self._policy == Policy.IMMEDIATE:
            self._knowledge.tickets.resolve(self._tenant, given)
        else:
            self._waiting.append(given)

    def _write_waiting(self) -> None:
        for _ in self._knowledge.tickets.import_lines(self._tenant, enumerate(self._waiting, start=1)):
            pass
        self._waiting = []


def _is_another_day(queries: Sequence[JudgedQuery], number: int) -> bool:
    if number == 0:
        return False
    before, now = queries[number - 1].created, queries[number].created
    return before[:10] != now[:10] if before and now else number % _A_NIGHT == 0


def _moment(created: str | None, number: int) -> datetime:
    """The time at which the ticket of this number was resolved, ascending also within a day."""
    try:
        day = datetime.fromisoformat(created or "")
    except ValueError:
        day = _LONG_AGO
    return day.replace(tzinfo=day.tzinfo or UTC) + timedelta(milliseconds=number)


def _means(asked: Sequence[AnsweredQuery]) -> dict[str, float]:
    if not asked:
        return {}
    return {name: round(mean(one.metrics[name] for one in asked), 4) for name in asked[0].metrics}


def _columns(pairs: Sequence[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    return [sure for sure, _ in pairs], [right for _, right in pairs]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
