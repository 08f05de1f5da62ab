#!/usr/bin/env python3
"""Which faults were tried, and what happened: writes the list in docs/operations/reliability.md.

    python -m scripts.stress.faults            # prints what happened
    python -m scripts.stress.faults --write    # puts the list into docs/operations/reliability.md

Every fault is real: a file system that is full or read-only, bytes overwritten on disk, two processes. The commands are
those of kbsearch, with the real model. Needs Linux, and root for file systems of its own (tmpfs). Exit code 1 if
one ended otherwise than promised.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.harness.invented import ndjson
from scripts.stress.trials import disks, files, servers
from scripts.stress.trials.trial import TICKETS, NotTried, Outcome, kbsearch

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations" / "reliability.md"
BEGIN, END = "<!-- faults -->", "<!-- end of faults -->"

FAULTS: dict[str, Callable[[Path], Outcome]] = {
    "disk full during an import": disks.full_during_import,
    "disk full during a backup": disks.full_during_backup,
    "disk full under a server": disks.full_under_a_server,
    "read-only data folder": disks.read_only,
    "snapshot damaged": files.corrupt_snapshot,
    "snapshot missing": files.missing_snapshot,
    "pages of the database overwritten": files.corrupt_page,
    "backup file cut": files.damaged_backup,
    "restore while a server runs": servers.restore_beside_server,
    "two servers on one data folder": servers.two_servers,
    "clock set back by 800 days": servers.clock_set_back,
    "files of the exported model overwritten": files.replaced_model,
    "another model configured": files.other_model,
}


@contextmanager
def fresh(template: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kbsearch-fault-") as place:
        Path(place).chmod(0o755)
        data = Path(place) / "data"
        shutil.copytree(template, data)
        yield data


def listed(outcomes: dict[str, Outcome]) -> str:
    items: list[str] = []
    for fault, outcome in outcomes.items():
        happened = outcome.happened if outcome.promised else f"**NOT AS PROMISED** ({outcome.happened})"
        said = f" Message: `{outcome.said}`" if outcome.said else ""
        items.append(
            textwrap.fill(f"- **{fault}**: {happened}.{said}", 120, subsequent_indent="  ", break_on_hyphens=False)
        )
    return "\n".join(items)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the list into docs/operations/reliability.md")
    parser.add_argument("--only", choices=FAULTS)
    arguments = parser.parse_args()
    outcomes: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory(prefix="kbsearch-faults-") as place:
        os.environ.setdefault("KBSEARCH_EXPORT_DIR", f"{place}/exports")
        template = Path(place) / "data"
        (Path(place) / "tickets.jsonl").write_text(ndjson(range(TICKETS), sentences=1))
        code, said = kbsearch("import", Path(place) / "tickets.jsonl", "--data", template)
        if code != 0:
            raise SystemExit(said)
        for name, fault in FAULTS.items():
            if arguments.only in (None, name):
                with fresh(template) as data:
                    try:
                        outcome = fault(data)
                    except NotTried as reason:
                        outcome = Outcome(f"not tried here: {reason}", "", promised=True)
                    said = outcome.said.replace(str(data.parent), "…")
                outcomes[name] = Outcome(outcome.happened, said, outcome.promised)
                print(f"{'ok' if outcome.promised else 'NOT AS PROMISED'}: {name}: {said}", flush=True)
    if arguments.write:
        text = DOCUMENT.read_text()
        head, tail = text.split(BEGIN)[0], text.split(END)[1]
        DOCUMENT.write_text(f"{head}{BEGIN}\n\n{listed(outcomes)}\n\n{END}{tail}")
    return 0 if all(one.promised for one in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
