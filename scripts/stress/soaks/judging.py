"""What was seen of a server under load, and whether that is right."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

BYTES_A_DOCUMENT = 4096
"""What an invented ticket of one or two passages may take: docs/benchmarks.md has 0.9 KB a passage once segments are
merged, 1.4 KB in the small ones of an index that grows."""

SLACK = 0.05
"""What memory may vary by beyond that: pools and caches fill, a reindex leaves the allocator with holes. In an hour it
is what 0.3 KB lost in each of 60 requests a second come to."""

LEAST_S = 120.0
"""A shorter run says nothing of memory: its last third still fills pools and caches."""

DRIFT = 2.0
TENTHS = 10
_EARLY, _LATE = slice(1, 4), slice(7, 10)
_QUESTIONS = ("suggest", "search")


@dataclass(frozen=True)
class Done:
    """One request: when it began, in seconds since the start, and what came of it.

    ``wrong`` is "" if that was right.
    """

    at_s: float
    kind: str
    took_ms: float
    wrong: str = ""


@dataclass(frozen=True)
class Sample:
    """The server's memory, how many documents had been written by then, how fast the machine was.

    ``own_mb`` is resident and its own; ``mapped_mb`` are files mapped into memory, which the system takes back where
    it needs the room. ``pace_ms`` is how long a fixed piece of work took that has nothing to do with the server.
    """

    at_s: float
    own_mb: float
    documents: int
    pace_ms: float = 1.0
    mapped_mb: float = 0.0


def judged(done: Sequence[Done], samples: Sequence[Sample]) -> list[str]:
    """What is wrong with a run: failed requests, memory that grew, answers that became slow."""
    found = [f"{count} times {wrong}" for wrong, count in Counter(one.wrong for one in done if one.wrong).items()]
    thirds = [part for part in _parts(samples, 3) if part]
    if len(thirds) == 3 and samples[-1].at_s - samples[0].at_s >= LEAST_S:  # the first is the warm-up
        before, after = (_at_rest_mb(part) for part in thirds[1:])
        written = [statistics.median(one.documents for one in part) for part in thirds[1:]]
        most = before * (1 + SLACK) + (written[1] - written[0]) * BYTES_A_DOCUMENT / 1e6
        if after > most:
            found.append(f"memory grew from {before:.0f} to {after:.0f} MB, where {most:.0f} are explained")
    medians = [percentile(tenth, 50) for tenth in _parts([one for one in done if one.kind in _QUESTIONS], TENTHS)]
    paces = [statistics.median(one.pace_ms for one in part) for part in _parts(samples, TENTHS) if part]
    if len(paces) == TENTHS:
        (early, early_pace), (late, late_pace) = (
            (statistics.median(medians[some]), statistics.median(paces[some])) for some in (_EARLY, _LATE)
        )
        if late > DRIFT * early * max(1.0, late_pace / early_pace):  # others on the machine are not the server's fault
            found.append(f"a question's median went from {early:.1f} to {late:.1f} ms")
    return found


def _at_rest_mb(samples: Sequence[Sample]) -> float:
    """The lower quartile: a reindex takes more for a while, a leak is there all the time."""
    return sorted(one.own_mb for one in samples)[len(samples) // 4]


def percentile(done: Sequence[Done], percent: int) -> float:
    """Of the times that requests took, in milliseconds; 0 for none."""
    times = sorted(one.took_ms for one in done)
    return times[min(len(times) - 1, len(times) * percent // 100)] if times else 0.0


def table(done: Sequence[Done], samples: Sequence[Sample]) -> str:
    """Markdown: each tenth of the run."""
    rows = [
        "| tenth | requests | failed | question p50, p99 ms | write-back p50, p99 ms | own MB | mapped MB | documents"
        " | pace ms |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for number, (part, seen) in enumerate(zip(_parts(done, TENTHS), _parts(samples, TENTHS), strict=True), start=1):
        asked, written = ([one for one in part if one.kind in kinds] for kinds in (_QUESTIONS, ("write-back",)))
        times = [f"{percentile(some, 50):.0f}, {percentile(some, 99):.0f}" for some in (asked, written)]
        own, mapped, pace = (
            statistics.median([getattr(one, name) for one in seen] or [0])
            for name in ("own_mb", "mapped_mb", "pace_ms")
        )
        failed = sum(bool(one.wrong) for one in part)
        documents = seen[-1].documents if seen else 0
        rows.append(
            f"| {number} | {len(part):,} | {failed} | {' | '.join(times)} | {own:.0f} | {mapped:.0f} | {documents:,}"
            f" | {pace:.0f} |"
        )
    return "\n".join(rows)


def _parts(some: Sequence[Any], count: int) -> list[list[Any]]:
    """By time, in parts of the same length."""
    ordered = sorted(some, key=lambda one: one.at_s)
    end = ordered[-1].at_s + 1e-9 if ordered else 1.0
    parts: list[list[Any]] = [[] for _ in range(count)]
    for one in ordered:
        parts[int(one.at_s / end * count)].append(one)
    return parts
