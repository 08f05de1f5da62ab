"""Real texts of a service desk, in the shapes that ``kbsearch import`` takes."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kbsearch.evaluation.collections import rows

ARTICLES = "kb/en.jsonl"
RESOLVED = "tickets/thunderbird_resolved.jsonl"
FORUM = "sumo_duplicates/corpus.jsonl"
QUESTIONS = ("sumo_duplicates/queries.jsonl", "sumo_kb/queries.jsonl", "sumo_solutions/queries.jsonl")

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def parts(files: Sequence[Path], count: int, most: int, seed: int, out: Path) -> list[list[Path]]:
    """The files' lines shuffled and dealt to ``count`` parts of at most ``most`` lines, as files in folders of ``out``.

    A line is in one part only; the order of the files is kept in each.
    """
    lines = [(file, line) for file in files for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
    random.Random(seed).shuffle(lines)  # noqa: S311 - a sample, not a secret
    found: list[list[Path]] = []
    for number in range(count):
        folder = out / f"part-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        dealt = lines[number::count][:most]
        for file in files:
            (folder / file.name).write_text("".join(f"{line}\n" for of, line in dealt if of == file), encoding="utf-8")
        found.append([folder / file.name for file in files])
    return found


def tickets(data: Path) -> Iterator[dict[str, Any]]:
    """Every real ticket as a write-back, once, but for those that questions() asks first.

    A ticket without a resolution of its own gets the end of its own text for one: real words in a real length.
    """
    asked = {row["_id"] for row in rows(data / QUESTIONS[0])}
    resolved = {row["id"]: row for row in rows(data / RESOLVED)}
    for row in resolved.values():
        yield _ticket(row["id"], row["title"], row["description"], row["resolution"])
    seen = {*resolved, *asked}
    for row in rows(data / FORUM):
        if row["_id"] not in seen:
            seen.add(row["_id"])
            yield _ticket(row["_id"], row["title"], *_cut(row["text"]))
    for name in QUESTIONS[1:]:
        for row in rows(data / name):
            if row["_id"] not in seen:
                seen.add(row["_id"])
                yield _ticket(row["_id"], row["metadata"]["title"], *_cut(row["text"]))


def questions(data: Path) -> list[str]:
    """Texts to ask, none twice. The first few hundred are tickets that tickets() leaves out."""
    return list(dict.fromkeys(row["text"] for name in QUESTIONS for row in rows(data / name)))


def write_ndjson(path: Path, records: Iterable[dict[str, Any]], most: int | None = None) -> int:
    """One JSON object a line; returns how many."""
    count = 0
    with path.open("w", encoding="utf-8") as opened:
        for record in records:
            if count == most:
                break
            opened.write(json.dumps(record, ensure_ascii=False) + "\n")
            count += 1
    return count


def _ticket(id: str, subject: str, description: str, resolution: str) -> dict[str, Any]:
    return {
        "ticket": {"id": id, "subject": subject.strip()[:300] or id, "description": description},
        "resolution": resolution,
    }


def _cut(text: str) -> tuple[str, str]:
    """A text and its last sentences, a third of it."""
    sentences = [sentence for sentence in _SENTENCE_END.split(text) if sentence.strip()]
    kept = max(1, len(sentences) * 2 // 3)
    return " ".join(sentences[:kept]), " ".join(sentences[kept:]) or text
