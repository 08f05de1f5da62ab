"""What must hold in a data folder whose process was killed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from kbsearch.errors import NotFound
from kbsearch.index.local.index import LocalIndexes
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.indexing.checking import check
from kbsearch.model import SHARED, Scope, SolutionRef, StoredArticle, Ticket
from scripts.harness.invented import Problem, problem
from scripts.harness.residue import Traces, residue
from scripts.stress.kills.journeys import GUIDE, TENANT, Start, comment, opened
from scripts.stress.kills.ledger import Ledger

Answers = list[list[tuple[str, float]]]


def verify(folder: Path, start: Start, ledger: Ledger, batch: int = 1) -> str | None:
    """What is wrong with the folder, None if nothing is.

    Args:
        folder: opened again after the kill.
        start: what it held before the round.
        ledger: what was acknowledged.
        batch: how many tickets come with one write that was not.
    """
    kb = opened(folder)
    gone = {number for number in ledger.erasing if not _is_stored(kb, problem(number))}
    here = ledger.written - gone
    known = [*start.held, *map(problem, sorted(here))]
    wrong = (
        _not_erased(ledger, gone)
        or _lost(kb, known)
        or _documents(kb, start.documents, len(here), batch)
        or _comments(kb, ledger, gone)
        or _history(kb, ledger)
    )
    if wrong:
        kb.close()
        return wrong
    questions = [Ticket(one.issue) for one in known[::3]]
    before = _answers(kb, questions)
    if not kb.purges.run():  # while a file may be being written: a minute later it is one that a killed process left
        for path in (folder / "index").rglob("*"):
            os.utime(path, (0, 0))
        if not kb.purges.run():
            return "what was erased cannot be purged"
    erased = [ledger.erasing[number] for number in gone] + _editions_gone(kb, ledger)
    kb.close()
    if left := residue(folder, erased):
        return f"erased, but still there: {left}"
    again = opened(folder)
    checked = check(again.store, LocalIndexes(folder / "index"))
    again.close()
    if not checked.is_sound:
        return str(checked)
    shutil.rmtree(folder / "index")
    rebuilt = opened(folder)
    same = _answers(rebuilt, questions) == before
    rebuilt.close()
    return None if same else "the index answers otherwise than one that is rebuilt"


def _is_stored(kb: KnowledgeBase, one: Problem) -> bool:
    try:
        kb.tickets.get(TENANT, one.id)
    except NotFound:
        return False
    return True


def _not_erased(ledger: Ledger, gone: set[int]) -> str | None:
    there = ledger.erased - gone
    return f"erased, but stored: {sorted(there)}" if there else None


def _lost(kb: KnowledgeBase, known: list[Problem]) -> str | None:
    lost: list[str] = []
    for one in known:
        hits = kb.search(Scope(TENANT), f'"{one.name}"')[0]
        if one.id not in [hit.id for hit in hits] or kb.tickets.get(TENANT, one.id).resolution.text != one.fix:
            lost.append(one.id)
    return f"lost: {lost}" if lost else None


def _documents(kb: KnowledgeBase, before: int, written: int, batch: int) -> str | None:
    """A process may be killed while it notes the tickets of a batch one by one, but each batch is stored whole."""
    there = kb.count()[0] - (_edition(kb) is not None)
    is_whole = batch == 1 or (there - before) % batch == 0
    known = before + written
    return None if 0 <= there - known <= batch and is_whole else f"{there} documents where {known} are known"


def _comments(kb: KnowledgeBase, ledger: Ledger, gone: set[int]) -> str | None:
    there = {flag.comment for flag in kb.articles.flags(Scope(TENANT), limit=10_000)}
    lost = [number for number in ledger.commented - gone if comment(number) not in there]
    left = [number for number in gone if comment(number) in there]
    return f"comments lost: {lost}, not erased: {left}" if lost or left else None


def _edition(kb: KnowledgeBase) -> StoredArticle | None:
    """The tenant's own edition of the shared article, if there is one."""
    found = [one for one in kb.articles.page(Scope(TENANT)) if one.article.id == GUIDE]
    return found[0] if found and found[0].tenant == TENANT else None


def _history(kb: KnowledgeBase, ledger: Ledger) -> str | None:
    """What tickets proved is with the edition that the tenant sees."""
    if not ledger.editions:
        return None
    edition = _edition(kb)
    if edition is not None and _words(edition) in [ledger.editions[number].words for number in ledger.deleted]:
        return "an edition is there though its deletion was acknowledged"
    seen = SolutionRef(SHARED if edition is None else TENANT, GUIDE)
    elsewhere = [number for number in ledger.written if kb.tickets.get(TENANT, problem(number).id).solution != seen]
    return f"tickets are not with {seen}: {elsewhere}" if elsewhere else None


def _editions_gone(kb: KnowledgeBase, ledger: Ledger) -> list[Traces]:
    edition = _edition(kb)
    return [one for one in ledger.editions.values() if edition is None or one.words != _words(edition)]


def _words(edition: StoredArticle) -> tuple[str, ...]:
    return (edition.article.title.split()[0],)


def _answers(kb: KnowledgeBase, questions: list[Ticket]) -> Answers:
    ranked = [kb.suggest(Scope(TENANT), one, 10).solutions for one in questions]
    return [[(one.solution.ref.id, round(one.score, 6)) for one in some] for some in ranked]
