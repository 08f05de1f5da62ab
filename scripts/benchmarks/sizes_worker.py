"""Builds a vector index of a size, or opens one and searches.

python -m scripts.benchmarks.sizes_worker build FOLDER DATA KEEP quick|full
python -m scripts.benchmarks.sizes_worker read FOLDER
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from kbsearch.index.local import snapshot
from kbsearch.index.local.dense import DenseIndex
from kbsearch.index.local.lexical import LexicalIndex
from kbsearch.model import Scope, TenantId
from scripts.benchmarks.footprint import folder_mb, memory_mb
from scripts.benchmarks.options import Options
from scripts.benchmarks.synthetic import TENANTS, synthetic, tenant_sizes
from scripts.benchmarks.worker import answer_lines, own_output
from scripts.harness.figures import percentiles

_MODEL, _DIMENSION, _GENERATION = "synthetic", 384, 1
_AT_ONCE = 1_000  # passages a change, as an import brings them
_QUERIES_A_TENANT, _NEIGHBOURS = 8, 10
_TIMED, _CHANGES = 400, 200


def main() -> None:
    answers = own_output()
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "build":
        data, keep, quick = Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5] == "quick"
        made = synthetic(data, Options(1, quick, keep, folder))
        answer_lines(answers, lambda command: _build(folder, made, command["size"], command["seed"]))
    else:
        answer_lines(answers, lambda command: _read(folder, command["seed"]))


def _build(folder: Path, made: Any, size: int, seed: int) -> dict[str, Any]:
    began = time.perf_counter()
    place = snapshot.folder_of(folder, _GENERATION)
    index = DenseIndex(_DIMENSION, place, threads=os.cpu_count() or 1)
    queries = made.queries()
    asked = {tenant: queries[tenant * 7 % len(queries) :][:_QUERIES_A_TENANT] for tenant in range(TENANTS)}
    best = {tenant: np.full((len(some), 0), -2.0, np.float32) for tenant, some in asked.items()}
    ids = {tenant: np.empty((len(some), 0), np.int64) for tenant, some in asked.items()}
    first = 0
    for tenant, chunk in made.vectors(size, seed):
        passages = np.arange(first, first + len(chunk))
        first += len(chunk)
        for start in range(0, len(chunk), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            index.replace(_tenant(tenant), [], chunk[some], passages[some], passages[some] // 2)
        near = asked[tenant] @ chunk.astype(np.float32).T
        best[tenant] = np.concatenate([best[tenant], near], axis=1)
        ids[tenant] = np.concatenate([ids[tenant], np.tile(passages, (len(near), 1))], axis=1)
        order = np.argsort(-best[tenant], axis=1)[:, :_NEIGHBOURS]
        best[tenant], ids[tenant] = (np.take_along_axis(of[tenant], order, 1) for of in (best, ids))
        if sum(len(one) for one in index.segments.all().values()) > 400:  # as the thread beside a server would
            index.compact()
    while index.compact():
        pass
    state = snapshot.State.of(index, LexicalIndex(), 1)
    snapshot.save(folder, state, _GENERATION, _MODEL, _DIMENSION)
    np.savez(
        folder / "truth.npz",
        sizes=np.array(tenant_sizes(size)),
        queries=queries,
        **{f"asked{tenant}": some for tenant, some in asked.items()},
        **{f"ids{tenant}": some for tenant, some in ids.items()},
    )
    took = time.perf_counter() - began
    return {"build_s": round(took, 1), "build_peak_mb": memory_mb()["peak_mb"], "disk_mb": folder_mb(folder)}


def _read(folder: Path, seed: int) -> dict[str, Any]:
    empty = memory_mb()["rss_mb"]
    path = snapshot.newest(folder, _GENERATION)
    assert path is not None
    began = time.perf_counter()
    index = DenseIndex(_DIMENSION, path.parent)
    snapshot.load(path, _MODEL, _DIMENSION, index)
    opened = time.perf_counter() - began
    truth = np.load(folder / "truth.npz")
    sizes = truth["sizes"]
    recalls: list[float] = []
    for tenant in range(TENANTS):
        scope, right = Scope(_tenant(tenant)), truth[f"ids{tenant}"]
        hits = [
            len({hit.passage for hit in index.search(scope, query[None], _NEIGHBOURS)} & set(some.tolist())) / len(some)
            for query, some in zip(truth[f"asked{tenant}"], right, strict=True)
            if len(some)
        ]
        recalls.append(float(np.mean(hits)) if hits else 1.0)
    random = np.random.default_rng(seed)
    queries = truth["queries"].astype(np.float32)
    tenants = random.choice(TENANTS, _TIMED, p=sizes / sizes.sum())
    times = [
        _ms(lambda t=tenant, q=query: index.search(Scope(_tenant(int(t))), queries[q : q + 1], _NEIGHBOURS))
        for tenant, query in zip(tenants, random.integers(len(queries), size=_TIMED), strict=True)
    ]
    held = memory_mb()["rss_mb"]
    changes = [
        _ms(lambda n=number: _change(index, n, queries[n % len(queries)][None].astype(np.float16)))
        for number in range(_CHANGES)
    ]
    return {
        "recall_at_10": round(float(np.mean(recalls)), 4),
        "recall_worst_tenant": round(min(recalls), 4),
        **percentiles(times, "search_"),
        "change_p99_ms": percentiles(changes)["p99_ms"],
        "open_s": round(opened, 2),
        "bytes_a_passage": round((held - empty) * 1e6 / sizes.sum()),
    }


def _change(index: DenseIndex, number: int, vector: Any) -> None:
    """A passage added to the largest tenant, which the next search finds."""
    id = np.array([10**9 + number])
    index.replace(_tenant(0), [10**9 + number], vector, id, id)
    if index.search(Scope(_tenant(0)), vector.astype(np.float32), 1)[0].similarity < 0.99:
        raise RuntimeError("a passage was not found right after it was added")


def _ms(call: Any) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _tenant(number: int) -> TenantId:
    return TenantId(f"tenant-{number}")


if __name__ == "__main__":
    main()
