"""Memory of a process, size of a folder."""

from __future__ import annotations

from pathlib import Path


def memory_mb(pid: int | str = "self") -> dict[str, float]:
    """Megabytes (10^6 bytes) of a process and those it started.

    ``rss`` counts shared pages for each process, ``pss`` shares them out, ``peak`` adds up the highest rss of each.
    """
    total = {"rss_mb": 0.0, "pss_mb": 0.0, "peak_mb": 0.0}
    for one in _with_children(str(pid)):
        try:
            rollup = _kib(Path(f"/proc/{one}/smaps_rollup"))
            status = _kib(Path(f"/proc/{one}/status"))
        except (FileNotFoundError, ProcessLookupError):
            continue
        total["rss_mb"] += rollup["Rss"] * 1024 / 1e6
        total["pss_mb"] += rollup["Pss"] * 1024 / 1e6
        total["peak_mb"] += status["VmHWM"] * 1024 / 1e6
    return {name: round(value, 1) for name, value in total.items()}


def folder_mb(folder: Path) -> float:
    """Megabytes of all files in a folder, as long as they are; holes count as if written."""
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 2)


def _with_children(pid: str) -> list[str]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += _with_children(child)
    return found


def _kib(path: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in path.read_text().splitlines():
        name, _, value = line.partition(":")
        if value.endswith(" kB"):
            found[name] = int(value.split()[0])
    return found
