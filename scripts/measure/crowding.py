"""One caller tries to keep another tenant out: how long that tenant's questions take meanwhile.

python -m scripts.measure.crowding [--seconds 15]

A real server with the default model and two tenants with a key each. Each attack runs while the other tenant asks ten
questions a second. To measure an earlier version, run this in its folder with that as PYTHONPATH. A question that is
refused or not answered within ten seconds counts as failed, and as ten seconds in the percentiles.
"""

from __future__ import annotations

import argparse
import random
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import httpx

from kbsearch.access.keys import Keys
from kbsearch.model import Role, TenantId
from kbsearch.store.sqlite.database import SQLiteStore
from scripts.harness.figures import percentiles
from scripts.harness.invented import ndjson, problem
from scripts.harness.served import Served

_TICKETS = 300
_PATIENCE_S = 10.0
_CHARACTERS = 50_000


class Attacker:
    """A key of one tenant, and what it does with it until ``end`` is set."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key
        self.end = threading.Event()

    def half_sent_bodies(self) -> None:
        """256 unfinished request bodies, sent again when the server closes the connection."""
        self._each(256, lambda: self._half_sent("/v1/suggest"))

    def dripping_imports(self) -> None:
        """Eight imports that bring a byte a second and never end. The other tenant imports meanwhile."""
        self._each(8, lambda: self._half_sent("/v1/import/tickets"))

    def repeated_key(self) -> None:
        """An import with a key, and 32 small requests with the same key at once, again and again."""
        once = {"Idempotency-Key": f"k-{time.time()}"}
        body = ndjson(range(1_000_000, 1_003_000))
        importing = threading.Thread(target=self._post, args=("/v1/import/tickets", body, once))
        importing.start()
        self._each(32, lambda: self._post("/v1/articles", '{"title": "T", "resolution": "R"}', once))
        importing.join()

    def nonsense(self) -> None:
        """Eight questions at once of 50,000 characters of short words that no language has."""
        self._each(8, lambda: self._ask(_nonsense()))

    def blanks(self) -> None:
        """Eight write-backs at once of a text with 20,000 blanks behind "Thanks"."""
        text = f"Thanks{' ' * 20_000}."
        body = f'{{"ticket": {{"subject": "Fax"}}, "resolution": "Pulled the lever of the fax. {text}"}}'
        self._each(8, lambda: self._post("/v1/tickets/B-1/resolution", body, {}, "PUT"))

    def _each(self, many: int, work: Callable[[], None]) -> None:
        def again() -> None:
            while not self.end.is_set():
                work()
                self.end.wait(0.02)

        threads = [threading.Thread(target=again) for _ in range(many)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _ask(self, text: str) -> None:
        self._post("/v1/suggest", f'{{"ticket": {{"subject": "Fax", "description": "{text}"}}}}', {})

    def _post(self, path: str, body: str, headers: dict[str, str], method: str = "POST") -> None:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json", **headers}
        with suppress(httpx.HTTPError), httpx.Client(timeout=60, trust_env=False) as client:
            client.request(method, f"http://127.0.0.1:{self._port}{path}", content=body, headers=headers)

    def _half_sent(self, path: str) -> None:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._key}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
        )
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
            connection.sendall(head.encode())
            while not self.end.is_set():
                with suppress(TimeoutError):
                    if connection.recv(4_096):
                        return
                connection.sendall(b" ")


def main() -> None:
    """Print a row for each attack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=15, help="length of each attack")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with closing(SQLiteStore(data)) as store:
            ours, theirs = (
                Keys(store).create(tenant, Role.ENGINEER, (TenantId(tenant),))[1] for tenant in ("acme", "globex")
            )
        with Served(data, ready_within_s=300) as server:
            headers = {"Authorization": f"Bearer {theirs}"}
            body = ndjson(range(_TICKETS))
            httpx.post(f"http://127.0.0.1:{server.port}/v1/import/tickets", content=body, headers=headers, timeout=300)
            print("| attack by one caller | asked by another tenant | failed | p50, p99 ms |")
            print("| --- | --- | --- | --- |")
            for name in ("none", "half_sent_bodies", "dripping_imports", "repeated_key", "nonsense", "blanks"):
                attacker = Attacker(server.port, ours)
                attack = getattr(attacker, name, None)
                thread = threading.Thread(target=attack) if attack else None
                if thread:
                    thread.start()
                    time.sleep(1)
                took, failed = _asked(server.port, headers, seconds, imports=name == "dripping_imports")
                attacker.end.set()
                if thread:
                    thread.join()
                figures = percentiles(took)
                print(
                    f"| {name.replace('_', ' ')} | {len(took)} | {failed} |"
                    f" {figures['p50_ms']:.0f}, {figures['p99_ms']:.0f} |",
                    flush=True,
                )


def _asked(port: int, headers: dict[str, str], seconds: float, imports: bool) -> tuple[list[float], int]:
    """How long each question (or small import) took, in milliseconds, and how many failed."""
    took: list[float] = []
    failed = 0
    ends = time.monotonic() + seconds
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=_PATIENCE_S) as client:
        while (started := time.monotonic()) < ends:
            number = len(took)
            try:
                if imports:
                    lines = ndjson(range(2_000_000 + number, 2_000_001 + number))
                    status = client.post("/v1/import/tickets", content=lines).status_code
                else:
                    status = client.post("/v1/suggest", json=problem(number).question()).status_code
            except httpx.HTTPError:
                status = 0
            lasted = time.monotonic() - started
            failed += status != 200
            took.append(1000 * (lasted if status == 200 else _PATIENCE_S))
            time.sleep(max(0.0, 0.1 - lasted))
    return took, failed


def _nonsense() -> str:
    letters = random.choices("abcdefghijklmnopqrstuvwxyz    ", k=_CHARACTERS)  # noqa: S311 - an invention, not a secret
    return "".join(letters)


if __name__ == "__main__":
    main()
