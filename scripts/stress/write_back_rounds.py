#!/usr/bin/env python3
"""Is a fix that was written back in the answer to the very next suggest and search? After kill -9, too?

    python -m scripts.stress.write_back_rounds --rounds 1000 --kills 100

Every round writes a fix back over HTTP and asks at once: suggest by the issue's words (dense and lexical), search
by the fix's code and by a quoted phrase (lexical only). A kill round sends SIGKILL right behind
the answer, starts the server again and looks for that fix and all before it. Exit code 1 if one was not found.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from scripts.harness.invented import Problem, problem
from scripts.harness.served import Served


def found(server: Served, one: Problem) -> str | None:
    """None if it is found by all ways, else the way that failed."""
    suggestion = server.post("/v1/suggest", one.question())
    if not any(one.code in solution["resolution"] for solution in suggestion["solutions"]):
        return "suggest"
    if not any(hit["id"] == one.id for hit in server.get("/v1/search", q=one.code)["hits"]):
        return "search by code"
    if not any(hit["id"] == one.id for hit in server.get("/v1/search", q=f'"{one.name}"')["hits"]):
        return "search by phrase"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=10_000)
    arguments = parser.parse_args()
    failures: list[str] = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kbsearch-rounds-") as folder, Served(Path(folder) / "data") as server:
        for number in range(arguments.rounds):
            one = problem(arguments.seed + number)
            server.put(f"/v1/tickets/{one.id}/resolution", one.write_back())
            if how := found(server, one):
                failures.append(f"round {number}: not found by {how}")
            if (number + 1) % 100 == 0:
                print(f"{number + 1} written back, {len(failures)} not found", flush=True)
        kept = [problem(arguments.seed + number) for number in range(arguments.rounds)]
        for number in range(arguments.kills):
            one = problem(arguments.seed + arguments.rounds + number)
            kept.append(one)
            server.put(f"/v1/tickets/{one.id}/resolution", one.write_back())
            server.kill()
            server.start()
            for earlier in (one, kept[number * 7 % len(kept)]):
                if how := found(server, earlier):
                    failures.append(f"kill {number}: {earlier.id} not found by {how}")
            if (number + 1) % 10 == 0:
                print(f"{number + 1} kills, {len(failures)} not found", flush=True)
        lost = [one.id for one in kept if server.client.get(f"/v1/tickets/{one.id}").status_code != 200]
        failures += [f"{id} is not stored" for id in lost]
    for failure in failures:
        print(failure)
    print(
        f"{arguments.rounds} rounds and {arguments.kills} kills in {time.monotonic() - started:.0f} s:"
        f" {len(failures)} failures"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
