"""Invented problems with their fixes: each has its own words, so that finding it again proves something."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

_DEVICES = (
    "label printer", "badge reader", "conference phone", "barcode scanner", "thin client", "plotter", "projector",
    "time clock", "door controller", "weighing scale", "ticket kiosk", "payment pad", "sound bar", "docking station",
    "network scale", "backup drive", "card terminal", "fax gateway", "wall display", "handheld",
)  # fmt: skip
_SYMPTOMS = (
    "freezes after the screen saver", "loses its address every morning", "prints blank pages", "beeps and restarts",
    "shows a white screen", "is not seen by the driver", "refuses the certificate", "drops the session at noon",
    "reports a full queue", "does not wake up", "answers in the wrong language", "counts every job twice",
)  # fmt: skip
_FIXES = (
    "flashed firmware {code} and cleared the pairing table", "moved it to switch port {code} and fixed the speed",
    "set the registry value {code} to zero and restarted the service", "installed driver build {code} without the tray",
    "added {code} to the allow list of the proxy", "replaced the power supply and wrote profile {code} to it",
)  # fmt: skip
_SYLLABLES = ("ba", "ro", "ki", "ne", "du", "lo", "ve", "ta", "mi", "su", "fe", "go", "pa", "ri", "zo", "xa")


@dataclass(frozen=True)
class Problem:
    """``name`` stands in the issue only, ``code`` in the fix only."""

    id: str
    name: str
    code: str
    issue: str
    fix: str

    def write_back(self) -> dict[str, Any]:
        return {"ticket": {"subject": self.issue}, "resolution": self.fix}

    def question(self) -> dict[str, Any]:
        return {"ticket": {"subject": self.issue}}


def problem(seed: int) -> Problem:
    """The same problem for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - an invention, not a secret
    name = "".join(chance.choices(_SYLLABLES, k=4)).capitalize() + str(seed)
    code = f"{''.join(chance.choices('BCDFGHKLMNPQRSTVWXZ', k=3))}-{seed}-{chance.randrange(100, 999)}"
    issue = f"{name} {chance.choice(_DEVICES)} {chance.choice(_SYMPTOMS)}"
    fix = chance.choice(_FIXES).format(code=code)
    return Problem(f"INV-{seed}", name, code, issue, f"{fix[0].upper()}{fix[1:]}.")


def ndjson(numbers: range, sentences: int = 0) -> str:
    """An import of these problems as resolved tickets, each with a description of so many sentences."""
    lines: list[str] = []
    for one in map(problem, numbers):
        ticket = {"id": one.id, "subject": one.issue, "description": f"{one.issue}. " * sentences}
        lines.append(json.dumps({"ticket": ticket, "resolution": one.fix}))
    return "".join(f"{line}\n" for line in lines)
