"""An evaluation: index a collection's articles, ask its queries, score the ranked lists."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean, quantiles

from kbsearch.evaluation.collections import Collection
from kbsearch.evaluation.metrics import scores
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.model import Scope, TenantId

TENANT = TenantId("evaluation")
_DEPTH = 100

Progress = Callable[[str, int, int], None]
"""Told (what is being done, done, total)."""


@dataclass(frozen=True, slots=True)
class Report:
    """Means over the queries; latency of a whole answer in milliseconds."""

    collection: str
    model: str
    n: int
    metrics: dict[str, float]
    latency_ms: dict[str, float]
    run: dict[str, dict[str, float]]

    def summary(self) -> dict[str, object]:
        """Everything but the run, for a table or JSON."""
        return {
            "collection": self.collection,
            "model": self.model,
            "n": self.n,
            **{name: round(value, 4) for name, value in self.metrics.items()},
            "latency_ms": {name: round(value, 1) for name, value in self.latency_ms.items()},
        }


def evaluate(knowledge: KnowledgeBase, collection: Collection, progress: Progress) -> Report:
    """Measure one collection. Articles that the knowledge base already holds are not indexed again."""
    total = len(collection.articles)
    lines = enumerate((ImportedArticle(article) for article in collection.articles), start=1)
    for report in knowledge.articles.import_lines(TENANT, lines):
        progress("indexing", report.accepted, total)
    scope = Scope(TENANT)
    run: dict[str, dict[str, float]] = {}
    times: list[float] = []
    per_query: list[dict[str, float]] = []
    for number, query in enumerate(collection.queries, start=1):
        started = time.perf_counter()
        groups = knowledge.rank(scope, query.ticket)
        times.append((time.perf_counter() - started) * 1000)
        ranked = [(group.ref.id, group.score) for group in groups[:_DEPTH]]
        run[query.id] = dict(ranked)
        per_query.append(scores([id for id, _ in ranked], query.relevant))
        progress("asking", number, len(collection.queries))
    cuts = quantiles(times, n=100) if len(times) > 1 else times * 99
    return Report(
        collection=collection.name,
        model=knowledge.model_id,
        n=len(per_query),
        metrics={name: mean(one[name] for one in per_query) for name in per_query[0]} if per_query else {},
        latency_ms={"p50": cuts[49], "p95": cuts[94], "p99": cuts[98]} if times else {},
        run=run,
    )
