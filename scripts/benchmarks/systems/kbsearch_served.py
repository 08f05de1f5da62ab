"""kbsearch as the server that people run. Imports little: the worker's own start is in the server's cold start."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from scripts.benchmarks.calls import Calls, question
from scripts.benchmarks.systems.system import Document
from scripts.harness.served import Served

_K = 10


class OverHttp:
    """``kbsearch serve``, asked by a client on the same machine: the client's work counts too."""

    def __init__(self, folder: Path) -> None:
        self._served = Served(folder / "data")
        self._served.start()
        self._calls = Calls(self._served.port)

    def add(self, documents: Sequence[Document]) -> None:
        lines = [
            json.dumps({"id": one.id, "title": one.title, "resolution": one.text, "state": "validated"})
            for one in documents
        ]
        answer = self._served.client.post("/v1/import/articles", content="\n".join(lines), timeout=3600)
        answer.raise_for_status()
        if answer.json()["rejected"]:
            raise RuntimeError(answer.text[:500])

    def ask(self, text: str) -> list[str]:
        status, answer = self._calls.send("POST", "/v1/suggest", question(text, _K))
        if status != 200:
            raise RuntimeError(answer.decode())
        return [one["solution_id"] for one in json.loads(answer)["solutions"]]

    def ranked(self, text: str) -> list[str]:
        """The same code ranks in the process: it is judged there."""
        return []

    def pid(self) -> int | str:
        return self._served.process.pid

    def close(self) -> None:
        self._calls.close()
        self._served.stop()
        self._served.client.close()
