"""Collections that cross languages: questions in one, knowledge in the same or another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean

from kbsearch.evaluation.collections import Collection, JudgedQuery, read_beir, read_known_item, rows, ticket_of
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Article, Scope, TenantId, Ticket


def known_items(path: Path, queries: int = 600, seed: int = 1) -> Iterator[Collection]:
    """What is asked of a KB file whose articles have an English title as well.

    Its title and the English one find the body, which is indexed without titles; the title finds the English one.

    Args:
        path: NDJSON with ``id``, ``title``, ``english_title`` and ``body``.
        queries: how many are drawn.
        seed: of the draw.
    """
    asked = read_known_item(path, "title", queries, seed)
    yield asked
    yield read_known_item(path, "english_title", queries, seed)
    titled = [row for row in rows(path, ("id",), ("body",), ("english_title",)) if row["body"].strip()]
    yield Collection(
        f"{path.stem}: title -> english_title",
        [Article(id=row["id"], title=row["english_title"], resolution="") for row in titled],
        asked.queries,
        f"{path.stem} English titles",
    )


def tickets(folder: Path, articles: Path) -> Iterator[Collection]:
    """Judged tickets on one corpus, all and then by their style.

    Args:
        folder: in the BEIR layout; a query's metadata has ``corpus``, the corpus's name, and ``style``.
        articles: the corpus, a KB file of that name.
    """
    whole = read_beir(folder, articles, ("corpus", articles.stem))
    yield replace(whole, name=f"{folder.name} -> {articles.stem}")
    styles = {row["_id"]: row["metadata"]["style"] for row in rows(folder / "queries.jsonl", ("_id",))}
    for style in dict.fromkeys(styles[query.id] for query in whole.queries):
        some = [query for query in whole.queries if styles[query.id] == style]
        yield replace(whole, name=f"{folder.name} -> {articles.stem}, {style}", queries=some)


def in_other_languages(folder: Path, language: str = "en-US") -> Collection:
    """The queries of a BEIR folder whose metadata names another ``lang`` than this."""
    whole = read_beir(folder)
    other = {row["_id"] for row in rows(folder / "queries.jsonl", ("_id",)) if row["metadata"]["lang"] != language}
    queries = [query for query in whole.queries if query.id in other]
    return replace(whole, name=f"{folder.name}, not {language}", queries=queries, corpus=whole.name)


def read_unanswerable(path: Path) -> list[Ticket]:
    """Tickets that no article answers: NDJSON with ``text``."""
    return [ticket_of(row["text"]) for row in rows(path, ("text",))]


def new_issue_auroc(
    knowledge: KnowledgeBase, tenant: TenantId, answered: Sequence[JudgedQuery], unanswerable: Sequence[Ticket]
) -> float:
    """How well the confidence of the verdict recognises tickets without an answer: the AUROC.

    The probability, 0 .. 1, that of two such tickets the one without is given less (area under the ROC curve); half
    for equals.
    """
    scope = Scope(tenant)

    def confidences(some: Sequence[Ticket]) -> list[float]:
        return [knowledge.suggest(scope, ticket).verdict.confidence for ticket in some]

    known, new = confidences([query.ticket for query in answered]), confidences(unanswerable)
    return mean(1.0 if one < other else 0.5 if one == other else 0.0 for one in new for other in known)
