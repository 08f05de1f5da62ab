"""Any number of vectors around real ones: for sizes that no real text at hand reaches.

Each is a real passage's vector with gaussian noise, renormalised. The noise has the covariance of the real vectors,
so that it stays where passages lie (noise alike in all directions would make every search harder than it is), and is so
large that a vector is as near to the one it was made from as a real passage is to its nearest neighbour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kbsearch.evaluation.collections import rows
from kbsearch.knowledge.indexing.documents import article_text, ticket_text
from kbsearch.model import Article, TenantId, Ticket
from kbsearch.text.passages import CountTokens, split
from scripts.benchmarks.desk import ARTICLES, FORUM, QUESTIONS, RESOLVED, questions, tickets
from scripts.benchmarks.embedders import apart, kbsearch_embedder
from scripts.benchmarks.options import Options

NEEDS = (ARTICLES, RESOLVED, FORUM, *QUESTIONS)
TENANTS = 50

_HELD_OUT = 500  # the first questions are no tickets of the desk
_EMBEDDED_AT_ONCE = 1_000
_CHUNK = 50_000
_NEIGHBOURS_FROM = 2_000

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Unit vectors made from ``real``, shape (n, dimension). ``asked`` are real questions', held out."""

    real: Floats
    asked: Floats

    def queries(self) -> Floats:
        """Unit vectors of real questions, shape (queries, dimension)."""
        return self.asked

    def vectors(self, n: int, seed: int) -> Iterator[tuple[int, Halves]]:
        """``n`` vectors in chunks of one tenant each, the tenants' chunks mixed.

        Tenant t (0 .. TENANTS - 1) has a share in proportion to 1 / (t + 1), Zipf's law. The same seed gives the same.

        Yields:
            (tenant, float16 array of shape (up to 50,000, dimension)).
        """
        spread = _spread(self.real)
        chunks = [
            (tenant, first, min(_CHUNK, size - first))
            for tenant, size in enumerate(tenant_sizes(n))
            for first in range(0, size, _CHUNK)
        ]
        for index in np.random.default_rng(seed).permutation(len(chunks)):
            tenant, first, size = chunks[index]
            random = np.random.default_rng((seed, tenant, first))
            made = self.real[random.integers(len(self.real), size=size)]
            made += random.standard_normal(made.shape, np.float32) @ spread
            made /= np.linalg.norm(made, axis=1, keepdims=True)
            yield tenant, made.astype(np.float16)


def tenant_sizes(n: int) -> list[int]:
    """How many of ``n`` vectors each tenant has, the largest first; they add up to ``n``."""
    shares = 1 / np.arange(1, TENANTS + 1)
    ends = np.rint(np.cumsum(shares) / shares.sum() * n).astype(int)
    return np.diff(ends, prepend=0).tolist()


def synthetic(data: Path, options: Options) -> Synthetic:
    """Embed real passages and questions, or take those that were kept."""
    folder = options.kept("vectors")
    passages, asked = folder / "passages.npy", folder / "questions.npy"
    if not passages.is_file() or not asked.is_file():
        apart(_embed, data, folder, options.size(50_000, 300), passages, asked)
    return Synthetic(np.load(passages).astype(np.float32), np.load(asked).astype(np.float32))


def _spread(real: Floats) -> Floats:
    """What standard normal noise is multiplied by, shape (dimension, dimension)."""
    near = real[:_NEIGHBOURS_FROM] @ real.T
    np.fill_diagonal(near, -1.0)
    similarity = float(np.median(near.max(axis=1)))
    length = np.sqrt(1 / similarity**2 - 1)
    variances, directions = np.linalg.eigh(np.cov(real, rowvar=False))
    scale = np.sqrt(np.maximum(variances, 0) / variances.sum()) * length
    return (scale[:, None] * directions.T).astype(np.float32)


def _embed(data: Path, folder: Path, count: int, passages: Path, asked: Path) -> None:
    """In parts, each written when it is done: what was cut off goes on where it was."""
    embedder = kbsearch_embedder()
    texts = islice(_passages(data, embedder.max_tokens, embedder.count_tokens), count)
    parts: list[Halves] = []
    while some := list(islice(texts, _EMBEDDED_AT_ONCE)):
        part = folder / f"part-{len(parts):04}.npy"
        if not part.is_file():
            np.save(part, embedder.embed_documents(some).astype(np.float16))
            print(f"  {len(parts) * _EMBEDDED_AT_ONCE + len(some)} of {count} passages embedded", flush=True)
        parts.append(np.load(part))
    np.save(asked, embedder.embed_documents(questions(data)[:_HELD_OUT]).astype(np.float16))
    np.save(passages, np.concatenate(parts))
    for part in folder.glob("part-*.npy"):
        part.unlink()


def _passages(data: Path, max_tokens: int, count_tokens: CountTokens) -> Iterator[str]:
    tenant = TenantId("default")
    for row in rows(data / ARTICLES):
        text = article_text(tenant, Article(row["id"], row["title"], resolution=row["body"]))
        if text is not None:
            yield from (one.embedded for one in split(text.title, text.fields, max_tokens, count_tokens))
    for record in tickets(data):
        about = record["ticket"]
        ticket = Ticket(about["subject"], about["description"])
        text = ticket_text(tenant, about["id"], ticket, record["resolution"])
        yield from (one.embedded for one in split(text.title, text.fields, max_tokens, count_tokens))
