"""kbsearch's embedder against ``SentenceTransformer.encode`` as it is by default, on the same real texts."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

from scripts.benchmarks.desk import ARTICLES, QUESTIONS, RESOLVED, parts, questions
from scripts.benchmarks.embedders import apart
from scripts.benchmarks.options import Options
from scripts.benchmarks.recorded import passages_of
from scripts.benchmarks.worker import Worker
from scripts.harness.figures import at_least, percentiles, ratios

NEEDS = (ARTICLES, RESOLVED, *QUESTIONS)

_PLAIN, _SPINNING, _OURS = "plain encode", "plain encode, threads wait spinning", "kbsearch"


def run(data: Path, options: Options) -> dict[str, Any]:
    folder = options.kept("embedding")
    texts = apart(_passages, data, folder, options.size(400, 8), options.seed)
    file = folder / "passages.json"
    file.write_text(json.dumps(texts))
    asked = random.Random(options.seed).sample(questions(data), options.size(400, 10))  # noqa: S311 - a sample

    # libgomp's threads spin by default: a little quicker on an idle machine, ten times slower on a busy one.
    workers = {
        _PLAIN: Worker("scripts.benchmarks.embedding_worker", "plain"),
        _SPINNING: Worker("scripts.benchmarks.embedding_worker", "plain", without=["OMP_WAIT_POLICY"]),
        _OURS: Worker("scripts.benchmarks.embedding_worker", "kbsearch"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in workers}
    rounds = options.size(6, 2)
    cuts = [len(texts) * number // rounds for number in range(rounds + 1)]
    for first, end in pairwise(cuts):
        for name, worker in workers.items():
            seconds[name].append(worker.ask(do="passages", file=str(file), first=first, end=end)["seconds"])
    times: dict[str, list[float]] = {name: [] for name in workers}
    for text in asked:
        for name, worker in workers.items():
            times[name].append(worker.ask(do="question", text=text)["ms"])
    for worker in workers.values():
        worker.close()

    rows = [
        {
            "embedder": name,
            "passages_s": round(len(texts) / sum(seconds[name]), 1),
            **ratios(seconds[_PLAIN], seconds[name]),
            **percentiles(times[name], "query_"),
        }
        for name in workers
    ]
    ours = rows[-1]
    return {
        "tables": {f"{len(texts)} passages, {len(asked)} queries; ratio: times the passages/s of plain encode": rows},
        "targets": [at_least("passages/s against plain encode", ours["ratio"], 1.0)],
    }


def _passages(data: Path, folder: Path, count: int, seed: int) -> list[str]:
    """Every passage of a sample, in the order of the import."""
    return passages_of(parts([data / ARTICLES, data / RESOLVED], 1, count, seed, folder)[0])
