#!/usr/bin/env python3
"""kill -9 at random points of what writes to a data folder: is anything lost, half there, or left of what was erased?

    python -m scripts.stress.kill_rounds --rounds 500

Each round forks a process that writes back, imports, reindexes, saves snapshots, migrates an older folder, adds and
deletes a tenant's own edition of a shared article, or comments and erases, on a data folder of the round's own. It is
sent SIGKILL after a random time; in the rounds with two processes the other one goes on and ends by itself. Then the
folder is opened again: that must succeed; every write that had been acknowledged, and what the folder held before,
must be stored and found; nothing may be there in part; of what was erased no file may hold a word, a hash of a word or
a vector; and the index must answer as one that is rebuilt from the store. A hashing embedder stands in for the model,
so that a round takes half a second; write_back_rounds does the same with a real server and the real model. Exit code 1
if a round failed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from scripts.stress.kills import ledger
from scripts.stress.kills.journeys import BATCH, BEFORE, FILLED, JOURNEYS, OUTDATED, Start, fill, outdate, two_processes
from scripts.stress.kills.ledger import noting
from scripts.stress.kills.verifying import verify

MIGRATION_SHARE = 0.4  # of the longest wait: a migration takes less than 0.1 s, and is what is to be hit
TWO = "two_processes"
GOES_ON_FOR = 2  # writes of the other process after the kill
_OTHER_ENDS_WITHIN_S = 120.0


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


def one_round(journey: str, folder: Path, start: Start, after_s: float) -> tuple[str | None, int]:
    """What is wrong after a kill, None if nothing is, and how many writes were acknowledged."""
    wrong = killed(journey, folder, after_s)
    writes = ledger.read(noted(folder))

    def verified() -> None:
        if found := verify(folder, start, writes, BATCH if journey == "import" else 1):
            raise SystemExit(found)

    if wrong is None and os.waitpid(forked(verified), 0)[1] != 0:
        wrong = "the folder is not as it must be"
    return wrong, writes.acknowledged


def killed(journey: str, folder: Path, after_s: float) -> str | None:
    """Kill the journey's process. In rounds with two processes, what is wrong with the other one."""
    notes = noted(folder)
    ends = folder.with_suffix(".ends")
    other = forked(lambda: two_processes(folder, noting(notes[1]), BEFORE + 1, ends)) if journey == TWO else None
    child = forked(lambda: JOURNEYS[journey](folder, noting(notes[0])))
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None if other is None else ended(other, notes[1], ends)


def ended(other: int, notes: Path, ends: Path) -> str | None:
    """Let the other process go on for some writes and end. What is wrong, None if nothing is."""
    wanted = len(ledger.read([notes]).written) + GOES_ON_FOR
    until = time.monotonic() + _OTHER_ENDS_WITHIN_S
    while time.monotonic() < until:
        if len(ledger.read([notes]).written) >= wanted:
            ends.touch()
        pid, status = os.waitpid(other, os.WNOHANG)
        if pid:
            return None if status == 0 else "the other process failed"
        time.sleep(0.02)
    os.kill(other, signal.SIGKILL)
    os.waitpid(other, 0)
    return "the other process did not go on"


def noted(folder: Path) -> tuple[Path, Path]:
    """Where the processes of a round note what was acknowledged."""
    return folder.with_suffix(".one"), folder.with_suffix(".other")


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
        filled, outdated = (Path(place) / name for name in ("filled", "outdated"))
        os.waitpid(forked(lambda: fill(filled)), 0)
        outdate(outdated)
        for number in range(arguments.rounds):
            journey = arguments.only or list(JOURNEYS)[number % len(JOURNEYS)]
            template, start = (outdated, OUTDATED) if journey == "migration" else (filled, FILLED)
            folder = Path(place) / f"round-{number}"
            shutil.copytree(template, folder)
            longest_s = arguments.longest * (MIGRATION_SHARE if journey == "migration" else 1)
            wrong, writes = one_round(journey, folder, start, chance.uniform(0, longest_s))
            rounds[journey] += 1
            acknowledged[journey] += writes
            if wrong:
                failures.append(f"round {number}: {journey}: {wrong}")
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
