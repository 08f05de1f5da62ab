"""Servers that share a folder, and one whose clock is wrong."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from unittest.mock import patch

from scripts.harness.invented import problem
from scripts.harness.served import Served
from scripts.stress.trials.trial import Outcome, found, intact, kbsearch


def restore_beside_server(data: Path) -> Outcome:
    backup = data.parent / "backup"
    with Served(data) as server:
        ok = kbsearch("backup", backup, "--data", data)[0] == 0
        code, said = kbsearch("restore", backup, "--data", data, "--force")
        ok = ok and code == 1 and found(server, 0)
    return Outcome(
        "a backup works beside the server; restore refuses, and the server continues", said, ok and intact(data)
    )


def two_servers(data: Path) -> Outcome:
    one = problem(5_000)
    with Served(data) as first, Served(data) as second:
        first.put(f"/v1/tickets/{one.id}/resolution", one.write_back())
        seen = found(second, 5_000)
        second.put(f"/v1/tickets/{problem(5_001).id}/resolution", problem(5_001).write_back())
        seen = seen and found(first, 5_001)
    return Outcome("both serve, and each finds in its next answer what the other wrote", "", seen and intact(data))


def clock_set_back(data: Path) -> Outcome:
    one = problem(6_000)
    (data / "clock").mkdir()
    hook = data / "clock" / "sitecustomize.py"
    hook.write_text(
        "import kbsearch.store.sqlite.database as database\n"
        "from datetime import timedelta\n"
        "now = database.utc_now\n"
        "import kbsearch.knowledge.base as base\n"
        "base.KnowledgeBase.__init__.__defaults__ = tuple(\n"
        "    (lambda: now() - timedelta(days=800)) if default is now else default\n"
        "    for default in base.KnowledgeBase.__init__.__defaults__)\n"
    )
    path = f"{data / 'clock'}:{os.environ.get('PYTHONPATH', '')}"
    with patch.dict(os.environ, {"PYTHONPATH": path}), Served(data) as server:
        server.put(f"/v1/tickets/{one.id}/resolution", one.write_back())
        found_at_once = found(server, 6_000)
        stored = server.get(f"/v1/tickets/{one.id}")["updated_at"]
    shutil.rmtree(data / "clock")
    ordered = found_at_once and stored < "2026"
    return Outcome(
        "writes are ordered by number, not by time, so everything is found",
        f"stored as of {stored}",
        ordered and intact(data),
    )
