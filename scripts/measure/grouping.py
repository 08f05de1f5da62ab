#!/usr/bin/env python3
"""Measures how write-back groups tickets by their fix, on tickets of which the right article is known.

    python -m scripts.measure.grouping DATA

Tickets of DATA/sumo_kb are written back one after the other in the order of time, none of them naming its solution,
and the groups of the later 40 % are compared with the articles that helpers linked (B-cubed). What the engineers would
have written is not in the data, so it is made, in several ways, from what is:

- cited: a line that names the article's id;
- whole: the article's text, as an agent copies it from a suggestion, between a greeting and a signature;
- excerpt: two to four sentences of it in a row;
- mixed: each of these for a third of the tickets, and one in ten is closed with no more than "Fixed, thanks!";
- real: the accepted answers of those few tickets that stand in DATA/sumo_solutions as well, as they are.

Grouping looks at words, not at vectors, so the index gets vectors that say nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kbsearch.bootstrap import embedded
from kbsearch.embedding.embedder import Vectors
from kbsearch.evaluation.collections import Collection, read_beir, rows
from kbsearch.evaluation.grouping import b_cubed
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import Article, Resolution, TenantId, Ticket

_TENANT = TenantId("evaluation")
_EARLIER = 0.6
_THIN = 0.1
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


class _NoModel:
    """Gives every text the same vector."""

    name = model_id = "none"
    dimension, max_tokens = 8, 10_000

    def embed_query(self, texts: Sequence[str]) -> Vectors:
        return np.full((len(texts), self.dimension), self.dimension**-0.5, np.float32)

    embed_documents = embed_query

    def submit_query(self, texts: Sequence[str], scope: str = "") -> Future[Vectors]:
        future: Future[Vectors] = Future()
        future.set_result(self.embed_query(texts))
        return future

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) // 4 for text in texts]


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket, the article that solved it, and a resolution as an engineer would write it."""

    id: str
    ticket: Ticket
    article: str
    resolution: str


def cited(article: Article, draw: random.Random) -> str:
    return draw.choice(["See {id}.", "Solved with {id}, thanks!", "Sent the user {id}"]).format(id=article.id)


def whole(article: Article, draw: random.Random) -> str:
    return f"Hi {draw.choice(['Ani', 'John'])},\n\n{article.resolution}\n\nBest regards,\nIvan"


def excerpt(article: Article, draw: random.Random) -> str:
    sentences = [one.strip() for one in _SENTENCE.split(article.resolution) if one.strip()]
    length = draw.randint(2, 4)
    start = draw.randrange(max(1, len(sentences) - length + 1))
    return " ".join(sentences[start : start + length])


def mixed(article: Article, draw: random.Random) -> str:
    if draw.random() < _THIN:
        return "Fixed, thanks!"
    return draw.choice([cited, whole, excerpt])(article, draw)


WAYS: dict[str, Callable[[Article, random.Random], str]] = {
    "cited": cited, "whole": whole, "excerpt": excerpt, "mixed": mixed,
}  # fmt: skip


def made(collection: Collection, created: dict[str, str], way: Callable[[Article, random.Random], str]) -> list[Case]:
    """All tickets in the order of time, each with the article of the highest grade."""
    articles = {article.id: article for article in collection.articles}
    draw = random.Random(1)  # noqa: S311 - a sample, not a secret
    cases: list[Case] = []
    for query in sorted(collection.queries, key=lambda query: (created[query.id], query.id)):
        right = max(query.relevant, key=lambda id: (query.relevant[id], id))
        cases.append(Case(query.id, query.ticket, right, way(articles[right], draw)))
    return cases


def real(collection: Collection, created: dict[str, str], folder: Path) -> list[Case]:
    """Those tickets of which the accepted answer is known."""
    texts = {row["_id"]: row["text"] for row in rows(folder / "corpus.jsonl", ("_id",), ("text",))}
    lines = (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]
    answers = {line.split("\t")[0]: texts[line.split("\t")[1]] for line in lines}
    known = made(collection, created, lambda article, draw: "")
    return [Case(one.id, one.ticket, one.article, answers[one.id]) for one in known if one.id in answers]


def grouped(collection: Collection, cases: Sequence[Case]) -> dict[str, str]:
    """Write the tickets back and tell the solution of each that has one."""
    with tempfile.TemporaryDirectory(prefix="kbsearch-grouping-") as folder:
        kb = embedded(Path(folder), lambda model: _NoModel())
        try:
            articles = enumerate((ImportedArticle(article) for article in collection.articles), start=1)
            for _ in kb.articles.import_lines(_TENANT, articles):
                pass
            tickets = ((n, _written_back(case)) for n, case in enumerate(cases, start=1))
            for _ in kb.tickets.import_lines(_TENANT, tickets):
                pass
            stored = ((case.id, kb.tickets.get(_TENANT, case.id).solution) for case in cases)
            return {id: solution.id for id, solution in stored if solution is not None}
        finally:
            kb.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--way", choices=[*WAYS, "real"], action="append", help="only these")
    given = parser.parse_args()
    collection = read_beir(given.data / "sumo_kb")
    queries = rows(given.data / "sumo_kb" / "queries.jsonl", ("_id",))
    created = {row["_id"]: row["metadata"]["created"] for row in queries}
    for way in given.way or [*WAYS, "real"]:
        cases = (
            real(collection, created, given.data / "sumo_solutions")
            if way == "real"
            else made(collection, created, WAYS[way])
        )
        found = grouped(collection, cases)
        later = cases if way == "real" else cases[int(len(cases) * _EARLIER) :]
        right = {case.id: case.article for case in later}
        score = b_cubed(found, right)
        on_article = [case for case in later if found.get(case.id) == case.article]
        wrong = [case for case in later if _is_article(found.get(case.id), collection) and case not in on_article]
        figures = {
            "way": way, "tickets": len(later), "groups": len({found.get(case.id, case.id) for case in later}),
            "precision": round(score.precision, 4), "recall": round(score.recall, 4), "f1": round(score.f1, 4),
            "on its article": len(on_article), "on another article": len(wrong),
        }  # fmt: skip
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()


def _written_back(case: Case) -> ResolvedTicketIn:
    return ResolvedTicketIn(case.id, case.ticket, Resolution(case.resolution))


def _is_article(id: str | None, collection: Collection) -> bool:
    return any(article.id == id for article in collection.articles)


if __name__ == "__main__":
    main()
