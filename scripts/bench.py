#!/usr/bin/env python3
"""How fast is it: seeded, set-up outside the timed part, each figure a ratio of two things taken side by side.

    python -m scripts.bench DATA --only peers --keep FOLDER

DATA is a folder of real texts and judged collections; what needs a file that is not there is skipped. Each
benchmark writes NAME.json with machine, versions and commit, and prints its tables. ``peers`` needs
``pip install -e '.[peers]'``, ``plot`` needs ``.[bench]``. docs/benchmarks.md explains the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from scripts.benchmarks.machine import commit, machine, versions
from scripts.benchmarks.options import Options

BENCHMARKS = {
    "embedding": "scripts.benchmarks.embedding",
    "import": "scripts.benchmarks.importing",
    "suggest": "scripts.benchmarks.suggesting",
    "start": "scripts.benchmarks.starting",
    "peers": "scripts.benchmarks.peers",
    "sizes": "scripts.benchmarks.sizes",
    "million": "scripts.benchmarks.million",
    "plot": "scripts.benchmarks.plot",
}
"""Name on the command line → module. An import comes late: each brings its own libraries."""

_SCRIPTS = Path(__file__).resolve().parent


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    out = Console(width=None if sys.stdout.isatty() else 240)
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kbsearch-bench-") as temporary:
        keep = (given.keep or Path(temporary)).resolve()
        options = Options(given.seed, given.quick, keep, given.out.resolve(), given.largest)
        # The model is exported once for all data folders, outside of what is measured.
        os.environ.setdefault("KBSEARCH_EXPORT_DIR", str(options.keep / "exports"))
        for name in given.only or BENCHMARKS:
            module = import_module(BENCHMARKS[name])
            if missing := [need for need in module.NEEDS if not (given.data / need).exists()]:
                out.print(f"{name}: skipped, DATA has no {', '.join(missing)}")
                continue
            out.print(f"{name}:")
            found = {"benchmark": name, **_circumstances(given, name), **module.run(given.data.resolve(), options)}
            path = given.out / f"{name}{'-quick' if given.quick else ''}.json"
            path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            show(out, found)
    return 0


def show(out: Console, found: dict[str, Any]) -> None:
    """A benchmark's tables, targets and notes."""
    tables = {**found.get("tables", {}), **({"targets": found["targets"]} if found.get("targets") else {})}
    for title, rows in tables.items():
        columns = list(dict.fromkeys(name for row in rows for name in row))
        table = Table(title=title, title_justify="left", box=None, padding=(0, 1), header_style="bold")
        for column in columns:
            table.add_column(column, justify="left" if isinstance(rows[0].get(column), str) else "right")
        for row in rows:
            table.add_row(*(str(row.get(column, "")) for column in columns))
        out.print(table)
    for note in found.get("notes", []):
        out.print(note, markup=False)


def _circumstances(given: argparse.Namespace, name: str) -> dict[str, Any]:
    """What a reader needs in order to take the figures again."""
    flags = [*(["--quick"] if given.quick else []), *(["--keep", "FOLDER"] if given.keep else [])]
    flags += ["--largest", str(given.largest)] if name == "sizes" else []
    return {
        "command": " ".join(["python -m scripts.bench DATA --only", name, "--seed", str(given.seed), *flags]),
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(_SCRIPTS.parent),
        "seed": given.seed,
        "machine": machine(),
        "versions": versions(),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that the scripts work")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--largest", type=int, default=10_000_000, help="sizes: no more passages than this")
    parser.add_argument("--keep", type=Path, help="loaded data folders and vectors are kept here and used again")
    parser.add_argument("--out", type=Path, default=_SCRIPTS / "results", help="where the JSON goes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
