#!/usr/bin/env python3
"""Fits kbsearch/ranking/weights.json to many simulated service desks.

    python -m scripts.measure.fit_ranking DATA/sumo_kb DATA/kb/bg.jsonl --keep FOLDER \
        --write kbsearch/ranking/weights.json

The questions of each collection become resolved tickets in the order of their time. Of the earlier 60 % some are asked
of desks that are drawn: with 20 to all articles, a history of none to all tickets (the latest before the question, or
the first that ever came), articles that nobody has written yet, answers or whole topics that are missing
(scripts/train/desks.py). From these, and from the first half of the everyday questions, comes which facts tell that
the answer is among the first five. How often it is comes from the questions of the latest part of the earlier 60 %, at
each length of history. The ranking stays as shipped, unless --ranking fits it too. Nothing is read of the later 40 %
but for the figures at the end, which are of the first collection.
"""

from __future__ import annotations

import argparse
import pickle
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from kbsearch.evaluation.reliability import auroc, calibration_error
from kbsearch.knowledge.learning.calibration import judge
from kbsearch.ranking.fitting import Example, answered, fit_confidence, fit_ranking
from kbsearch.ranking.weights import RankingWeights, shipped
from scripts.measure.everyday import asked_of_samples
from scripts.train.desks import Desk, Judged, Simulation, read_material

EARLIER, LATEST_OF_THESE = 0.6, 0.35
MAPS_AT = (0.35, 0.5)
HISTORIES = (0, 10, 30, 100, 300, 1_000, None)
SIZES = (20, 50, 120, 300, 700, 1_500)
ASKED_OF_EACH = 40
GRID_STEP, LATER_STEP = 2, 3
EVERYDAY = 2.0
"""How much an everyday question counts beside one of a desk that was drawn."""
OTHERS = 0.5
"""The same of the questions of further collections: the titles of a KB file are no tickets."""


def drawn_desks(count: int, articles: int) -> Iterable[Desk]:
    """Desks of all ages and sizes, the same for the same numbers."""
    draw = random.Random(5)  # noqa: S311 - a sample, not a secret
    sizes = [*(size for size in SIZES if size < articles), None, None]
    for number in range(count):
        tickets = HISTORIES[number % len(HISTORIES)]
        desk = Desk(
            articles=draw.choice(sizes),
            tickets=tickets,
            oldest=bool(tickets) and draw.random() < 0.4,
            undocumented=draw.choice((0, 0, 0.3, 1.0)) if tickets != 0 else 0,
            unanswerable=draw.choice((0, 0, 0.2, 0.3)),
            lacks_topic=draw.random() < 0.25,
        )
        yield replace(desk, unanswerable=0.4) if desk.lacks_topic else desk


def first_days(count: int) -> Iterable[Desk]:
    """Desks with a handful of articles, asked as much that they cannot answer."""
    draw = random.Random(6)  # noqa: S311 - a sample, not a secret
    for _ in range(count):
        yield Desk(articles=draw.randint(2, 12), tickets=draw.choice((0, 0, 10, 30)), unanswerable=0.5)


def ages() -> Iterable[Desk]:
    """Desks with all articles and each length of history."""
    for tickets in HISTORIES:
        yield Desk(tickets=tickets)
    for tickets in HISTORIES[1:-1]:
        yield Desk(tickets=tickets, oldest=True)


def at_desks(simulation: Simulation, desks: Iterable[Desk]) -> list[Judged]:
    """Questions of the earlier part, some of them at each desk."""
    count = len(simulation.past.tickets)
    asked: list[Judged] = []
    for number, desk in enumerate(desks):
        first = 100 if desk.tickets is None else min(desk.tickets, 300)
        asked += simulation.ask(desk, range(first, round(count * EARLIER)), ASKED_OF_EACH, number)
    return asked


def at_ages(simulation: Simulation, first: float, last: float, step: int) -> list[Judged]:
    """Questions between two places in time, each at every length of history."""
    count = len(simulation.past.tickets)
    numbers = range(round(count * first), round(count * last), step)
    return [one for desk in ages() for one in simulation.ask(desk, numbers, len(numbers), 0)]


