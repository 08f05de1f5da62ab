"""A data folder with a whole desk's real tickets and articles, loaded once and kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.benchmarks.desk import ARTICLES, FORUM, QUESTIONS, RESOLVED, tickets, write_ndjson
from scripts.benchmarks.options import Options

NEEDS = (ARTICLES, RESOLVED, FORUM, *QUESTIONS)


def loaded_desk(data: Path, options: Options) -> tuple[Path, dict[str, Any]]:
    """The data folder, and how many tickets and articles are in it."""
    folder = options.kept("desk")
    note = folder / "loaded.json"
    if not note.is_file():
        records, articles = folder / "tickets.jsonl", folder / "articles.jsonl"
        write_ndjson(records, tickets(data), options.size(10**9, 200))
        with (data / ARTICLES).open(encoding="utf-8") as lines:
            articles.write_text("".join(line for _, line in zip(range(options.size(10**9, 20)), lines, strict=False)))
        command = [sys.executable, "-m", "kbsearch", "import", str(records), str(articles), "--json"]
        print(f"  loading {folder.name}; this takes long and is done once", flush=True)
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE"}
        loading = subprocess.run(
            [*command, "--data", str(folder / "data")],
            check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        if loading.returncode not in (0, 1):  # 1: some lines were skipped
            raise RuntimeError(f"kbsearch import ended with {loading.returncode}")
        files = json.loads(loading.stdout)
        counts = {name: sum(file[name] for file in files) for name in ("tickets", "articles")}
        note.write_text(json.dumps({**counts, "skipped": sum(len(file["errors"]) for file in files)}))
    return folder / "data", json.loads(note.read_text())


def sample_articles(options: Options) -> Path:
    """A data folder with the repository's sample articles and tickets."""
    folder = options.kept("samples") / "data"
    if not folder.is_dir():
        articles = Path(__file__).resolve().parents[2] / "articles"
        command = [sys.executable, "-m", "kbsearch", "articles", "sync", str(articles), "--data", str(folder)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    return folder
