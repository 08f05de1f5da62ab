"""A real server process for the measuring scripts: started, asked, killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """``kbsearch serve`` on a data folder; ready when the block begins, ended when it ends.

    Args:
        data: the data folder. The log is written beside it.
        port: None takes a free one.
        ready_within_s: how long the start may take.
        program: the command to run; that of this environment if it is not given.
        options: further options of ``serve``.
    """

    def __init__(
        self,
        data: Path,
        port: int | None = None,
        ready_within_s: float = 120,
        program: Sequence[str | Path] = (sys.executable, "-m", "kbsearch"),
        options: Sequence[str] = (),
    ) -> None:
        self.data = data
        self.port = port or free_port()
        self.ready_within_s = ready_within_s
        self._command = [*program, "serve", "--data", data, "--port", str(self.port), *options]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.client.close()

    def start(self) -> float:
        """Start and wait until it is ready. Returns the seconds that took."""
        started = time.monotonic()
        with (self.data.parent / f"{self.data.name}.log").open("a") as log:
            self.process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env={**os.environ, "HF_HUB_OFFLINE": "1"}
            )
        while time.monotonic() - started < self.ready_within_s:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}; see {self.data}.log")
            try:
                if self.client.get("/readyz").status_code == 200:
                    return time.monotonic() - started
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"the server was not ready within {self.ready_within_s} s")

    def kill(self) -> None:
        """SIGKILL, no mercy."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=60)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._json(self.client.post(path, json=body))

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._json(self.client.put(path, json=body))

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._json(self.client.get(path, params=query))

    def _json(self, response: httpx.Response) -> dict[str, Any]:
        if response.status_code >= 400:
            raise RuntimeError(f"{response.request.method} {response.request.url.path}: {response.text}")
        return response.json()
