#!/usr/bin/env python3
"""Asks everyday questions of the sample knowledge, and says how often the first answer and the verdict are right.

    python -m scripts.measure.everyday --keep FOLDER [--part held-out] [--misses]

The questions of tests/evaluation/everyday (English, Bulgarian, Bulgarian in Latin letters, misspelt; some without an
answer) are asked of a desk without tickets, of one with its 28 sample tickets, and of one with those of all three
sample desks. Articles of both languages are right; a ticket's fix never is, so that the last desk is judged strictly.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kbsearch.bootstrap import open_knowledge
from kbsearch.cli.articles import load_folder
from kbsearch.cli.importing import import_file
from kbsearch.cli.options import settings
from kbsearch.evaluation.collections import ticket_of
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.questions import ranked_solutions
from kbsearch.model import Action, Scope, Status, Suggestion, TenantId, Ticket
from kbsearch.ranking.fitting import Example
from kbsearch.ranking.signals import features
from scripts.train.desks import Desk, Judged

ROOT = Path(__file__).parents[2]
QUESTIONS = ROOT / "tests" / "evaluation" / "everyday"
ARTICLES = ROOT / "articles"
NO_TICKETS, OWN_TICKETS, ALL_TICKETS = TenantId("no-tickets"), TenantId("default"), TenantId("all-tickets")


@dataclass(frozen=True, slots=True)
class Question:
    """A question.

    Attributes:
        ticket: what is asked.
        right: the ids of the articles that answer it; none for one without an answer.
        part: see questions().
        answered_at: desks where a ticket answers it although no article does.
    """

    ticket: Ticket
    right: frozenset[str]
    part: str
    answered_at: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with what was suggested."""

    question: Question
    suggestion: Suggestion

    @property
    def is_first_right(self) -> bool:
        solutions = self.suggestion.solutions
        return bool(solutions) and solutions[0].solution.ref.id in self.question.right

    def has(self, wanted: Status | Action) -> bool:
        return wanted in (self.suggestion.verdict.status, self.suggestion.verdict.action)


def questions(part: str | None) -> Iterator[Question]:
    """The questions of a part, ``dev`` or ``held-out``; None for all."""
    right: dict[str, set[str]] = {}
    for line in (QUESTIONS / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        id, article, _ = line.split("\t")
        right.setdefault(id, set()).add(article)
    for line in (QUESTIONS / "queries.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if part is None or row["metadata"]["part"] == part:
            answered = frozenset(row["metadata"].get("answered_at", ()))
            yield Question(
                ticket_of(row["text"]), frozenset(right.get(row["_id"], ())), row["metadata"]["part"], answered
            )


def load(knowledge: KnowledgeBase) -> None:
    """Load the sample knowledge, as ``kbsearch serve --load articles`` does, and all tickets into one more tenant."""
    load_folder(knowledge, ARTICLES)
    for path in sorted(ARTICLES.glob("*/tickets.jsonl")):
        import_file(knowledge, ALL_TICKETS, path)


def asked_of_samples(folder: Path) -> Iterator[Judged]:
    """Each question at each desk, as its candidates are ranked; the collection's name tells the part."""
    knowledge = open_knowledge(settings(data_dir=folder))
    try:
        load(knowledge)
        engine = knowledge._generations.for_reading()
        for tenant, tickets in ((NO_TICKETS, 0), (OWN_TICKETS, 28), (ALL_TICKETS, 176)):
            for one in questions(None):
                with knowledge._store.read() as tx:
                    ranked = ranked_solutions.rank(tx, engine, Scope(tenant), one.ticket)
                refs, table = features([some for group in ranked.groups for some in group.candidates], ranked.standings)
                gains = np.array([float(ref.id in one.right) for ref in refs])
                example = Example(table, gains, ranked.looked.familiarity, known=bool(one.right))
                yield Judged(f"everyday {one.part}", Desk(tickets=tickets), 0.0, example)
    finally:
        knowledge.close()


def report(tenant: TenantId, answers: list[Answered]) -> str:
    """One line of figures."""
    known = [one for one in answers if one.question.right]
    unknown = [one for one in answers if not one.question.right and tenant not in one.question.answered_at]
    applied = [one for one in answers if one.has(Action.APPLY)]

    def share(some: list[bool]) -> str:
        return f"{sum(some) / len(some):.3f}" if some else "-"

    return (
        f"{tenant}: {len(known)} questions, hit@1 {share([one.is_first_right for one in known])};"
        f" {len(unknown)} without an answer, known {share([one.has(Status.KNOWN) for one in unknown])};"
        f" apply {len(applied)} times, right {share([one.is_first_right for one in applied])}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, required=True, help="the data folder; used again the next time")
    parser.add_argument("--part", choices=["dev", "held-out"], help="this half of the questions only")
    parser.add_argument("--misses", action="store_true", help="print each question that was answered wrong")
    arguments = parser.parse_args()
    knowledge = open_knowledge(settings(data_dir=arguments.keep))
    try:
        load(knowledge)
        for tenant in (NO_TICKETS, OWN_TICKETS, ALL_TICKETS):
            answers = [Answered(one, knowledge.suggest(Scope(tenant), one.ticket)) for one in questions(arguments.part)]
            print(report(tenant, answers), flush=True)
            for one in answers if arguments.misses else ():
                if bool(one.question.right) != one.is_first_right or (not one.question.right and one.has(Status.KNOWN)):
                    solutions = [solution.solution.ref.id for solution in one.suggestion.solutions[:3]]
                    print("  ", repr(one.question.ticket.text[:60]), one.suggestion.verdict.status, solutions)
    finally:
        knowledge.close()


if __name__ == "__main__":
    main()
