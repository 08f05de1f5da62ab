"""Tries a model of the desk's own: the shipped model fine-tuned on a collection's earlier tickets.

    python -m scripts.train.own_model DATA/sumo_kb --keep FOLDER

Each ticket of the earlier half is to be nearer to a passage of the article that resolved it than to the passages of
other articles in its batch, where tickets stand that the shipped model takes for alike (MultipleNegativesRankingLoss
with hard negatives in the batch). Both models are judged on the later 40 %, each with all articles, all earlier
tickets written back and a map that is learned from the earlier tickets. docs/measurements.md has the
figures.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kbsearch.embedding.weights import DEFAULT_MODEL, model_folder
from kbsearch.knowledge.indexing.documents import SourceText, article_text, ticket_text
from kbsearch.knowledge.learning.history import ReplayedHistory, lessons
from kbsearch.model import Field
from kbsearch.ranking.fitting import Example, fit_ranking
from kbsearch.ranking.residual_map import Floats, learn
from kbsearch.ranking.weights import RankingWeights, shipped
from kbsearch.text.passages import split
from scripts.train.desks import TENANT, Material, Simulation, read_material

EARLIER, TAUGHT_UNTIL = 0.6, 0.5
"""The later part begins at the first; model and the weights' map are learned up to the second."""
BATCH, SCALE = 32, 20.0
TOKENS = 96
NEIGHBOURS = 3
DEPTH = 10
PULL = 0.02


@dataclass(frozen=True, slots=True)
class Pair:
    """A ticket, the passages of its article that are nearest to it, and the tickets nearest to it, nearest first."""

    ticket: str
    right: Sequence[str]
    article: str
    near: Sequence[int]


def embedded(text: SourceText, embedder: Any) -> list[tuple[Field, str]]:
    passages = split(text.title, text.fields, embedder.max_tokens, embedder.count_tokens)
    return [(one.field, one.embedded) for one in passages]


def pairs(material: Material, simulation: Simulation) -> list[Pair]:
    """The tickets of the earlier half, each with what the shipped model finds nearest."""
    past = simulation.past
    count = round(len(past.tickets) * TAUGHT_UNTIL)
    embedder = simulation.view[1].embedder
    texts: dict[str, list[str]] = {}
    for article in material.articles:
        text = article_text(TENANT, article)
        texts[article.id] = [passage for _, passage in embedded(text, embedder)] if text else []
    owners: list[str] = []
    passages: list[str] = []
    # Passages lie in the store in the order in which they were split.
    place: dict[str, int] = {}
    for ref in past.articles:
        number = place.get(ref.id, 0)
        place[ref.id] = number + 1
        owners.append(ref.id)
        passages.append(texts[ref.id][number])
    asked = np.concatenate([one[:1] for one in past.vectors[:count]])
    found: list[Pair] = []
    for one, vector in zip(past.tickets[:count], asked, strict=True):
        own = [i for i in np.argsort(-(past.article_vectors @ vector)) if owners[i] == one.solution.id]
        issue = [text for _, text in embedded(ticket_text(TENANT, "", one.ticket, ""), embedder)]
        near = np.argsort(-(asked @ vector))[1:50].tolist()
        found.append(Pair(issue[0], [passages[i] for i in own[:2]], one.solution.id, near))
    return found


