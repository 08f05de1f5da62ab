"""Why a solution may not fit."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from kbsearch.model import ArticleState, Solution, Ticket

_OLD = timedelta(days=730)
_VERSION = re.compile(r"^(?P<product>.*?)[\s-]*(?P<version>v?\d[\w.]*)$")


def cautions(ticket: Ticket, solution: Solution, now: datetime) -> tuple[str, ...]:
    """One short sentence for each doubt: other environment, unconfirmed state, age, failures."""
    found = [*_environment(ticket, solution)]
    if solution.state == ArticleState.WIP:
        found.append("somebody is still working on this article")
    elif solution.state == ArticleState.NOT_VALIDATED:
        found.append("not validated yet")
    if now - solution.updated_at > _OLD:
        found.append(f"last changed in {solution.updated_at.year}")
    evidence = solution.evidence
    if evidence.failed > evidence.solved:
        found.append(f"failed {evidence.failed} times, solved {evidence.solved} times")
    return tuple(found)


def _environment(ticket: Ticket, solution: Solution) -> list[str]:
    """Same product, other version; products that only one side names say nothing."""
    asked = _versions(ticket.environment)
    known = _versions(solution.environment)
    return [
        f"environment differs: it was written for {product} {', '.join(sorted(known[product]))}"
        for product in asked.keys() & known.keys()
        if asked[product].isdisjoint(known[product])
    ]


def _versions(environment: tuple[str, ...]) -> dict[str, set[str]]:
    versions: dict[str, set[str]] = {}
    for entry in environment:
        if matched := _VERSION.match(entry.strip()):
            versions.setdefault(matched["product"].strip(), set()).add(matched["version"])
    return versions
