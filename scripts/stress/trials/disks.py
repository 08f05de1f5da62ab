"""A disk that is full or cannot be written."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from scripts.harness.invented import Problem, ndjson, problem
from scripts.harness.served import Served
from scripts.stress.trials.trial import TICKETS, NotTried, Outcome, found, intact, kbsearch


@contextmanager
def own_disk(data: Path, free: int) -> Iterator[tuple[Path, Callable[[str], None]]]:
    """A copy of the data folder on a file system of its own with so many bytes free, and a way to remount it."""
    disk = data.parent / "disk"
    disk.mkdir()
    used = sum(path.stat().st_blocks * 512 for path in data.rglob("*"))

    def mount(options: str) -> None:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], capture_output=True, check=False)
        if done.returncode != 0:
            raise NotTried("it needs the right to mount a file system")

    mount(f"size={used + free},mode=700")
    try:
        shutil.copytree(data, disk / "data")
        yield disk / "data", lambda options: mount(f"remount,{options}")
    finally:
        subprocess.run(["umount", disk], check=True)


def full_during_import(data: Path) -> Outcome:
    more = data.parent / "more.jsonl"
    more.write_text(ndjson(range(1_000, 1_300), sentences=60))
    with own_disk(data, free=1024 * 1024) as (small, remount):
        code, said = kbsearch("import", more, "--data", small)
        remount("size=1g")
        whole = intact(small)
    happened = "the import stops; what it had reported stays stored; it continues when there is space"
    return Outcome(happened, said, code == 1 and "disk is full" in said and whole)


def full_during_backup(data: Path) -> Outcome:
    with own_disk(data, free=64 * 1024) as (small, _):
        target = small.parent / "backup"
        code, said = kbsearch("backup", target, "--data", data)
        nothing = [path.name for path in small.parent.iterdir()] == ["data"]
    return Outcome("no partial backup file is left", said, code == 1 and nothing and intact(data))


def read_only(data: Path) -> Outcome:
    with own_disk(data, free=64 * 1024 * 1024) as (folder, remount):
        remount("ro")
        code, said = kbsearch("search", "printer", "--data", folder)
        remount("rw")
        whole = intact(folder)
    return Outcome("the command ends and gives the reason", said, code == 1 and whole)


def full_under_a_server(data: Path) -> Outcome:
    written: list[int] = []
    with own_disk(data, free=8 * 1024 * 1024) as (small, _):
        with Served(small) as server:

            def write_back(one: Problem) -> httpx.Response:
                return server.client.put(f"/v1/tickets/{one.id}/resolution", json=one.write_back())

            fill = small.parent / "fill"
            with fill.open("wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(bytes(1024))
            for number in range(7_000, 7_200):  # the first may find room in what the store has already
                answer = write_back(problem(number))
                if not answer.is_success:
                    break
                written.append(number)
            asked = server.client.post("/v1/suggest", json=problem(0).question())
            goes_on = asked.is_success and all(found(server, number) for number in range(TICKETS))
            fill.unlink()
            written.append(number)
            goes_on = goes_on and write_back(problem(number)).is_success and all(found(server, one) for one in written)
            ended = server.stop()
        whole = intact(small)
    happened = "questions are answered; writes get 503, and succeed as soon as there is space"
    promised = answer.status_code == 503 and goes_on and whole and ended == 0
    return Outcome(happened, answer.json()["detail"], promised)
