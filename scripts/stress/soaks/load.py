"""Clients of every kind, a reindex now and then, and a look at the server's memory meanwhile."""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from scripts.harness.invented import ndjson, problem
from scripts.harness.served import Served
from scripts.stress.soaks.judging import Done, Sample

_PAUSE_S = 0.2  # a client thinks up to so long between two requests
_IMPORTED_AT_ONCE = 500
_REINDEXES = 3


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

    def fill(self, documents: int) -> None:
        """Import, reindex, ask: caches are full then, as in a server that has run for a while."""
        for start in range(0, documents, _IMPORTED_AT_ONCE):
            some = self._next(min(_IMPORTED_AT_ONCE, documents - start))
            self._server.client.post("/v1/import/tickets", content=ndjson(some)).raise_for_status()
        self._reindexed()
        for number in range(0, documents, 10):
            self._server.post("/v1/suggest", problem(number).question())
        self._began = time.monotonic()

    def run(self, minutes: float, clients: int) -> None:
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(clients)]
        threads += [
            threading.Thread(target=self._watch, args=(min(5.0, minutes * 60 / 60),)),
            threading.Thread(target=self._reindex, args=(minutes * 60 / (_REINDEXES + 1),)),
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
            state = self._reindexed()
            wrong = "" if state in ("done", "queued", "running") else f"reindex: {state}"
            self.done.append(Done(began - self._began, "reindex", (time.monotonic() - began) * 1000, wrong))

    def _reindexed(self) -> str:
        """How a reindex ended, or how far it is when the run ends."""
        job_id = self._server.post("/v1/reindex", {})["job_id"]
        state = "queued"
        while state in ("queued", "running") and not self._stop.wait(0.5):
            state = self._server.get(f"/v1/jobs/{job_id}")["state"]
        return state


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
        response = self._client.post("/v1/import/tickets", content=ndjson(self._take(10)))
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
