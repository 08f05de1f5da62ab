#!/usr/bin/env python3
"""Is what is installed what was locked? Compares this environment with requirements-test.txt.

    python -m scripts.project.locked

PyTorch is not in there, as its builds go by other names; any build of the version that the Makefile names will do.
Exit code 1 if a package has another version, or stands in no list.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
_TOOLS = frozenset({"kbsearch", "pip", "setuptools", "wheel"})


def locked(requirements: str, makefile: str) -> dict[str, str]:
    """Versions by package."""
    torch = re.findall(r"^TORCH := (torch)==(\S+)", makefile, re.MULTILINE)
    return {
        _plain(name): version for name, version in [*re.findall(r"^([\w.-]+)==([^\s;]+)", requirements, re.M), *torch]
    }


def differing(installed: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """What is installed otherwise than locked, in words."""
    found: list[str] = []
    for name, version in sorted(installed.items()):
        if name not in wanted:
            found.append(f"{name} {version} is not locked")
        elif version.partition("+")[0] != wanted[name]:
            found.append(f"{name} {version} is installed, {wanted[name]} is locked")
    return found


def installed() -> dict[str, str]:
    """Versions by package of this environment, its tools aside."""
    found = {_plain(one.metadata["Name"]): one.version for one in distributions()}
    return {name: version for name, version in found.items() if name not in _TOOLS}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> int:
    requirements, makefile = ((ROOT / name).read_text() for name in ("requirements-test.txt", "Makefile"))
    found = differing(installed(), locked(requirements, makefile))
    for one in found:
        print(one)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
