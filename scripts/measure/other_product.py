#!/usr/bin/env python3
"""Measures whether tickets about an unknown product are distinguished from those that the base can answer.

    python -m scripts.measure.other_product DATA [--known thunderbird] [--other firefox] [--keep FOLDER]

The base holds only those articles of DATA/sumo_kb whose ``metadata.products`` names the known product. It is asked the
known product's tickets whose article is there, and the other product's tickets; printed is the probability that the
list of a ticket of the first kind is surer than one of the second (AUROC), for the list's confidence and for bare
similarity, and how many are called new.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from kbsearch.bootstrap import open_knowledge
from kbsearch.cli.options import settings
from kbsearch.evaluation.collections import read_beir, rows
from kbsearch.evaluation.reliability import auroc
from kbsearch.evaluation.run import TENANT
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.model import Scope
from kbsearch.ranking.confidence import READ, list_confidence
from kbsearch.ranking.verdict import NEW_BELOW


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--known", default="thunderbird")
    parser.add_argument("--other", default="firefox")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    folder = given.data / "sumo_kb"
    collection = read_beir(folder)
    of_product = {row["_id"] for row in rows(folder / "corpus.jsonl", ("_id",)) if given.known in _products(row)}
    held = [article for article in collection.articles if article.id in of_product]
    product = {row["_id"]: row["metadata"]["product"] for row in rows(folder / "queries.jsonl", ("_id",))}
    asked = [
        (query, product[query.id] == given.known)
        for query in collection.queries
        if product[query.id] == given.other or (product[query.id] == given.known and of_product & query.relevant.keys())
    ]
    with tempfile.TemporaryDirectory(prefix="kbsearch-other-product-") as temporary:
        knowledge = open_knowledge(settings(data_dir=given.keep or Path(temporary)))
        lines = enumerate((ImportedArticle(article) for article in held), start=1)
        for report in knowledge.articles.import_lines(TENANT, lines):
            print(f"{report.accepted} of {len(held)} articles", flush=True)
        known, sure, near = [], [], []
        for query, is_known in asked:
            groups = knowledge.rank(Scope(TENANT), query.ticket)
            known.append(is_known)
            sure.append(list_confidence([one.confidence for one in groups[:READ]]))
            near.append(max((one.best.signals.nearest for one in groups), default=0.0))
        knowledge.close()
    print(
        f"{sum(known)} {given.known} tickets with their article there, {len(known) - sum(known)} {given.other} tickets"
    )
    print(f"AUROC of the list's confidence {auroc(sure, known):.3f}, of the highest cosine {auroc(near, known):.3f}")
    for what, product_known in ((given.known, True), (given.other, False)):
        some = [one for one, is_known in zip(sure, known, strict=True) if is_known == product_known]
        print(f"{what}: {sum(one < NEW_BELOW for one in some) / len(some):.1%} called new")


def _products(row: dict[str, Any]) -> list[str]:
    return (row["metadata"].get("products") or "").split(";")


if __name__ == "__main__":
    main()
