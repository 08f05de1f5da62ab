#!/usr/bin/env python3
"""Fits kbsearch/ranking/weights.json.

    scripts/fit_ranking.py DATA/sumo_kb --keep FOLDER --write kbsearch/ranking/weights.json

The collection's queries become resolved tickets in time order; each of the earlier 60 % is ranked with what was known
before it, in turn with a map learned from earlier ones, without a map, without any tickets, with the first or the
latest 10, 30, 100 or 300 of them (young desks), and with half of the articles taken away. Weights of the ranking come
from all of them; the confidence from a ranking fitted on the first 40 %, asked about the next 20 %. Nothing is read of
the later 40 % but for the figures at the end, among them whether questions are recognised whose whole topic was taken
away.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import faiss
import numpy as np

from kbsearch.bootstrap import open_knowledge
from kbsearch.cli.options import settings
from kbsearch.evaluation.collections import read_beir
from kbsearch.evaluation.reliability import auroc, calibration_error
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.learning.calibration import judge
from kbsearch.knowledge.learning.history import Gains, Past, Retold, lessons, read_past
from kbsearch.knowledge.writing.articles import ImportedArticle
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import Resolution, Scope, SolutionRef, TenantId
from kbsearch.ranking.fitting import Example, answered, fit_confidence, fit_ranking
from kbsearch.ranking.residual_map import Floats, learn
from kbsearch.ranking.weights import RankingWeights, shipped

TENANT = TenantId("evaluation")
MAPS_AT = (0.2, 0.3, 0.4, 0.5, 0.6)
EARLIER, HALFWAY = 0.6, 0.4
NO_MAP, NO_TICKETS, TAKEN, TAKEN_NO_MAP = 0.7, 0.4, 0.6, 0.5  # how much a question counts
TOPICS = 2
YOUNG, YOUNG_STEP = 0.5, 12
HISTORIES = (10, 30, 100, 300)

Questions = dict[int, Example]


def load(knowledge: KnowledgeBase, folder: Path) -> dict[str, dict[str, int]]:
    """Write the collection's articles and tickets; returns which articles are right for each ticket."""
    collection = read_beir(folder)
    articles = enumerate((ImportedArticle(article) for article in collection.articles), start=1)
    for _ in knowledge.articles.import_lines(TENANT, articles):
        pass
    titles = {article.id: article.title for article in collection.articles}

    def tickets():
        for number, query in enumerate(sorted(collection.queries, key=lambda query: query.created or "")):
            solution = max(query.relevant, key=lambda id: query.relevant[id])
            day = datetime.fromisoformat(query.created or "2000-01-01").replace(tzinfo=UTC)
            fix = f"Solved with the article “{titles[solution]}”"
            resolution = Resolution(fix, resolved_at=day + timedelta(milliseconds=number), solution_id=solution)
            yield number + 1, ResolvedTicketIn(query.id, query.ticket, resolution)

    for report in knowledge.tickets.import_lines(TENANT, tickets()):
        print("imported", report.accepted, file=sys.stderr)
    return {query.id: query.relevant for query in collection.queries}


