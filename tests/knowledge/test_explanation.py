"""The words shown are those that carried the score: without them the solution falls further than without others.

Asked are the sample tickets against the sample articles; with KBSEARCH_TEST_DATA naming a folder in the BEIR layout,
its queries as well.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from statistics import mean

import pytest

from kbsearch.cli.articles import sync_folder
from kbsearch.evaluation.collections import read_beir
from kbsearch.evaluation.run import evaluate
from kbsearch.model import Scope, SolutionRef, TenantId, Ticket
from kbsearch.text.words import terms

ARTICLES = Path(__file__).parents[2] / "articles"
DATA = os.environ.get("KBSEARCH_TEST_DATA")
_QUESTIONS = 60


def _samples(kb):
    sync_folder(kb, ARTICLES)
    for path in sorted(ARTICLES.glob("*/tickets.jsonl")):
        for line in path.read_text().splitlines():
            ticket = json.loads(line)["ticket"]
            yield Scope(TenantId(path.parent.name)), f"{ticket['subject']} {ticket['description']}"


def _judged(kb):
    assert DATA is not None
    collection = read_beir(Path(DATA))
    evaluate(kb, type(collection)(collection.name, collection.articles, []), lambda *_: None)
    for query in collection.queries:
        yield Scope(TenantId("evaluation")), " ".join(query.ticket.text.split()[:80])


def _score(kb, scope: Scope, words: list[str], ref: SolutionRef) -> float:
    return next((one.score for one in kb.rank(scope, Ticket(" ".join(words))) if one.ref == ref), 0.0)


def _falls(kb, scope: Scope, question: str, seed: int) -> tuple[float, float] | None:
    """By how much the first solution's score falls without the words shown, and without as many others."""
    words = question.split()
    solutions = kb.suggest(scope, Ticket(question), limit=1).solutions
    shown = {term for one in solutions for match in one.matches for word in match.terms for term in terms(word)}
    carrying = [word for word in words if shown.intersection(terms(word))]
    others = [word for word in words if word not in carrying and terms(word)]
    if not carrying or len(others) < len(carrying):
        return None
    ref, before = solutions[0].solution.ref, solutions[0].score
    dropped = random.Random(seed).sample(range(len(others)), len(carrying))
    gone = [others[at] for at in dropped]
    rest = list(words)
    for word in gone:
        rest.remove(word)
    without_shown = _score(kb, scope, [word for word in words if word not in carrying], ref)
    return before - without_shown, before - _score(kb, scope, rest, ref)


@pytest.mark.parametrize("questions", [_samples, *([_judged] if DATA else [])])
def test_without_the_words_shown_a_score_falls_further_than_without_others(knowledge, questions):
    asked = random.Random(1).sample(list(questions(knowledge)), _QUESTIONS)
    falls = [
        fall for seed, (scope, text) in enumerate(asked) if (fall := _falls(knowledge, scope, text, seed)) is not None
    ]
    assert len(falls) >= 20
    assert mean(shown for shown, _ in falls) > 2 * mean(others for _, others in falls)
    assert mean(shown > others for shown, others in falls) >= 0.85
