"""What the processes do that are killed. Each notes a write once it was acknowledged."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from kbsearch.bootstrap import embedded
from kbsearch.errors import AlreadyRunning
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import (
    SHARED,
    Article,
    ArticleState,
    DocumentKind,
    Feedback,
    FeedbackOutcome,
    Resolution,
    Scope,
    TenantId,
    Ticket,
)
from scripts.harness.hashing import HashingEmbedder
from scripts.harness.invented import Problem, problem
from scripts.harness.residue import traces
from scripts.project import upgrade_fixture
from scripts.stress.kills.ledger import Note

OLDEST = min((Path(__file__).parents[3] / "tests" / "upgrades").glob("schema-*.tar.gz"))
TENANT = TenantId("acme")
GUIDE = "guide"
"""The id of a shared article."""

BATCH = 3  # tickets of one transaction of an import: all of them or none
BEFORE = 12  # the number of the first ticket that a round writes
OTHER = "other"  # a second model to reindex with


@dataclass(frozen=True)
class Start:
    """A folder as a round finds it: the tickets that must be in it, and how many documents it holds with all others."""

    held: tuple[Problem, ...]
    documents: int


FILLED = Start(tuple(map(problem, range(BEFORE))), BEFORE + 1)
OUTDATED = Start(
    tuple(
        Problem(f"T-{n}", f"Scanner{n}", f"Musala{n}", f"Scanner{n} shows it", f"Loaded the profile Musala{n} into it")
        for n in range(upgrade_fixture.TICKETS)
    ),
    upgrade_fixture.DOCUMENTS,
)


def fill(folder: Path) -> None:
    kb = opened(folder)
    kb.articles.put(
        SHARED, Article(GUIDE, "Devices of the warehouse", resolution="Restart them", state=ArticleState.VALIDATED)
    )
    for number in range(BEFORE):
        kb.tickets.resolve(TENANT, ticket(number))
    kb.close()


def outdate(folder: Path) -> None:
    """As the oldest version of which a folder is kept has left it."""
    with tarfile.open(OLDEST) as archive:
        archive.extractall(folder.parent, filter="data")
    (folder.parent / "data").rename(folder)


def opened(folder: Path) -> KnowledgeBase:
    return embedded(folder, lambda name: HashingEmbedder(name=name if name == OTHER else "hashing"))


def ticket(number: int, solution_id: str | None = None) -> ResolvedTicketIn:
    one = problem(number)
    return ResolvedTicketIn(one.id, Ticket(one.issue), Resolution(one.fix, solution_id=solution_id))


def write_back(folder: Path, note: Note) -> None:
    kb = opened(folder)
    for number in count(BEFORE):
        kb.tickets.resolve(TENANT, ticket(number))
        note("written", number)


def import_(folder: Path, note: Note) -> None:
    kb = opened(folder)
    for start in count(BEFORE, BATCH):
        lines = ((number, ticket(number)) for number in range(start, start + BATCH))
        for _ in kb.tickets.import_lines(TENANT, lines):
            for number in range(start, start + BATCH):
                note("written", number)


def reindex(folder: Path, note: Note) -> None:
    kb = opened(folder)
    for number in count(BEFORE):
        _reindex(kb, number)
        kb.tickets.resolve(TENANT, ticket(number))
        note("written", number)


def snapshot(folder: Path, note: Note) -> None:
    for number in count(BEFORE):
        kb = opened(folder)
        kb.tickets.resolve(TENANT, ticket(number))
        note("written", number)
        kb.close()


def migration(folder: Path, note: Note) -> None:
    """The folder is the oldest kept one: opening it brings in all later migrations."""
    write_back(folder, note)


def editions(folder: Path, note: Note) -> None:
    """The tenant's own edition of a shared article comes and goes; what the tenant's tickets proved stays."""
    kb = opened(folder)
    for number in count(BEFORE):
        kb.tickets.resolve(TENANT, ticket(number, GUIDE))
        note("written", number)
        words = (f"Edition{problem(number).name}",)
        note("editions", number, words)
        kb.articles.put(TENANT, Article(GUIDE, f"{words[0]} of the warehouse", resolution=f"Unplug {words[0]}"))
        note("editions", number, words, traces(kb.store, TENANT, DocumentKind.ARTICLE, GUIDE, words).vectors)
        kb.articles.delete(TENANT, GUIDE)
        note("deleted", number)
        if number % 4 == 0:
            kb.purges.run()


def comments(folder: Path, note: Note) -> None:
    """Agents comment on what was suggested for a ticket; every second ticket is erased."""
    kb = opened(folder)
    for number in count(BEFORE):
        kb.tickets.resolve(TENANT, ticket(number, GUIDE))
        note("written", number)
        _comment(kb, number, note)
        if number % 2:
            _erase(kb, number, note)
        if number % 6 == 0:
            kb.purges.run()


def two_processes(folder: Path, note: Note, first: int = BEFORE, ends: Path | None = None) -> None:
    """Writes, answers, erases, saves and reindexes, beside another process that does the same with other numbers.

    Args:
        folder: the data folder.
        note: notes what was acknowledged.
        first: the first number; the other process has the numbers between.
        ends: the process ends when this file is there; None: it goes on.
    """
    kb = opened(folder)
    for number in count(first, 2):
        if ends is not None and ends.exists():
            kb.close()
            return
        kb.tickets.resolve(TENANT, ticket(number, GUIDE))
        note("written", number)
        one = problem(number)
        if one.id not in [hit.id for hit in kb.search(Scope(TENANT), f'"{one.name}"')[0]]:
            raise SystemExit(f"{one.id} was acknowledged and is not found")
        _comment(kb, number, note)
        step = number // 2
        if step % 2:
            _erase(kb, number, note)
        if step % 3 == 0:
            kb._generations.save()
        if step % 4 == 0:
            kb.purges.run()
        if step % 5 == 0:
            _reindex(kb, number)


JOURNEYS: dict[str, Callable[[Path, Note], None]] = {
    one.__name__.rstrip("_"): one
    for one in (write_back, import_, reindex, snapshot, migration, editions, comments, two_processes)
}


def comment(number: int) -> str:
    return f"Comment{problem(number).name} did not help"


def _comment(kb: KnowledgeBase, number: int, note: Note) -> None:
    one = problem(number)
    shown = kb.suggest(Scope(TENANT), Ticket(one.issue, id=one.id))
    kb.give_feedback(TENANT, Feedback(shown.id, GUIDE, FeedbackOutcome.WRONG, "anna", comment(number)))
    note("commented", number)


def _erase(kb: KnowledgeBase, number: int, note: Note) -> None:
    one = problem(number)
    words = (one.name, comment(number).split()[0])  # parts of the code stand in other codes too
    note("erasing", number, words, traces(kb.store, TENANT, DocumentKind.TICKET, one.id, words).vectors)
    kb.tickets.erase(TENANT, one.id)
    note("erased", number)


def _reindex(kb: KnowledgeBase, number: int) -> None:
    with suppress(AlreadyRunning):
        kb.reindexing.run((OTHER, "default")[number // 2 % 2], lambda done, total, left: False)
