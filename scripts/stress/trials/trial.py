"""What every trial of a fault needs: commands, a server, knowledge that can be found again."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.harness.invented import problem
from scripts.harness.served import Served

STORE = "kbsearch.sqlite3"
TICKETS = 12


@dataclass(frozen=True)
class Outcome:
    """``promised`` is whether it ended as it must; ``said`` is the message that a person sees."""

    happened: str
    said: str
    promised: bool


class NotTried(Exception):
    """This machine does not allow it."""


def kbsearch(*arguments: str | Path) -> tuple[int, str]:
    """Run a command. Returns its exit code and the last line it wrote on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "kbsearch", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        timeout=300,
    )
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return done.returncode, lines[-1] if lines else ""


def intact(data: Path) -> bool:
    """Whether the store is sound and every ticket of the start is found."""
    if kbsearch("check", "--data", data, "--mend")[0] != 0:
        return False
    with Served(data) as server:
        return all(found(server, number) for number in range(0, TICKETS, 4))


def started_whole(data: Path) -> bool:
    with Served(data) as server:
        return all(found(server, number) for number in range(TICKETS))


def found(server: Served, number: int) -> bool:
    one = problem(number)
    return any(hit["id"] == one.id for hit in server.get("/v1/search", q=f'"{one.name}"')["hits"])


def flip(path: Path, share: float, size: int = 64) -> None:
    content = bytearray(path.read_bytes())
    at = int(len(content) * share) // 4096 * 4096
    content[at : at + size] = bytes(255 - byte for byte in content[at : at + size])
    path.write_bytes(content)
