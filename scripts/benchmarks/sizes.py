"""What a search costs against how much is held, 10,000 to 10 million passages of 50 uneven tenants.

The vector index by itself, on synthetic vectors around real ones and real questions. Recall is the share of the ten
nearest passages of a tenant that are among the ten found, against comparing all of the tenant's; each tenant
counts the same. Times are of questions dealt to the tenants by size, in a process that has only opened the index.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.benchmarks.options import Options
from scripts.benchmarks.synthetic import NEEDS as NEEDS
from scripts.benchmarks.synthetic import synthetic
from scripts.benchmarks.worker import Worker
from scripts.harness.figures import at_least, at_most

_LARGE = 1_000_000


def run(data: Path, options: Options) -> dict[str, Any]:
    synthetic(data, options)
    rows: list[dict[str, Any]] = []
    targets: list[dict[str, Any]] = []
    for size in _sizes(options):
        folder = options.kept(f"sizes-{size}")
        quick = "quick" if options.quick else "full"
        builder = Worker("scripts.benchmarks.sizes_worker", "build", str(folder), str(data), str(options.keep), quick)
        built = builder.ask(size=size, seed=options.seed)
        builder.close()
        reader = Worker("scripts.benchmarks.sizes_worker", "read", str(folder))
        found = reader.ask(seed=options.seed)
        reader.close()
        row = {"passages": size, **built, **found}
        rows.append(row)
        print(f"  {row}", flush=True)
        if size >= _LARGE:
            wanted, within = (0.98, 3.0) if size == _LARGE else (0.95, 15.0)
            targets += [
                at_least(f"recall@10, {size:,} passages", row["recall_at_10"], wanted),
                at_most(f"search p50 on one thread in ms, {size:,} passages", row["search_p50_ms"], within),
            ]
    return {"tables": {"the vector index": rows}, "targets": targets}


def _sizes(options: Options) -> list[int]:
    sizes = [1_000, 20_000] if options.quick else [10_000, 100_000, _LARGE, 10 * _LARGE]
    return [size for size in sizes if size <= options.largest]
