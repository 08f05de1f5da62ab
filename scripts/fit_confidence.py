#!/usr/bin/env python3
"""Fits the weights of kbsearch/ranking/confidence.py.

    scripts/fit_confidence.py ../shared/data/sumo_kb --keep FOLDER

Two kinds of questions: the sample tickets in articles/ against the sample articles (a ticket whose fix has no
article is a question without an answer), and the earlier 60 % of a judged collection's queries. Prints the weights,
then area under the ROC curve and calibration error of the verdict's confidence on the later 40 %.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from kbsearch.bootstrap import open_knowledge
from kbsearch.cli.articles import sync_folder
from kbsearch.evaluation.collections import read_beir, rows
from kbsearch.evaluation.run import evaluate
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Scope, TenantId, Ticket
from kbsearch.ranking.confidence import confidence_facts, confidences, list_confidence
from kbsearch.ranking.verdict import KNOWN_FROM, NEW_BELOW
from kbsearch.settings import Settings

_DEPTH = 5
_EARLIER = 0.6

Question = tuple[list[float], list[bool]]
"""Relevances of the first solutions; which of them are right."""


def ask(knowledge: KnowledgeBase, scope: Scope, ticket: Ticket, right: set[str]) -> Question:
    first = knowledge.rank(scope, ticket)[:_DEPTH]
    return [one.best.relevance for one in first], [one.ref.id in right for one in first]


def sample_questions(folder: Path) -> list[Question]:
    found: list[Question] = []
    with tempfile.TemporaryDirectory() as data:
        knowledge = open_knowledge(Settings(data_dir=Path(data)))
        sync_folder(knowledge, folder)
        for path in sorted(folder.glob("*/tickets.jsonl")):
            for line in path.open():
                row = json.loads(line)
                slug = (row["solution_id"] or "").rsplit(".", 1)[0]
                ticket = Ticket(row["ticket"]["subject"], row["ticket"]["description"])
                right = {f"{slug}.en", f"{slug}.bg"} if slug else set()
                found.append(ask(knowledge, Scope(TenantId(path.parent.name)), ticket, right))
        knowledge.close()
    return found


def judged_questions(folder: Path, keep: Path) -> list[Question]:
    """The collection's queries in the order they came."""
    collection = read_beir(folder)
    created = {row["_id"]: row.get("metadata", {}).get("created", "") for row in rows(folder / "queries.jsonl")}
    knowledge = open_knowledge(Settings(data_dir=keep / folder.name))
    evaluate(knowledge, type(collection)(collection.name, collection.articles, []), lambda *_: None)
    scope = Scope(TenantId("evaluation"))
    queries = sorted(collection.queries, key=lambda query: created[query.id])
    found = [ask(knowledge, scope, query.ticket, set(query.relevant)) for query in queries]
    knowledge.close()
    return found


def report(name: str, questions: list[Question], confidence: list[float]) -> None:
    right = np.array([any(labels) for _, labels in questions])
    sure = np.array(confidence)
    error = 0.0
    for low in np.arange(0, 1, 0.1):
        inside = (sure >= low) & (sure < low + 0.1)
        if inside.any():
            error += inside.mean() * abs(sure[inside].mean() - right[inside].mean())
    auc = roc_auc_score(right, sure) if 0 < right.sum() < len(right) else float("nan")
    known = sure >= KNOWN_FROM
    precision = right[known].mean() if known.any() else float("nan")
    print(
        f"{name}: n {len(right)}, answered {right.mean():.3f}, AUROC {auc:.3f}, ECE {error:.3f},"
        f" known {known.mean():.3f} at precision {precision:.3f}, new {(sure < NEW_BELOW).mean():.3f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", type=Path)
    parser.add_argument("--articles", type=Path, default=Path("articles"))
    parser.add_argument("--keep", type=Path, required=True, help="indexes are kept here")
    parser.add_argument("--dump", type=Path, help="write the questions' facts here")
    arguments = parser.parse_args()
    samples = sample_questions(arguments.articles)
    judged = judged_questions(arguments.collection, arguments.keep)
    cut = round(len(judged) * _EARLIER)
    if arguments.dump:
        arguments.dump.write_text(json.dumps([samples, judged]))
    fitted_on = samples + judged[:cut]
    facts = np.array([row for asked, _ in fitted_on for row in confidence_facts(asked)])
    labels = np.array([label for _, right in fitted_on for label in right])
    # Both kinds count the same, however many questions they have.
    weights = np.array(
        [
            len(fitted_on) / (len(samples) if i < len(samples) else cut)
            for i, one in enumerate(fitted_on)
            for _ in one[1]
        ]
    )
    model = LogisticRegression(C=100.0, max_iter=1000).fit(facts, labels, sample_weight=weights)
    print("intercept", model.intercept_.round(2), "weights", model.coef_.round(2))
    for name, questions in (("samples", samples), ("earlier", judged[:cut]), ("later", judged[cut:])):
        shipped = [list_confidence(confidences(asked)) for asked, _ in questions]
        report(f"{name}, shipped weights", questions, shipped)
        fresh = [
            list_confidence(model.predict_proba(np.array(confidence_facts(asked)))[:, 1].tolist()) if labels else 0.0
            for asked, labels in questions
        ]
        report(f"{name}, fitted weights", questions, fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main())
