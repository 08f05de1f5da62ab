#!/usr/bin/env python3
"""kill -9 at random points of write-back, import, reindex, snapshot and migration: is anything lost, or half there?

    scripts/kill_rounds.py --rounds 500

Each round forks a process that does one of these on a data folder of the round's own and is sent SIGKILL after a random
time. Then the folder is opened again: that must succeed; every write that had been acknowledged, and what the folder
held before, must be stored and found; nothing may be there in part; and the index must answer as one that is rebuilt
from the store. A hashing embedder stands in for the model, so that a round takes half a second;
scripts/write_back_rounds.py does the same with a real server and the real model. Exit code 1 if a round failed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tarfile
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import upgrade_fixture
from hashing import HashingEmbedder
from invented import Problem, problem

from kbsearch.index.local.index import LocalIndexes
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.checking import check
from kbsearch.knowledge.writing import ResolvedTicketIn
from kbsearch.model import Resolution, Scope, TenantId, Ticket

OLDEST = min((Path(__file__).parent.parent / "tests" / "upgrades").glob("schema-*.tar.gz"))
TENANT = TenantId("acme")
BATCH = 3  # tickets of one transaction of an import: all of them or none
BEFORE = 12  # the number of the first ticket that a round writes
OTHER = "other"  # a second model to reindex with
MIGRATION_SHARE = 0.4  # of the longest wait: a migration takes less than 0.1 s, and is what is to be hit


@dataclass(frozen=True)
class Start:
    """A folder as a round finds it: the tickets that must be in it, and how many documents it holds with all others."""

    held: tuple[Problem, ...]
    documents: int


FILLED = Start(tuple(map(problem, range(BEFORE))), BEFORE)
OUTDATED = Start(
    tuple(
        Problem(f"T-{n}", f"Scanner{n}", f"Musala{n}", f"Scanner{n} shows it", f"Loaded the profile Musala{n} into it")
        for n in range(upgrade_fixture.TICKETS)
    ),
    upgrade_fixture.DOCUMENTS,
)


def fill(folder: Path) -> None:
    kb = opened(folder)
    for number in range(BEFORE):
        kb.tickets.resolve(TENANT, ticket(number))
    kb.close()


def outdate(folder: Path) -> None:
    """As the oldest version of which a folder is kept has left it."""
    with tarfile.open(OLDEST) as archive:
        archive.extractall(folder.parent, filter="data")
    (folder.parent / "data").rename(folder)


def opened(folder: Path) -> KnowledgeBase:
    return KnowledgeBase(folder, lambda name: HashingEmbedder(name=name if name == OTHER else "hashing"))


def ticket(number: int) -> ResolvedTicketIn:
    one = problem(number)
    return ResolvedTicketIn(one.id, Ticket(one.issue), Resolution(one.fix))


def write_back(folder: Path, told: Callable[[int], None]) -> None:
    kb = opened(folder)
    for number in range(BEFORE, 10_000):
        kb.tickets.resolve(TENANT, ticket(number))
        told(number)


def import_(folder: Path, told: Callable[[int], None]) -> None:
    kb = opened(folder)
    for start in range(BEFORE, 10_000, BATCH):
        lines = ((number, ticket(number)) for number in range(start, start + BATCH))
        for report in kb.tickets.import_lines(TENANT, lines):
            told(report.line)


def reindex(folder: Path, told: Callable[[int], None]) -> None:
    kb = opened(folder)
    for number in range(BEFORE, 10_000):
        kb.reindexing.run((OTHER, "default")[number % 2], lambda done, total, left: False)
        kb.tickets.resolve(TENANT, ticket(number))
        told(number)


def snapshot(folder: Path, told: Callable[[int], None]) -> None:
    for number in range(BEFORE, 10_000):
        kb = opened(folder)
        kb.tickets.resolve(TENANT, ticket(number))
        told(number)
        kb.close()


def migration(folder: Path, told: Callable[[int], None]) -> None:
    """The folder is the oldest kept one: opening it brings in all later migrations."""
    write_back(folder, told)


JOURNEYS = {one.__name__.rstrip("_"): one for one in (write_back, import_, reindex, snapshot, migration)}


def verify(folder: Path, start: Start, acknowledged: int, batch: int = 1) -> str | None:
    """What is wrong with the folder, None if nothing is.

    Args:
        folder: opened again after the kill.
        start: what it held before the round.
        acknowledged: how many writes of the round were.
        batch: how many tickets come with one write that was not.
    """
    kb = opened(folder)
    known = [*start.held, *map(problem, range(BEFORE, BEFORE + acknowledged))]
    lost: list[str] = []
    for one in known:
        hits = kb.search(Scope(TENANT), f'"{one.name}"')[0]
        if one.id not in [hit.id for hit in hits] or kb.tickets.get(TENANT, one.id).resolution.text != one.fix:
            lost.append(one.id)
    if lost:
        kb.close()
        return f"lost: {lost}"
    documents, known_documents = kb.count()[0], start.documents + acknowledged
    if documents - known_documents not in (0, batch):
        return f"{documents} documents where {known_documents} are known"
    questions = [Ticket(one.issue) for one in known[::3]]

    def answers(base: KnowledgeBase) -> list[list[tuple[str, float]]]:
        ranked = [base.suggest(Scope(TENANT), one, 10).solutions for one in questions]
        return [[(one.solution.ref.id, round(one.score, 6)) for one in some] for some in ranked]

    before = answers(kb)
    kb.close()
    again = opened(folder)
    checked = check(again.store, LocalIndexes(folder / "index"))
    again.close()
    if not checked.is_sound:
        return str(checked)
    shutil.rmtree(folder / "index")
    rebuilt = opened(folder)
    same = answers(rebuilt) == before
    rebuilt.close()
    return None if same else "the index answers otherwise than one that is rebuilt"


def forked(work: Callable[[], object]) -> int:
    """Run in a process of its own, which has everything imported already. Returns its id."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - the child's end
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child


