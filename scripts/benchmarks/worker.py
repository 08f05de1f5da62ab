"""One system in its own process: takes a JSON command a line, answers each with a JSON line.

    python -m scripts.benchmarks.worker NAME FOLDER

Times are taken here, so that the pipe is in none of them. The first line says that the system is open.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from scripts.benchmarks.footprint import memory_mb
from scripts.benchmarks.systems.system import Document, System

SYSTEMS = {
    "kbsearch in process": ("scripts.benchmarks.systems.kbsearch_itself", "InProcess"),
    "kbsearch over HTTP": ("scripts.benchmarks.systems.kbsearch_served", "OverHttp"),
    "txtai": ("scripts.benchmarks.systems.txtai_peer", "Txtai"),
    "txtai hybrid": ("scripts.benchmarks.systems.txtai_peer", "TxtaiHybrid"),
    "Chroma": ("scripts.benchmarks.systems.chroma_peer", "Chroma"),
    "LanceDB": ("scripts.benchmarks.systems.lancedb_peer", "LanceDB"),
    "LanceDB hybrid": ("scripts.benchmarks.systems.lancedb_peer", "LanceDBHybrid"),
}
"""Name in the tables → module and class."""

PACKAGES = {
    "txtai": "txtai",
    "txtai hybrid": "txtai",
    "Chroma": "chromadb",
    "LanceDB": "lancedb",
    "LanceDB hybrid": "lancedb",
}
"""What has to be installed for a system."""

# Nothing leaves the machine: no telemetry, no model hub, and whatever tries all the same meets a closed port.
_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "OTEL_SDK_DISABLED": "true",
    # Threads that wait by spinning make everything ten times slower as soon as another process wants the cores.
    # kbsearch sees to it itself; the peers get it too, so that no figure hangs on what else the machine does.
    "OMP_WAIT_POLICY": "PASSIVE",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1,localhost",
}


class Worker:
    """The parent's side: starts the process, asks, ends it. ``without`` names what stays as the libraries have it."""

    def __init__(self, module: str, *arguments: str, without: Sequence[str] = ()) -> None:
        # The version that is measured may come first on PYTHONPATH; the scripts are this version's in any case.
        paths = [os.environ.get("PYTHONPATH", ""), str(Path(__file__).parents[2])]
        given = {name: value for name, value in _ENVIRONMENT.items() if name not in without}
        environment = {**os.environ, **given, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by close()
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            env=environment,
        )
        self.opened = self._answer()

    def ask(self, **command: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End it and wait, so that its last writes are on disk."""
        with self._said, self._process:  # Popen closes its pipes and waits
            assert self._process.stdin is not None
            self._process.stdin.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            with self._said, self._process:
                self._process.wait()
                self._said.seek(0)
                raise RuntimeError(f"{self._process.args} ended:\n{self._said.read()[-2_000:]}")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise RuntimeError(f"{self._process.args}: {answer['failed']}")
        return answer


def own_output() -> TextIO:
    """The worker's side: what answers go to. Libraries print too: theirs is turned to standard error."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return answers


def answer_lines(
    answers: TextIO, answer: Callable[[dict[str, Any]], dict[str, Any]], opened: dict[str, Any] | None = None
) -> None:
    """The worker's side: say that it is open, then answer every line of standard input until it ends."""
    print(json.dumps(opened or {}), file=answers)
    for line in sys.stdin:
        try:
            found = answer(json.loads(line))
        except Exception as error:  # noqa: BLE001 - the parent raises it again
            found = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(found), file=answers)


def main() -> None:
    answers = own_output()
    name, folder = sys.argv[1], Path(sys.argv[2])
    module, kind = SYSTEMS[name]
    system: System = getattr(import_module(module), kind)(folder)

    def answer(command: dict[str, Any]) -> dict[str, Any]:
        match command.pop("do"):
            case "import":
                documents = read_documents(Path(command["file"]))[command["first"] : command["end"]]
                began = time.perf_counter()
                system.add(documents)
                return {"seconds": time.perf_counter() - began, **memory_mb(system.pid())}
            case "ask":
                began = time.perf_counter()
                asked = system.ask(command["text"])
                took = (time.perf_counter() - began) * 1000
                return {
                    "ms": took,
                    "answer": asked,
                    "ranked": system.ranked(command["text"]) if command["judge"] else [],
                }
            case "write":
                return _write_to_found(system, Document(**command["document"]), command["question"])
            case _:
                return memory_mb(system.pid())

    answer_lines(answers, answer)
    system.close()


def read_documents(path: Path) -> list[Document]:
    """What ``import`` takes: a JSON object a line, each a Document."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    return [Document(row["id"], row["title"], row["text"], tuple(row["passages"])) for row in rows]


def _write_to_found(system: System, document: Document, question: str, tries: int = 50) -> dict[str, Any]:
    """Milliseconds until a question for it finds the document; None where none of so many does."""
    began = time.perf_counter()
    system.add([document])
    written = (time.perf_counter() - began) * 1000
    for _ in range(tries):
        if document.id in system.ask(question):
            return {"written_ms": written, "ms": (time.perf_counter() - began) * 1000}
    return {"written_ms": written, "ms": None}


if __name__ == "__main__":
    main()
