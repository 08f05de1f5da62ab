#!/usr/bin/env python3
"""kill -9 at random points of write-back, import, reindex, snapshot and migration: is anything lost, or half there?

    scripts/kill_rounds.py --rounds 500

Each round forks a process that does one of these on a data folder of the round's own and is sent SIGKILL after a random
time. Then the folder is opened again: that must succeed; every write that had been acknowledged must be stored
and found; nothing may be there in part; and the index must answer as one that is rebuilt from the store. A hashing
embedder stands in for the model, so that a round takes seconds at most; scripts/write_back_rounds.py does the same
with a real server and the real model. Exit code 1 if a round failed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from hashing import HashingEmbedder
from invented import problem

from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.checking import check
from kbsearch.knowledge.writing import ResolvedTicketIn
from kbsearch.model import Resolution, Scope, TenantId, Ticket
from kbsearch.store.database import FILE_NAME

TENANT = TenantId("acme")
BATCH = 3  # tickets of one transaction of an import: all of them or none
BEFORE = 12  # tickets that are there from the start


def opened(folder: Path) -> KnowledgeBase:
    return KnowledgeBase(folder, lambda name: HashingEmbedder(name=name), default_model="hashing")


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
        kb.reindexing.run(("other", "hashing")[number % 2], lambda done, total, left: False)
        kb.tickets.resolve(TENANT, ticket(number))
        told(number)


def snapshot(folder: Path, told: Callable[[int], None]) -> None:
    for number in range(BEFORE, 10_000):
        kb = opened(folder)
        kb.tickets.resolve(TENANT, ticket(number))
        told(number)
        kb.close()


def migration(folder: Path, told: Callable[[int], None]) -> None:
    """The folder lacks the newest migrations, which opening it brings in."""
    kb = opened(folder)
    for number in range(BEFORE, 10_000):
        kb.tickets.resolve(TENANT, ticket(number))
        told(number)


JOURNEYS = {one.__name__.rstrip("_"): one for one in (write_back, import_, reindex, snapshot, migration)}


def verify(folder: Path, journey: str, acknowledged: int) -> str | None:
    """What is wrong with the folder, None if nothing is."""
    kb = opened(folder)
    lost: list[str] = []
    for number in range(acknowledged + 1):
        one = problem(number)
        hits = kb.search(Scope(TENANT), f'"{one.name}"')[0]
        if one.id not in [hit.id for hit in hits] or kb.tickets.get(TENANT, one.id).resolution.text != one.fix:
            lost.append(one.id)
    if lost:
        kb.close()
        return f"lost: {lost}"
    documents = kb.count()[0]
    if documents - (acknowledged + 1) not in (0, BATCH if journey == "import" else 1):
        return f"{documents} documents of {acknowledged + 1} acknowledged tickets"
    questions = [Ticket(problem(number).issue) for number in range(0, acknowledged + 1, 3)]

    def answers(base: KnowledgeBase) -> list[list[tuple[str, float]]]:
        ranked = [base.suggest(Scope(TENANT), one, 10).solutions for one in questions]
        return [[(one.solution.ref.id, round(one.score, 6)) for one in some] for some in ranked]

    before = answers(kb)
    kb.close()
    again = opened(folder)
    checked = check(again.store, folder / "index")
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


def killed(journey: str, folder: Path, chance: random.Random, longest_s: float) -> int:
    """The last number that was acknowledged before the kill; BEFORE - 1 if none was."""
    reading, writing = os.pipe()
    child = forked(lambda: JOURNEYS[journey](folder, lambda number: os.write(writing, f"{number}\n".encode())))
    os.close(writing)
    time.sleep(chance.uniform(0, longest_s))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        lines = [line for line in told.read().splitlines() if line]
    return int(lines[-1]) if lines else BEFORE - 1


def prepared(folder: Path) -> None:
    kb = opened(folder)
    for number in range(BEFORE):
        kb.tickets.resolve(TENANT, ticket(number))
    kb.close()


def outdate(folder: Path) -> None:
    """Take the last migration back, as in a folder of the version before."""
    db = sqlite3.connect(folder / FILE_NAME)
    with db:
        for table in ("redaction_policies", "raw_tickets"):
            db.execute(f"DROP TABLE {table}")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = '0009_redaction'")
    db.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--longest", type=float, default=2.0, help="kill after at most so many seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=JOURNEYS, help="one kind of rounds alone")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)  # noqa: S311 - moments, not secrets
    failures: list[str] = []
    rounds: Counter[str] = Counter()
    acknowledged: Counter[str] = Counter()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kbsearch-kills-") as place:
        template = Path(place) / "template"
        os.waitpid(forked(lambda: prepared(template)), 0)
        for number in range(arguments.rounds):
            journey = arguments.only or list(JOURNEYS)[number % len(JOURNEYS)]
            folder = Path(place) / "round"
            shutil.copytree(template, folder)
            if journey == "migration":
                outdate(folder)
            last = killed(journey, folder, chance, arguments.longest)
            rounds[journey] += 1
            acknowledged[journey] += last - BEFORE + 1

            def verified(folder: Path = folder, journey: str = journey, last: int = last) -> None:
                if wrong := verify(folder, journey, last):
                    raise SystemExit(wrong)

            child = forked(verified)
            if os.waitpid(child, 0)[1] != 0:
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
