#!/usr/bin/env python3
"""Which faults were tried, and what happened: writes the table of docs/reliability.md.

    scripts/faults.py            # prints the table
    scripts/faults.py --write    # puts it into docs/reliability.md

Every fault is real: a file system that is full or read-only, bytes overwritten on disk, two processes. The commands are
those of kbsearch, with the real model. Needs Linux, and root for file systems of its own (tmpfs). Exit code 1 if
one ended otherwise than promised.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from invented import problem
from served import Served

DOCUMENT = Path(__file__).parent.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- table -->", "<!-- end of table -->"
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


def lines_of(count: int, start: int = 0, size: int = 1) -> str:
    """An import of invented tickets, each with so many sentences."""
    lines: list[str] = []
    for one in map(problem, range(start, start + count)):
        ticket = {"id": one.id, "subject": one.issue, "description": f"{one.issue}. " * size}
        lines.append(json.dumps({"ticket": ticket, "resolution": one.fix}))
    return "".join(f"{line}\n" for line in lines)


def intact(data: Path) -> bool:
    """Whether the store is sound and every ticket of the start is found."""
    if kbsearch("check", "--data", data, "--mend")[0] != 0:
        return False
    with Served(data) as server:
        return all(found(server, number) for number in range(0, TICKETS, 4))


def found(server: Served, number: int) -> bool:
    one = problem(number)
    return any(hit["id"] == one.id for hit in server.get("/v1/search", q=f'"{one.name}"')["hits"])


def full_disk(data: Path) -> Outcome:
    more = data.parent / "more.jsonl"
    more.write_text(lines_of(300, 1_000, 60))
    with own_disk(data, free=1024 * 1024) as (small, remount):
        code, said = kbsearch("import", more, "--data", small)
        remount("size=1g")
        whole = intact(small)
    happened = "the import stops; what it had reported and all before it stays; with space it goes on"
    return Outcome(happened, said, code == 1 and "disk is full" in said and whole)


def full_backup(data: Path) -> Outcome:
    with own_disk(data, free=64 * 1024) as (small, _):
        target = small.parent / "backup"
        code, said = kbsearch("backup", target, "--data", data)
        nothing = [path.name for path in small.parent.iterdir()] == ["data"]
    return Outcome("no file is left that looks like a backup", said, code == 1 and nothing and intact(data))


def read_only(data: Path) -> Outcome:
    with own_disk(data, free=64 * 1024 * 1024) as (folder, remount):
        remount("ro")
        code, said = kbsearch("search", "printer", "--data", folder)
        remount("rw")
        whole = intact(folder)
    return Outcome("the command ends and says so", said, code == 1 and whole)


def flip(path: Path, share: float, size: int = 64) -> None:
    content = bytearray(path.read_bytes())
    at = int(len(content) * share) // 4096 * 4096
    content[at : at + size] = bytes(255 - byte for byte in content[at : at + size])
    path.write_bytes(content)


def corrupt_snapshot(data: Path) -> Outcome:
    for path in (data / "index").glob("*/*.terms"):
        flip(path, 0.5)
    code, said = kbsearch("check", "--data", data)
    ok = code == 1 and "damaged" in said
    return Outcome(
        "told by check; the next start warns and rebuilds the index from the store", said, ok and started_whole(data)
    )


def missing_snapshot(data: Path) -> Outcome:
    shutil.rmtree(data / "index")
    return Outcome("the next start rebuilds the index from the store, without the model", "", started_whole(data))


def started_whole(data: Path) -> bool:
    with Served(data) as server:
        return all(found(server, number) for number in range(TICKETS))


def corrupt_page(data: Path) -> Outcome:
    backup = data.parent / "backup"
    made = kbsearch("backup", backup, "--data", data)[0] == 0
    size = (data / STORE).stat().st_size // 4096
    for page in range(size // 3, size, 3):
        flip(data / STORE, page / size)
    code, _ = kbsearch("check", "--data", data)
    _, said = kbsearch("restore", backup, "--data", data)
    refused = "--force" in said
    restored = kbsearch("restore", backup, "--data", data, "--force")[0] == 0
    checked = "check names it and says to restore a backup; restore refuses without --force and brings all back with it"
    return Outcome(checked, said, made and code == 1 and refused and restored and intact(data))


def damaged_backup(data: Path) -> Outcome:
    backup = data.parent / "backup"
    kbsearch("backup", backup, "--data", data)
    backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    code, said = kbsearch("restore", backup, "--data", data, "--force")
    return Outcome("restore refuses before it changes anything", said, code == 1 and intact(data))


def restore_beside_server(data: Path) -> Outcome:
    backup = data.parent / "backup"
    with Served(data) as server:
        ok = kbsearch("backup", backup, "--data", data)[0] == 0
        code, said = kbsearch("restore", backup, "--data", data, "--force")
        ok = ok and code == 1 and found(server, 0)
    return Outcome("backup works beside the server; restore refuses, the server goes on", said, ok and intact(data))


def two_servers(data: Path) -> Outcome:
    one = problem(5_000)
    with Served(data) as first, Served(data) as second:
        first.put(f"/v1/tickets/{one.id}/resolution", one.write_back())
        seen = found(second, 5_000)
        second.put(f"/v1/tickets/{problem(5_001).id}/resolution", problem(5_001).write_back())
        seen = seen and found(first, 5_001)
    return Outcome("both serve; what one writes the other finds in its next answer", "", seen and intact(data))


def clock_set_back(data: Path) -> Outcome:
    one = problem(6_000)
    (data / "clock").mkdir()
    hook = data / "clock" / "sitecustomize.py"
    hook.write_text(
        "import kbsearch.store.database as database\n"
        "from datetime import timedelta\n"
        "now = database.utc_now\n"
        "import kbsearch.knowledge.base as base\n"
        "base.KnowledgeBase.__init__.__defaults__ = tuple(\n"
        "    (lambda: now() - timedelta(days=800)) if default is now else default\n"
        "    for default in base.KnowledgeBase.__init__.__defaults__)\n"
    )
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = f"{data / 'clock'}:{before}"
    try:
        with Served(data) as server:
            server.put(f"/v1/tickets/{one.id}/resolution", one.write_back())
            found_at_once = found(server, 6_000)
            stored = server.get(f"/v1/tickets/{one.id}")["updated_at"]
    finally:
        os.environ["PYTHONPATH"] = before
    shutil.rmtree(data / "clock")
    ordered = found_at_once and stored < "2026"
    return Outcome(
        "writes are ordered by their number, not by time: all is found",
        f"stored as of {stored}",
        ordered and intact(data),
    )


def replaced_model(data: Path) -> Outcome:
    exports = data.parent / "exports"
    shutil.copytree(os.environ["KBSEARCH_EXPORT_DIR"], exports, symlinks=True)
    kept = os.environ["KBSEARCH_EXPORT_DIR"]
    os.environ["KBSEARCH_EXPORT_DIR"] = str(exports)
    try:
        for path in exports.glob("*/*.onnx*"):
            flip(path, 0.5)
        code, _ = kbsearch("search", "printer", "--data", data)
        whole = code == 0
    finally:
        os.environ["KBSEARCH_EXPORT_DIR"] = kept
    shutil.rmtree(exports)
    return Outcome(
        "its checksum differs: the export is made again from the model, with a warning", "", whole and intact(data)
    )


def other_model(data: Path) -> Outcome:
    before = os.environ.get("KBSEARCH_MODEL")
    os.environ["KBSEARCH_MODEL"] = "default+int8"
    code, said = kbsearch("search", "printer", "--data", data)
    os.environ.pop("KBSEARCH_MODEL")
    if before:
        os.environ["KBSEARCH_MODEL"] = before
    return Outcome("refused, and told how to change the model", said, code == 1 and "reindex" in said and intact(data))


FAULTS: dict[str, Callable[[Path], Outcome]] = {
    "disk full during an import": full_disk,
    "disk full during a backup": full_backup,
    "read-only data folder": read_only,
    "snapshot damaged": corrupt_snapshot,
    "snapshot missing": missing_snapshot,
    "pages of the database overwritten": corrupt_page,
    "backup file cut": damaged_backup,
    "restore while a server runs": restore_beside_server,
    "two servers on one data folder": two_servers,
    "clock set back by 800 days": clock_set_back,
    "files of the exported model overwritten": replaced_model,
    "another model configured": other_model,
}


@contextmanager
def fresh(template: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kbsearch-fault-") as place:
        Path(place).chmod(0o755)
        data = Path(place) / "data"
        shutil.copytree(template, data)
        yield data


def table(outcomes: dict[str, Outcome]) -> str:
    rows = ["| fault tried | what happened | message |", "| --- | --- | --- |"]
    for fault, outcome in outcomes.items():
        happened = outcome.happened if outcome.promised else f"**NOT AS PROMISED** ({outcome.happened})"
        rows.append(f"| {fault} | {happened} | {outcome.said.replace('|', '/')} |")
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    parser.add_argument("--only", choices=FAULTS)
    arguments = parser.parse_args()
    outcomes: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory(prefix="kbsearch-faults-") as place:
        os.environ.setdefault("KBSEARCH_EXPORT_DIR", f"{place}/exports")
        template = Path(place) / "data"
        (Path(place) / "tickets.jsonl").write_text(lines_of(TICKETS))
        code, said = kbsearch("import", Path(place) / "tickets.jsonl", "--data", template)
        if code != 0:
            raise SystemExit(said)
        for name, fault in FAULTS.items():
            if arguments.only in (None, name):
                with fresh(template) as data:
                    try:
                        outcome = fault(data)
                    except NotTried as reason:
                        outcome = Outcome(f"not tried here: {reason}", "", promised=True)
                    said = outcome.said.replace(str(data.parent), "…")
                outcomes[name] = Outcome(outcome.happened, said, outcome.promised)
                print(f"{'ok' if outcome.promised else 'NOT AS PROMISED'}: {name}: {said}", flush=True)
    if arguments.write:
        text = DOCUMENT.read_text()
        head, tail = text.split(BEGIN)[0], text.split(END)[1]
        DOCUMENT.write_text(f"{head}{BEGIN}\n{table(outcomes)}\n{END}{tail}")
    return 0 if all(one.promised for one in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
