"""On what, with what and when a figure was taken."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_TELLING_FLAGS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimd")
_PACKAGES = (
    "torch", "sentence-transformers", "transformers", "tokenizers", "onnxruntime", "onnx", "faiss-cpu", "numpy",
    "fastapi", "uvicorn", "sqlite-utils", "txtai", "chromadb", "lancedb",
)  # fmt: skip


def machine() -> dict[str, Any]:
    """Processor, cores that may be used, memory in GiB."""
    cpu = _named_lines(Path("/proc/cpuinfo"))
    flags = cpu.get("flags", cpu.get("Features", "")).split()
    memory_kib = int(_named_lines(Path("/proc/meminfo")).get("MemTotal", "0 kB").split()[0])
    return {
        "processor": cpu.get("model name", platform.processor() or platform.machine()),
        "flags": [flag for flag in _TELLING_FLAGS if flag in flags],
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory_kib / 2**20, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def versions() -> dict[str, str]:
    """Python's and the packages' that matter, as far as they are installed."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit(root: Path) -> str:
    """The commit of ``root``, marked where the package's files differ from it; ``unknown`` outside a clone."""
    try:
        name = _git(root, "rev-parse", "--short=12", "HEAD")
        return f"{name} (modified)" if _git(root, "status", "--porcelain", "--", "kbsearch") else name
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(root: Path, *arguments: str) -> str:
    asked = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return asked.stdout.strip()


def _named_lines(path: Path) -> dict[str, str]:
    """The first ``name: value`` of each name."""
    found: dict[str, str] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            name, colon, value = line.partition(":")
            if colon:
                found.setdefault(name.strip(), value.strip())
    return found
