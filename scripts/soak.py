#!/usr/bin/env python3
"""Does a server stay as it is under load for hours? Memory, errors and latency, watched from outside.

    scripts/soak.py --minutes 60 --clients 8

A real `kbsearch serve` with the default model is asked, searched, written back to, imported into and told to reindex
now and then, with wrong requests between, while its memory is read from /proc. Exit code 1 if a request
ended otherwise than it must, if memory grew by more than the knowledge explains, or if answers came to take twice as
long and the machine did not get slower by as much. Needs Linux.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from invented import problem
from served import Served

BYTES_A_DOCUMENT = 4096
"""What an invented ticket of one or two passages may take: docs/benchmarks.md has 0.9 KB a passage once segments are
merged, 1.4 KB in the small ones of an index that grows."""

SLACK = 0.05
"""What memory may vary by beyond that: pools and caches fill, a reindex leaves the allocator with holes. In an hour it
is what 0.3 KB lost in each of 60 requests a second come to."""

_READY_WITHIN_S = 600  # the model is exported first, on a machine that may be busy
DRIFT = 2.0
TENTHS = 10
_EARLY, _LATE = slice(1, 4), slice(7, 10)
_PAUSE_S = 0.2  # a client thinks up to so long between two requests
_QUESTIONS = ("suggest", "search")


@dataclass(frozen=True)
class Done:
    """One request: when it began, in seconds since the start, and what came of it.

    ``wrong`` is "" if that was right.
    """

    at_s: float
    kind: str
    took_ms: float
    wrong: str = ""


@dataclass(frozen=True)
class Sample:
    """The server's memory, how many documents had been written by then, how fast the machine was.

    ``own_mb`` is resident and its own; ``mapped_mb`` are files mapped into memory, which the system takes back where
    it needs the room. ``pace_ms`` is how long a fixed piece of work took that has nothing to do with the server.
    """

    at_s: float
    own_mb: float
    documents: int
    pace_ms: float = 1.0
    mapped_mb: float = 0.0


def judged(done: Sequence[Done], samples: Sequence[Sample]) -> list[str]:
    """What is wrong with a run: failed requests, memory that grew, answers that became slow."""
    found = [f"{count} times {wrong}" for wrong, count in Counter(one.wrong for one in done if one.wrong).items()]
    thirds = [part for part in _parts(samples, 3) if part]
    if len(thirds) == 3:  # the first is the warm-up
        before, after = (statistics.median(one.own_mb for one in part) for part in thirds[1:])
        written = [statistics.median(one.documents for one in part) for part in thirds[1:]]
        most = before * (1 + SLACK) + (written[1] - written[0]) * BYTES_A_DOCUMENT / 1e6
        if after > most:
            found.append(f"memory grew from {before:.0f} to {after:.0f} MB, where {most:.0f} are explained")
    medians = [percentile(tenth, 50) for tenth in _parts([one for one in done if one.kind in _QUESTIONS], TENTHS)]
    paces = [statistics.median(one.pace_ms for one in part) for part in _parts(samples, TENTHS) if part]
    if len(paces) == TENTHS:
        (early, early_pace), (late, late_pace) = (
            (statistics.median(medians[some]), statistics.median(paces[some])) for some in (_EARLY, _LATE)
        )
        if late > DRIFT * early * max(1.0, late_pace / early_pace):  # others on the machine are not the server's fault
            found.append(f"a question's median went from {early:.1f} to {late:.1f} ms")
    return found


def percentile(done: Sequence[Done], percent: int) -> float:
    """Of the times that requests took, in milliseconds; 0 for none."""
    times = sorted(one.took_ms for one in done)
    return times[min(len(times) - 1, len(times) * percent // 100)] if times else 0.0


def table(done: Sequence[Done], samples: Sequence[Sample]) -> str:
    """Markdown: each tenth of the run."""
    rows = [
        "| tenth | requests | failed | question p50, p99 ms | write-back p50, p99 ms | own MB | mapped MB | documents"
        " | pace ms |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for number, (part, seen) in enumerate(zip(_parts(done, TENTHS), _parts(samples, TENTHS), strict=True), start=1):
        asked, written = ([one for one in part if one.kind in kinds] for kinds in (_QUESTIONS, ("write-back",)))
        times = [f"{percentile(some, 50):.0f}, {percentile(some, 99):.0f}" for some in (asked, written)]
        own, mapped, pace = (
            statistics.median([getattr(one, name) for one in seen] or [0])
            for name in ("own_mb", "mapped_mb", "pace_ms")
        )
        failed = sum(bool(one.wrong) for one in part)
        documents = seen[-1].documents if seen else 0
        rows.append(
            f"| {number} | {len(part):,} | {failed} | {' | '.join(times)} | {own:.0f} | {mapped:.0f} | {documents:,}"
            f" | {pace:.0f} |"
        )
    return "\n".join(rows)


def _parts(some: Sequence[Any], count: int) -> list[list[Any]]:
    """By time, in parts of the same length."""
    ordered = sorted(some, key=lambda one: one.at_s)
    end = ordered[-1].at_s + 1e-9 if ordered else 1.0
    parts: list[list[Any]] = [[] for _ in range(count)]
    for one in ordered:
        parts[int(one.at_s / end * count)].append(one)
    return parts


def _pace_ms() -> float:
    """How long the machine takes for a fixed piece of work: a few milliseconds where nothing else runs."""
    began = time.perf_counter()
    hashlib.pbkdf2_hmac("sha256", b"pace", b"salt", 20_000)  # gives the interpreter to the clients meanwhile
    return (time.perf_counter() - began) * 1000


class Soak:
    """The load on one server, and what was seen of it."""

    def __init__(self, server: Served, seed: int) -> None:
        self.done: list[Done] = []
        self.samples: list[Sample] = []
        self._server, self._seed = server, seed
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._written = 0

    def run(self, minutes: float, clients: int) -> None:
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(clients)]
        threads += [
            threading.Thread(target=self._watch, args=(min(5.0, minutes * 60 / 60),)),
            threading.Thread(target=self._reindex, args=(minutes * 60 / 6,)),
        ]
        for thread in threads:
            thread.start()
        self._stop.wait(minutes * 60)
        self._stop.set()
        for thread in threads:
            thread.join()

    def _client(self, number: int) -> None:
        chance = random.Random(f"{self._seed} {number}")  # noqa: S311 - load, not secrets
        with httpx.Client(base_url=str(self._server.client.base_url), timeout=60, trust_env=False) as client:
            calls = _Calls(client, chance, self._next, lambda: self._written)
            kinds, weights = zip(*calls.weights.items(), strict=True)
            while not self._stop.wait(chance.uniform(0, _PAUSE_S)):
                kind = chance.choices(kinds, weights)[0]
                began = time.monotonic()
                try:
                    wrong = calls.make(kind)
                except httpx.TransportError as error:
                    wrong = f"{kind}: {type(error).__name__}"
                self.done.append(Done(began - self._began, kind, (time.monotonic() - began) * 1000, wrong))

    def _next(self, count: int) -> range:
        """Numbers of problems that nobody else writes."""
        with self._lock:
            self._written += count
            return range(self._written - count, self._written)

    def _watch(self, every_s: float) -> None:
        status = Path(f"/proc/{self._server.process.pid}/status")
        while not self._stop.wait(every_s):
            memory = dict(re.findall(r"^(Rss\w+):\s+(\d+)", status.read_text(), re.MULTILINE))
            if not memory:
                return  # the server is gone, which the clients tell
            own_mb, mapped_mb = int(memory["RssAnon"]) / 1e3, int(memory["RssFile"]) / 1e3
            at_s = time.monotonic() - self._began
            self.samples.append(Sample(at_s, own_mb, self._written, _pace_ms(), mapped_mb))

    def _reindex(self, every_s: float) -> None:
        while not self._stop.wait(every_s):
            began = time.monotonic()
            job_id = self._server.post("/v1/reindex", {})["job_id"]
            state = "queued"
            while state in ("queued", "running") and not self._stop.wait(0.5):
                state = self._server.get(f"/v1/jobs/{job_id}")["state"]
            wrong = "" if state in ("done", "queued", "running") else f"reindex: {state}"
            self.done.append(Done(began - self._began, "reindex", (time.monotonic() - began) * 1000, wrong))


class _Calls:
    """The requests of one client; each says "" or what is wrong with its answer."""

    weights = {  # noqa: RUF012 - a table
        "suggest": 40, "search": 25, "write-back": 14, "feedback": 6, "read": 4, "article": 3, "import": 2, "wrong": 6,
    }  # fmt: skip

    def __init__(
        self, client: httpx.Client, chance: random.Random, take: Callable[[int], range], written: Callable[[], int]
    ) -> None:
        self._client, self._chance, self._take, self._written = client, chance, take, written
        self._shown: tuple[str, str] | None = None

    def make(self, kind: str) -> str:
        calls = {
            "suggest": self._suggest, "search": self._search, "write-back": self._write_back, "read": self._read,
            "feedback": self._feedback, "article": self._article, "import": self._import, "wrong": self._mistaken,
        }  # fmt: skip
        response, expected = calls[kind]()
        if response.status_code not in expected:
            return f"{kind}: {response.status_code}"
        return ""

    def _one(self) -> Any:
        return problem(self._chance.randrange(max(1, self._written())))

    def _suggest(self) -> tuple[httpx.Response, tuple[int, ...]]:
        response = self._client.post("/v1/suggest", json=self._one().question())
        if response.is_success and (solutions := response.json()["solutions"]):
            self._shown = response.json()["suggestion_id"], solutions[0]["solution_id"]
        return response, (200,)

    def _search(self) -> tuple[httpx.Response, tuple[int, ...]]:
        one = self._one()
        q = self._chance.choice([one.code, f'"{one.name}"', one.issue])
        return self._client.get("/v1/search", params={"q": q, "limit": self._chance.randint(1, 50)}), (200,)

    def _write_back(self) -> tuple[httpx.Response, tuple[int, ...]]:
        one = problem(self._take(1)[0])
        return self._client.put(f"/v1/tickets/{one.id}/resolution", json=one.write_back()), (201,)

    def _feedback(self) -> tuple[httpx.Response, tuple[int, ...]]:
        suggestion_id, solution_id = self._shown or ("none", "none")
        body = {"solution_id": solution_id, "outcome": self._chance.choice(["solved", "helpful", "not_relevant"])}
        response = self._client.post(f"/v1/suggestions/{suggestion_id}/feedback", json=body)
        return response, (204,) if self._shown else (404,)

    def _read(self) -> tuple[httpx.Response, tuple[int, ...]]:
        paths = ["/v1/articles", "/v1/audit?limit=20", "/metrics", "/readyz", "/v1/merge-proposals"]
        return self._client.get(self._chance.choice(paths)), (200,)

    def _article(self) -> tuple[httpx.Response, tuple[int, ...]]:
        one = problem(self._chance.randrange(100))
        body = {"title": one.issue, "resolution": f"{one.fix} Version {self._chance.randrange(10**6)}."}
        return self._client.put(f"/v1/articles/article-{one.id}", json=body), (200, 201)

    def _import(self) -> tuple[httpx.Response, tuple[int, ...]]:
        some = [problem(number) for number in self._take(10)]
        lines = [{**one.write_back(), "ticket": {"id": one.id, "subject": one.issue}} for one in some]
        response = self._client.post("/v1/import/tickets", content="\n".join(map(json.dumps, lines)))
        return response, (200, 503)  # the few places of imports may be taken for longer than anyone waits

    def _mistaken(self) -> tuple[httpx.Response, tuple[int, ...]]:
        headers = {"Content-Type": "application/json"}
        wrong: list[tuple[str, str, dict[str, Any], int]] = [
            ("POST", "/v1/suggest", {"content": b"{", "headers": headers}, 400),
            ("POST", "/v1/suggest", {"json": {"ticket": {"subject": "Fax", "colour": "red"}}}, 422),
            ("POST", "/v1/suggest", {"content": b" " * 1_100_000, "headers": headers}, 413),
            ("GET", "/v1/search", {"params": {"q": ""}}, 422),
            ("GET", "/v1/tickets/none", {}, 404),
            ("GET", "/v1/none", {}, 404),
            ("GET", "/v1/articles", {"headers": {"Authorization": "Basic none"}}, 401),
            ("GET", "/v1/articles", {"headers": {"KBSearch-Tenant": "*"}}, 400),
            ("DELETE", "/v1/articles/none", {}, 404),
        ]
        method, path, sent, expected = self._chance.choice(wrong)
        return self._client.request(method, path, **sent), (expected,)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="kbsearch-soak-") as folder,
        Served(Path(folder) / "data", ready_within_s=_READY_WITHIN_S) as server,
    ):
        soak = Soak(server, asked.seed)
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
