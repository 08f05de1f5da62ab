"""Works that one process at a time does."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kbsearch.errors import AlreadyRunning
from kbsearch.store.sqlite.works import Works

_HOLD = """
import sys
from pathlib import Path
from kbsearch.store.sqlite.works import Works
with Works(Path(sys.argv[1])).alone("work"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    works = Works(tmp_path)
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning), works.alone("work"):
            pass
        with works.alone("other work"):
            pass
        other.send_signal(signal.SIGKILL)
        other.wait()
        with works.alone("work"):
            pass
    works.close()


def test_a_work_takes_no_file_of_its_own(tmp_path: Path) -> None:
    works = Works(tmp_path)
    for number in range(100):
        with works.alone(f"work {number}"):
            pass
    assert [(path.name, path.stat().st_size) for path in tmp_path.iterdir()] == [("work.lock", 0)]
    works.close()
    works.close()