def with_maps(simulation: Simulation) -> list[Judged]:
    """Questions of the latest part of the earlier tickets, each with a map of those before."""
    count = len(simulation.past.tickets)
    asked: list[Judged] = []
    for first, last in zip(MAPS_AT, (*MAPS_AT[1:], EARLIER), strict=True):
        numbers = range(round(count * first), round(count * last), GRID_STEP)
        asked += simulation.ask_with_map(numbers, numbers.start)
    return asked


def kept(folder: Path, name: str, make: Callable[[], list[Judged]]) -> list[Judged]:
    """Results kept from an earlier run; delete the file after a change of ranking.signals."""
    path = folder / f"{name}.pickle"
    if not path.exists():
        print("making", path.name, file=sys.stderr)
        path.write_bytes(pickle.dumps(make()))
    return pickle.loads(path.read_bytes())  # noqa: S301 - written above


def examples(judged: Iterable[Judged], weight: float = 1.0) -> list[Example]:
    return [replace(one.example, weight=weight) for one in judged]


def report(name: str, some: Sequence[Example], weights: RankingWeights) -> None:
    judged = judge(some, weights)
    sure, right = [one.confidence(weights) for one in some], [answered(one, weights) for one in some]
    print(
        f"{name}: n {len(some)}, hit@1 {judged.first:.3f}, gain {judged.gain:.3f}, answered {np.mean(right):.3f},"
        f" confidence {np.mean(sure):.3f}, ECE {calibration_error(sure, right):.3f},"
        f" AUROC {auroc(sure, right) or 0:.3f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", type=Path, nargs="+", help="the first one gives the figures")
    parser.add_argument("--keep", type=Path, required=True, help="data folders and questions; used again the next time")
    parser.add_argument("--desks", type=int, default=210, help="how many are drawn of each collection")
    parser.add_argument("--ranking", action="store_true", help="fit the ranking too")
    parser.add_argument("--write", type=Path, help="write the weights here")
    given = parser.parse_args()
    given.keep.mkdir(parents=True, exist_ok=True)
    drawn: list[Judged] = []
    others: list[Judged] = []
    grid: list[Judged] = []
    later: list[Judged] = []
    for place, path in enumerate(given.collections):
        with Simulation(read_material(path), given.keep / path.stem) as simulation:
            many, small = drawn_desks(given.desks, simulation.articles), first_days(given.desks // 3)
            desks = kept(given.keep, f"{path.stem}-desks", partial(at_desks, simulation, many))
            desks += kept(given.keep, f"{path.stem}-small", partial(at_desks, simulation, small))
            (drawn if place == 0 else others).extend(desks)
            if place == 0:
                span = (LATEST_OF_THESE, EARLIER, GRID_STEP)
                grid += kept(given.keep, f"{path.stem}-ages", partial(at_ages, simulation, *span))
                grid += kept(given.keep, f"{path.stem}-maps", partial(with_maps, simulation))
                later = kept(given.keep, f"{path.stem}-later", partial(at_ages, simulation, EARLIER, 1, LATER_STEP))
    everyday = kept(given.keep, "everyday", lambda: list(asked_of_samples(given.keep / "samples")))
    looked_at = [one for one in everyday if one.collection.endswith("dev")]
    weights = shipped()
    if given.ranking:
        weights = replace(weights, ranking=fit_ranking(examples([*grid, *drawn, *others])))
    # An everyday question counts the same beside the desks that were drawn and beside the grid.
    share = EVERYDAY * len(grid) / (len(drawn) + len(others))
    weights = fit_confidence(
        [*examples(grid), *examples(looked_at, share)], weights,
        bereaved=[*examples(drawn), *examples(others, OTHERS), *examples(looked_at, EVERYDAY)],
    )  # fmt: skip
    if given.write:
        given.write.write_text(weights.to_json() + "\n")
    for desk in ages():
        report(f"{desk}", examples(one for one in later if one.desk == desk), weights)
    for name in dict.fromkeys((one.collection, one.desk) for one in everyday):
        report(f"{name}", examples(one for one in everyday if (one.collection, one.desk) == name), weights)
    return 0


if __name__ == "__main__":
    sys.exit(main())