class Told:
    """The collection's past, told in several ways."""

    def __init__(self, knowledge: KnowledgeBase, relevant: dict[str, dict[str, int]]) -> None:
        engine = knowledge._keeper.for_reading()
        self._view = (knowledge._store.read, engine, Scope(TENANT))
        with knowledge._store.read() as tx:
            self.past: Past = read_past(tx, engine, Scope(TENANT))
        self._gains: Gains = lambda solved: {
            SolutionRef(TENANT, id): float(grade) for id, grade in relevant[solved.ticket.id or ""].items()
        }
        answering = sorted({id for right in relevant.values() for id in right})
        taken = random.Random(1).sample(answering, len(answering) // 2)  # noqa: S311 - a sample
        self.taken = [SolutionRef(TENANT, id) for id in taken]
        count = len(self.past.tickets)
        edges = [round(count * share) for share in MAPS_AT]
        self._maps: list[tuple[int, int, Floats]] = []
        for first, last in zip(edges, [*edges[1:], count], strict=True):
            print("learning a map from", first, "tickets", file=sys.stderr)
            self._maps.append((first, last, learn(lessons(self.past, 0, first))))

    def with_maps(self, weight: float = 1.0, step: int = 2, **other) -> Questions:
        told = Retold(*self._view, self.past, self._gains, **other)
        return {
            number: told.examples(number, number + 1, matrix, weight)[0]
            for first, last, matrix in self._maps
            for number in range(first, last, step)
        }

    def without_topic(self, step: int) -> Questions:
        """Each question asked of a base that has nothing of its answers' topic, by turns with and without tickets."""
        topics = self._topics()
        examples: Questions = {}
        for topic in range(TOPICS):
            absent = [ref for ref, of in topics.items() if of == topic]
            told = [
                Retold(*self._view, self.past, self._gains, absent=absent, remembers=remembers)
                for remembers in (None, 0)
            ]
            for number in range(0, len(self.past.tickets), step):
                if all(topics.get(ref) == topic for ref in self._gains(self.past.tickets[number])):
                    [examples[number]] = told[number // step % 2].examples(number, number + 1, None)
        return examples

    def _topics(self) -> dict[SolutionRef, int]:
        """Articles in groups by the mean of their passages (k-means)."""
        refs = list(dict.fromkeys(self.past.articles))
        place = {ref: number for number, ref in enumerate(refs)}
        means = np.zeros((len(refs), self.past.article_vectors.shape[1]), np.float32)
        np.add.at(means, [place[ref] for ref in self.past.articles], self.past.article_vectors)
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        kmeans = faiss.Kmeans(means.shape[1], TOPICS, niter=30, seed=1, spherical=True, min_points_per_centroid=1)
        kmeans.train(means)
        _, nearest = kmeans.index.search(means, 1)
        return dict(zip(refs, nearest[:, 0].tolist(), strict=True))

    def young_desks(self) -> list[Questions]:
        """Questions asked of desks with a short history: its latest tickets, then tickets of long ago."""
        starts = max(HISTORIES)
        return [
            self.without_map(starts + place, YOUNG, step=YOUNG_STEP, **history)
            for place, history in enumerate({way: count} for way in ("remembers", "known") for count in HISTORIES)
        ]

    def without_map(self, first: int, weight: float, step: int, **other) -> Questions:
        told = Retold(*self._view, self.past, self._gains, **other)
        numbers = range(first, len(self.past.tickets), step)
        return {number: told.examples(number, number + 1, None, weight)[0] for number in numbers}


def between(questions: Questions, first: int, last: int) -> list[Example]:
    return [one for number, one in questions.items() if first <= number < last]


def report(name: str, examples: Sequence[Example], weights: RankingWeights) -> None:
    judged = judge(examples, weights)
    sure, right = [one.confidence(weights) for one in examples], [answered(one, weights) for one in examples]
    print(
        f"{name}: n {len(examples)}, hit@1 {judged.first:.3f}, gain {judged.gain:.3f},"
        f" ECE {calibration_error(sure, right):.3f}, AUROC {auroc(sure, right)},"
        f" answer there or not: AUROC {auroc(sure, [one.known for one in examples])}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", type=Path)
    parser.add_argument("--keep", type=Path, required=True, help="the data folder; used again the next time")
    parser.add_argument("--write", type=Path, help="write the weights here")
    parser.add_argument("--keep-ranking", action="store_true", help="fit the confidence anew, keep the shipped ranking")
    arguments = parser.parse_args()
    knowledge = open_knowledge(settings(data_dir=arguments.keep))
    relevant = load(knowledge, arguments.collection)
    told = Told(knowledge, relevant)
    count = len(told.past.tickets)
    cut, half = round(count * EARLIER), round(count * HALFWAY)
    mapped = told.with_maps()
    plain = told.without_map(200, NO_MAP, step=3)
    bare = told.without_map(0, NO_TICKETS, step=2, remembers=0)
    young = told.young_desks()
    taken = told.with_maps(TAKEN, step=2, absent=told.taken)
    strange = told.without_topic(step=2)
    taken_plain = told.without_map(200, TAKEN_NO_MAP, step=4, absent=told.taken)
    knowledge.close()
    kinds = (mapped, plain, bare, *young)
    until_half = RankingWeights(fit_ranking([one for some in kinds for one in between(some, 0, half)]), {}, 0.0, 1.0)
    asked = [one for some in (mapped, plain, taken, taken_plain, *young) for one in between(some, half, cut)]
    asked += [replace(one, weight=1.0) for one in between(bare, half, cut)]
    earlier = [one for some in kinds for one in between(some, 0, cut)]
    ranking = shipped().ranking if arguments.keep_ranking else fit_ranking(earlier)
    weights = replace(fit_confidence(asked, until_half), ranking=ranking)
    if arguments.write:
        arguments.write.write_text(weights.to_json() + "\n")
    ages = [f"{way} {count} tickets" for way in ("latest", "first") for count in HISTORIES]
    names = ("with a map", "without a map", "articles only", *ages, "half taken away")
    for name, questions in zip(names, (*kinds, taken), strict=True):
        report(name, between(questions, cut, count), weights)
    with_strange = between(bare, cut, count) + between(strange, cut, count)
    report("articles only, and the topic taken away", with_strange, weights)
    return 0


if __name__ == "__main__":
    sys.exit(main())
