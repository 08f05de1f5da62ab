#!/usr/bin/env python3
"""Does a server stay as it is under load for hours? Memory, errors and latency, watched from outside.

    python -m scripts.stress.soak --minutes 60 --clients 8

A real `kbsearch serve` with the default model is filled, reindexed once, then asked, searched, written back to,
imported into and reindexed now and then, with wrong requests between, while its memory is read from /proc. Exit
code 1 if a request ended otherwise than it must, if memory grew by more than the knowledge explains, or if answers came
to take twice as long and the machine did not get slower by as much. Needs Linux.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from scripts.harness.served import Served
from scripts.stress.soaks.judging import judged, table
from scripts.stress.soaks.load import Soak

_READY_WITHIN_S = 600  # the model is exported first, on a machine that may be busy


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--documents", type=int, default=5_000, help="tickets imported before")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="kbsearch-soak-") as folder,
        Served(Path(folder) / "data", ready_within_s=_READY_WITHIN_S) as server,
    ):
        soak = Soak(server, asked.seed)
        soak.fill(asked.documents)
        soak.run(asked.minutes, asked.clients)
        ended = server.stop()
    found = judged(soak.done, soak.samples) + ([f"the server ended with {ended}"] if ended else [])
    print(table(soak.done, soak.samples))
    kinds = Counter(one.kind for one in soak.done)
    print(f"\n{len(soak.done):,} requests in {asked.minutes:g} min: {dict(kinds.most_common())}")
    for one in found:
        print(f"WRONG {one}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
