"""Trains the new rows, and nothing else, to give translations the vectors of their English.

The model's layers and English rows stand still. For each pair the student reads the translation and
is drawn to the vector that the same model gives the English (Reimers & Gurevych 2020), and away from
the vectors of the batch's other texts.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from training.vocabulary import WORD, Inflections, normal

Tokenize = Callable[[Sequence[str]], list[list[int]]]
"""Piece numbers of texts, special ones included, cut to what is read in training."""

_TEMPERATURE = 0.05
_NEARNESS, _CONTRAST = 10.0, 1.0
_OTHER_FORM, _TYPO = 0.15, 0.05


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast.

    Attributes:
        minutes: of training at most, wall time.
        batch: pairs in a batch.
        rate: of SparseAdam at the beginning; falls to nothing by the end.
        seed: of order and augmentation.
    """

    minutes: float
    batch: int = 32
    rate: float = 2e-3
    seed: int = 1


class Distiller:
    """A frozen BERT and a table of rows, of which those from a list are trained.

    Args:
        model: transformers' BertModel.
        table: rows of the whole vocabulary, shape (vocabulary, dimension).
        trained: numbers of the rows that are trained.
        tokenize: cuts texts of both languages.
    """

    def __init__(self, model: Any, table: NDArray[np.float32], trained: NDArray[np.int64], tokenize: Tokenize) -> None:
        self._model = model.eval().requires_grad_(False)
        self._rows = torch.nn.Embedding.from_pretrained(torch.tensor(table), freeze=False, sparse=True)
        self._fixed = torch.ones(len(table), dtype=torch.bool)
        self._fixed[torch.tensor(trained)] = False
        self._tokenize = tokenize

    @property
    def table(self) -> NDArray[np.float32]:
        return self._rows.weight.detach().numpy().copy()

    def vectors(self, texts: Sequence[str]) -> torch.Tensor:
        """Unit vectors, shape (len(texts), dimension)."""
        ids = self._tokenize(texts)
        longest = max(map(len, ids))
        padded = torch.tensor([[*some, *[0] * (longest - len(some))] for some in ids])
        mask = torch.tensor([[1.0] * len(some) + [0.0] * (longest - len(some)) for some in ids])
        hidden = self._model(inputs_embeds=self._rows(padded), attention_mask=mask).last_hidden_state
        return functional.normalize((hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True), dim=1)

    def train(
        self, pairs: Sequence[tuple[str, str]], alter: Callable[[str], str], plan: Plan, say: Callable[[str], None]
    ) -> None:
        """Train on pairs of English and its translation, each at most once."""
        chance = random.Random(plan.seed)  # noqa: S311 - an order, not a secret
        batches = _batches(pairs, plan.batch, chance)
        optimiser = torch.optim.SparseAdam([self._rows.weight], lr=plan.rate)
        started, losses = time.monotonic(), []
        for step, batch in enumerate(batches):
            share = max(step / len(batches), (time.monotonic() - started) / (plan.minutes * 60))
            if share >= 1:
                break
            for group in optimiser.param_groups:
                group["lr"] = plan.rate * min(1.0, (step + 1) / 20) * (1 - share)
            with torch.no_grad():
                wanted = self.vectors([english for english, _ in batch])
            found = self.vectors([alter(other) for _, other in batch])
            nearness = (1 - (found * wanted).sum(1)).mean()
            contrast = functional.cross_entropy(found @ wanted.T / _TEMPERATURE, torch.arange(len(batch)))
            optimiser.zero_grad()
            (_NEARNESS * nearness + _CONTRAST * contrast).backward()
            self._hold_fixed_rows()
            optimiser.step()
            losses.append((float(nearness.detach()), float(contrast.detach())))
            if (step + 1) % 50 == 0:
                means = np.mean(losses[-50:], axis=0)
                took = time.monotonic() - started
                say(f"{step + 1} of {len(batches)}: distance {means[0]:.4f}, contrast {means[1]:.4f}, {took:.0f} s")

    def _hold_fixed_rows(self) -> None:
        gradient = self._rows.weight.grad
        assert gradient is not None
        gradient = gradient.coalesce()
        kept = ~self._fixed[gradient.indices()[0]]
        self._rows.weight.grad = torch.sparse_coo_tensor(
            gradient.indices()[:, kept], gradient.values()[kept], gradient.shape, is_coalesced=True
        )


def alterations(inflections: Inflections, seed: int) -> Callable[[str], str]:
    """Makes of a text what a person might have typed: another form of a word, a slip of the finger."""
    chance = random.Random(seed)  # noqa: S311 - slips of the finger, not secrets

    def alter(text: str) -> str:
        def word(match: Any) -> str:
            found = normal(match.group())
            if len(found) > 3 and chance.random() < _OTHER_FORM:
                return inflections.other_form(found, chance)
            if len(found) > 4 and chance.random() < _TYPO:
                return slip(found, chance)
            return match.group()

        return WORD.sub(word, text)

    return alter


def slip(word: str, chance: random.Random) -> str:
    """A word with a letter left out, doubled, or two changed about."""
    at = chance.randrange(1, len(word) - 1)
    kind = chance.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at] + word[at:]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _batches(pairs: Sequence[tuple[str, str]], size: int, chance: random.Random) -> list[list[tuple[str, str]]]:
    """Pairs of about one length together, so that little is padding; batches in random order."""
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][1]) + 8 * chance.random())
    batches = [[pairs[i] for i in order[start : start + size]] for start in range(0, len(order), size)]
    chance.shuffle(batches)
    return batches
