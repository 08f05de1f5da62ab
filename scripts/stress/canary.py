#!/usr/bin/env python3
"""Does anything of one tenant ever reach another? Random requests of every kind look for it.

    python -m scripts.stress.canary --requests 20000

Four tenants and `shared` live in one application. Each writes words that nobody else knows into every field that the
API takes, under ids of its own. Then every operation of the OpenAPI document is asked, over and over, with keys of
every role, ids and cursors and Idempotency-Keys of others, broken bodies and misleading headers. No request holds
another tenant's word, so any that shows up in an answer, its headers or a cursor is a leak, as is one of anybody in a
log line, an error or the metrics. An id of another tenant must be answered as one that exists nowhere, and no answer
may change while the other tenants write. Now and then a tenant's edition of a shared article, a ticket, an article and
comments on them are erased, and no file of the data folder may hold a word or a vector of them. A hashing embedder
stands in for the model: what is kept apart does not depend on it. Exit code 1 if anything leaked, a request ended in a
server error, or an operation was never done.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from scripts.stress.canaries.desks import opened
from scripts.stress.canaries.judging import Report
from scripts.stress.canaries.run import Run


def table(report: Report) -> str:
    """Markdown: requests, statuses and leaks by operation."""
    leaks = Counter(operation for operation, _ in report.leaks)
    rows = ["| operation | requests | statuses | leaks |", "| --- | --- | --- | --- |"]
    for operation in sorted({*report.requests, *leaks}, key=lambda one: (one.partition(" ")[2], one)):
        statuses = ", ".join(f"{status}: {count:,}" for status, count in sorted(report.statuses[operation].items()))
        rows.append(f"| {operation} | {report.requests[operation]:,} | {statuses} | {leaks[operation]} |")
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="kbsearch-canary-") as folder,
        opened(Path(folder), arguments.seed) as (desks, watch),
    ):
        desks.knowledge.start_upkeep()
        report = Run(desks, watch, arguments.seed).go(arguments.requests, lambda line: print(line, flush=True))
    print(table(report))
    print(
        f"\n{report.requests.total():,} requests in {time.monotonic() - began:.0f} s, {report.log_lines:,} log lines,"
        f" {report.compared['ids']} ids of others beside ids of nobody, {report.compared['answers']:,} answers compared"
        f" while others wrote, {report.compared['erasures']} times looked for what was erased in every file"
    )
    print(f"words that their own tenant was shown: {', '.join(sorted(report.shown))}")
    for kind, ratio in report.ratios.items():
        print(f"time for another's {kind} id against one of nobody: {ratio:.3f}")
    for fault in sorted(set(report.faults)):
        print(f"FAULT {fault}")
    print(f"{len(report.leaks)} leaks, {len(report.faults)} faults")
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