def killed(journey: str, folder: Path, after_s: float) -> int:
    """How many writes were acknowledged before the kill."""
    reading, writing = os.pipe()
    child = forked(lambda: JOURNEYS[journey](folder, lambda number: os.write(writing, f"{number}\n".encode())))
    os.close(writing)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        lines = [line for line in told.read().splitlines() if line]
    return int(lines[-1]) + 1 - BEFORE if lines else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--longest", type=float, default=0.5, help="kill after at most so many seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=JOURNEYS, help="one kind of rounds alone")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)  # noqa: S311 - moments, not secrets
    failures: list[str] = []
    rounds: Counter[str] = Counter()
    acknowledged: Counter[str] = Counter()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kbsearch-kills-") as place:
        filled, outdated, folder = (Path(place) / name for name in ("filled", "outdated", "round"))
        os.waitpid(forked(lambda: fill(filled)), 0)
        outdate(outdated)
        for number in range(arguments.rounds):
            journey = arguments.only or list(JOURNEYS)[number % len(JOURNEYS)]
            template, start = (outdated, OUTDATED) if journey == "migration" else (filled, FILLED)
            shutil.copytree(template, folder)
            longest_s = arguments.longest * (MIGRATION_SHARE if journey == "migration" else 1)
            writes = killed(journey, folder, chance.uniform(0, longest_s))
            rounds[journey] += 1
            acknowledged[journey] += writes

            def verified(start: Start = start, writes: int = writes, journey: str = journey) -> None:
                if wrong := verify(folder, start, writes, BATCH if journey == "import" else 1):
                    raise SystemExit(wrong)

            if os.waitpid(forked(verified), 0)[1] != 0:
                failures.append(f"round {number}: {journey}")
            shutil.rmtree(folder)
            if (number + 1) % 50 == 0:
                print(f"{number + 1} rounds, {len(failures)} failed", flush=True)
    for journey, count in rounds.items():
        print(f"{journey}: {count} kills, {acknowledged[journey]} acknowledged writes")
    for failure in failures:
        print(failure)
    print(f"{arguments.rounds} rounds in {time.monotonic() - started:.0f} s: {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
