"""Importing real articles and tickets end to end, against plain ``encode`` alone on the very texts it embeds.

Each round takes another part of the documents, and each way a cold new data folder. The command line's time is that of
the whole process, loading (in a new folder also exporting) the model included; HTTP's is that of the requests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kbsearch.ticketing.files import read_lines, shaped
from scripts.benchmarks.desk import ARTICLES, RESOLVED, parts
from scripts.benchmarks.embedders import apart
from scripts.benchmarks.options import Options
from scripts.benchmarks.recorded import passages_of
from scripts.benchmarks.worker import Worker
from scripts.harness.figures import at_least, ratios
from scripts.harness.served import Served

NEEDS = (ARTICLES, RESOLVED)

_PLAIN, _BY_COMMAND, _BY_HTTP = "plain encode alone", "kbsearch import", "POST /v1/import"
_TARGET = 1.7
_REFUSED = 0.02  # a few real articles are longer than the API takes


def run(data: Path, options: Options) -> dict[str, Any]:
    folder = options.kept("import")
    files = [data / ARTICLES, data / RESOLVED]
    rounds = parts(files, options.size(2, 1), options.size(10**9, 12), options.seed, folder)
    plain = Worker("scripts.benchmarks.embedding_worker", "plain")
    seconds: dict[str, list[float]] = {_PLAIN: [], _BY_COMMAND: [], _BY_HTTP: []}
    documents = passages = 0
    for number, part in enumerate(rounds):
        texts = folder / "passages.json"
        texts.write_text(json.dumps(apart(passages_of, part)))
        documents += sum(1 for file in part for _ in read_lines(file))
        ways = {
            _PLAIN: lambda texts=texts: plain.ask(do="passages", file=str(texts), first=0, end=None)["seconds"],
            _BY_COMMAND: lambda part=part: _by_command(part),
            _BY_HTTP: lambda part=part: _by_http(part),
        }
        for name in list(ways)[:: 1 if number % 2 == 0 else -1]:
            seconds[name].append(ways[name]())
            print(f"  round {number + 1}: {name} {seconds[name][-1]:.1f} s", flush=True)
        passages += len(json.loads(texts.read_text()))
    plain.close()
    rows = [
        {
            "way": name,
            "documents_s": round(documents / sum(took), 2),
            "passages_s": round(passages / sum(took), 1),
            **ratios(seconds[_PLAIN], took),
        }
        for name, took in seconds.items()
    ]
    return {
        "tables": {f"{documents} documents, {passages} passages; ratio: times the documents/s of plain encode": rows},
        "targets": [at_least(f"documents/s, {row['way']}", row["ratio"], _TARGET) for row in rows[1:]],
    }


def _by_command(part: Sequence[Path]) -> float:
    with tempfile.TemporaryDirectory(prefix="kbsearch-import-") as folder:
        command = [sys.executable, "-m", "kbsearch", "import", *map(str, part), "--data", folder]
        began = time.perf_counter()
        cold = {name: value for name, value in os.environ.items() if name != "KBSEARCH_EXPORT_DIR"}
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL, env=cold)
        return time.perf_counter() - began


def _by_http(part: Sequence[Path]) -> float:
    bodies: dict[str, list[str]] = {"articles": [], "tickets": []}
    for file in part:
        for _, line in read_lines(file):
            record = shaped(json.loads(line))
            bodies["tickets" if "ticket" in record else "articles"].append(json.dumps(record))
    with tempfile.TemporaryDirectory(prefix="kbsearch-import-") as folder, Served(Path(folder) / "data") as server:
        began = time.perf_counter()
        for kind, lines in bodies.items():
            answer = server.client.post(f"/v1/import/{kind}", content="\n".join(lines), timeout=7_200)
            answer.raise_for_status()
            if answer.json()["rejected"] > len(lines) * _REFUSED:
                raise RuntimeError(answer.text[:500])
        return time.perf_counter() - began
