#!/usr/bin/env python3
"""Reindex while questions and write-backs go on, once killed half way.

    python -m scripts.measure.reindex_under_load ../shared/data/kb/en.jsonl --limit 600 --model FOLDER

Imports some articles, starts a server, asks and writes back steadily from several threads, and runs
scripts/reindex.py on the same data folder: first killed with SIGKILL half way, then to its end. Counts failed
requests, answers that mix two generations (a suggestion's ``model`` must not change back and forth, and every
solution must exist), fixes that are missing afterwards, and how much the second run had left to do.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

from scripts.harness.invented import problem
from scripts.harness.served import Served

_ASKING, _WRITING = 3, 1


class Load:
    """Threads that ask and write back until they are stopped."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stop = threading.Event()
        self.failed: list[str] = []
        self.asked = 0
        self.written: list[int] = []
        self.models: list[tuple[float, float, str]] = []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(_ASKING)]
        self._threads += [threading.Thread(target=self._write, args=(n,)) for n in range(_WRITING)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number: int) -> None:
        with httpx.Client(base_url=self.url, timeout=60, trust_env=False) as client:
            count = 0
            while not self.stop.is_set():
                count += 1
                written = self.written[-1] if self.written else 0
                one = problem(written) if written and count % 2 else problem(1)
                began = time.monotonic()
                answer = self._try(lambda c=client, o=one: c.post("/v1/suggest", json=o.question()))
                if answer is None:
                    continue
                with self._lock:
                    self.asked += 1
                    self.models.append((began, time.monotonic(), answer["model"]))
                texts = [solution["resolution"] for solution in answer["solutions"]]
                if written and count % 2 and not any(one.code in text for text in texts):
                    self.failed.append(f"{one.id} was written back but not suggested")
                time.sleep(0.02)

    def _write(self, number: int) -> None:
        with httpx.Client(base_url=self.url, timeout=60, trust_env=False) as client:
            seed = 100_000 * (number + 1)
            while not self.stop.is_set():
                seed += 1
                one = problem(seed)
                url = f"/v1/tickets/{one.id}/resolution"
                if self._try(lambda c=client, u=url, o=one: c.put(u, json=o.write_back())) is not None:
                    self.written.append(seed)
                time.sleep(0.1)

    def _try(self, request):
        try:
            response = request()
        except httpx.TransportError as error:
            self.failed.append(type(error).__name__)
            return None
        if response.status_code >= 400:
            self.failed.append(f"{response.status_code}: {response.text[:200]}")
            return None
        return response.json()

    def mixed(self) -> int:
        """Answers of an old model that began after another answer of the new model had been given."""
        names = list(dict.fromkeys(model for _, _, model in sorted(self.models)))
        if len(names) < 2:
            return 0
        first_new = min(end for _, end, model in self.models if model == names[-1])
        return sum(began > first_new and model != names[-1] for began, _, model in self.models)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kb", type=Path)
    parser.add_argument("--limit", type=int, default=600, help="so many articles are imported")
    parser.add_argument("--model", help="reindex with this model")
    arguments = parser.parse_args()
    reindex = Path(__file__).parents[1] / "reindex.py"
    with tempfile.TemporaryDirectory(prefix="kbsearch-load-") as folder:
        data = Path(folder) / "data"
        some = Path(folder) / "some.jsonl"
        some.write_text("".join(arguments.kb.open().readlines()[: arguments.limit]))
        subprocess.run([sys.executable, "-m", "kbsearch", "import", str(some), "--data", str(data)], check=True)
        command = [sys.executable, str(reindex), "--data", str(data)]
        command += ["--model", arguments.model] if arguments.model else []
        with Served(data) as server, Load(f"http://127.0.0.1:{server.port}") as load:
            time.sleep(3)
            progress = _killed_half_way(command)
            print(f"killed at: {progress}")
            again = subprocess.run(command, check=False, capture_output=True, text=True)
            first = next((line for line in again.stderr.splitlines() if line.startswith("reindexing:")), "")
            print(f"goes on at: {first}")
            print(again.stdout.strip() or again.stderr.strip())
            time.sleep(15)  # the server follows, the load goes on
            load.stop.set()
            for thread in load._threads:
                thread.join()
            missing = [
                seed
                for seed in load.written
                if not any(
                    problem(seed).code in one["resolution"]
                    for one in server.post("/v1/suggest", problem(seed).question())["solutions"]
                )
            ]
            models = list(dict.fromkeys(model for _, _, model in sorted(load.models)))
    print(f"{load.asked} questions, {len(load.written)} write-backs, models {models}")
    print(f"failed requests: {len(load.failed)}; mixed answers: {load.mixed()}; fixes missing: {len(missing)}")
    for failure in load.failed[:10]:
        print(f"  {failure}")
    ended = again.returncode == 0 and "generation" in again.stdout
    return 0 if ended and not load.failed and not load.mixed() and not missing else 1


def _killed_half_way(command: list[str]) -> str:
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    last = ""
    for line in process.stderr:
        if line.startswith("reindexing:"):
            last = line.strip()
            done, total = (int(word) for word in last.split(": ")[1].split(" of "))
            if done * 2 >= total:
                process.kill()
                break
    process.wait()
    return last


if __name__ == "__main__":
    sys.exit(main())