def train(some: Sequence[Pair], target: Path, rounds: int, rate: float, layers: int, seed: int = 1) -> None:
    """Fine-tune the shipped model; ``layers``: how many of the last ones change."""
    import torch
    from sentence_transformers import SentenceTransformer

    draw = random.Random(seed)  # noqa: S311 - an order, not a secret
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    with model_folder(DEFAULT_MODEL) as folder:
        model: Any = SentenceTransformer(folder, device="cpu")
    core = model[0].model
    for parameter in core.parameters():
        parameter.requires_grad = False
    for layer in core.encoder.layer[-layers:]:
        for parameter in layer.parameters():
            parameter.requires_grad = True
    free = [one for one in core.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(free, lr=rate, weight_decay=0.01)
    steps = rounds * (len(some) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / (0.1 * steps)) * max(0.0, 1 - step / steps)
    )
    model.train()

    def encode(texts: Sequence[str]) -> Any:
        tokens = model[0].tokenizer(list(texts), padding=True, truncation=True, max_length=TOKENS, return_tensors="pt")
        return torch.nn.functional.normalize(model(dict(tokens))["sentence_embedding"], dim=1)

    started = time.monotonic()
    step = 0
    for _ in range(rounds):
        for batch in _batches(some, draw):
            asked = encode([one.ticket for one in batch])
            right = encode([draw.choice(one.right) for one in batch])
            articles = np.array([one.article for one in batch])
            same = torch.from_numpy((articles[:, None] == articles[None, :]) & ~np.eye(len(batch), dtype=bool))
            nearness = (SCALE * asked @ right.T).masked_fill(same, -1e4)
            loss = torch.nn.functional.cross_entropy(nearness, torch.arange(len(batch)))
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(free, 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            if step % 4 == 0:
                print(f"step {step} of {steps}, loss {loss.item():.3f}, {time.monotonic() - started:.0f} s", flush=True)
    model.eval()
    model.save(str(target))


def _batches(some: Sequence[Pair], draw: random.Random) -> Iterator[list[Pair]]:
    """Batches of drawn tickets and those nearest to them, whose articles are the hard negatives; no pair twice."""
    left = list(range(len(some)))
    draw.shuffle(left)
    waiting = dict.fromkeys(left)
    batch: list[Pair] = []
    while waiting:
        first = next(iter(waiting))
        near = [number for number in some[first].near if number in waiting and number != first]
        for number in (first, *near[:NEIGHBOURS]):
            del waiting[number]
            batch.append(some[number])
        if len(batch) >= BATCH:
            yield batch[:BATCH]
            batch = batch[BATCH:]


def gain(example: Example, weights: RankingWeights, ideal: float) -> tuple[float, float]:
    """hit@1 and nDCG@10 of a question."""
    order = np.argsort(-example.scores(weights), kind="stable")[:DEPTH]
    gains = example.gains[order]
    found = float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())
    return float(len(gains) > 0 and gains[0] > 0), found / ideal


def judge(simulation: Simulation, step: int, name: str) -> None:
    """Print how a model does on the later tickets, with the map alone and with fitted weights."""
    past = simulation.past
    count = len(past.tickets)
    told = ReplayedHistory(*simulation.view, past, simulation.gains)
    half, cut = round(count * TAUGHT_UNTIL), round(count * EARLIER)
    early = learn(lessons(past, 0, half))
    fitted = fit_ranking(told.examples(half, cut, early), shipped(), PULL)
    ours = RankingWeights(fitted, shipped().confidence, shipped().intercept, 1.0)
    matrix: Floats = learn(lessons(past, 0, cut))
    numbers = range(cut, count, step)
    for label, a_map, weights in (
        ("no map", None, shipped()), ("map", matrix, shipped()), ("map and weights", matrix, ours),
    ):  # fmt: skip
        found: list[tuple[float, float]] = []
        for number in numbers:
            grades = sorted(simulation.gains(past.tickets[number]).values(), reverse=True)[:DEPTH]
            ideal = sum(grade / np.log2(2 + rank) for rank, grade in enumerate(grades))
            found += [gain(one, weights, ideal) for one in told.examples(number, number + 1, a_map)]
        first, ndcg = np.mean(found, axis=0)
        print(f"{name}, {label}: n {len(found)}, hit@1 {first:.3f}, nDCG@10 {ndcg:.3f}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", type=Path)
    parser.add_argument("--keep", type=Path, required=True, help="data folders and models")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rate", type=float, default=5e-5)
    parser.add_argument("--layers", type=int, default=6, help="how many of the last layers change")
    parser.add_argument("--step", type=int, default=2, help="ask every so many of the later tickets")
    given = parser.parse_args()
    given.keep.mkdir(parents=True, exist_ok=True)
    material = read_material(given.collection)
    name = f"{material.name}-{given.rounds}-{given.rate:g}-{given.layers}"
    target = given.keep / f"model-{name}"
    with Simulation(material, given.keep / given.collection.stem) as simulation:
        if not target.exists():
            train(pairs(material, simulation), target, given.rounds, given.rate, given.layers)
        judge(simulation, given.step, "shipped model")
    with Simulation(material, given.keep / f"data-{name}", str(target.resolve())) as simulation:
        judge(simulation, given.step, name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
