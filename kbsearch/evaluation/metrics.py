"""Retrieval metrics over ranked lists, as trec_eval defines them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Judgements = Mapping[str, int]
"""Relevant document ids of one query → grade, 1 or more."""


def hit_at(ranked: Sequence[str], relevant: Judgements, k: int) -> float:
    """1 if a relevant document is among the first k, else 0 (trec_eval: success_k)."""
    return float(any(id in relevant for id in ranked[:k]))


def recall_at(ranked: Sequence[str], relevant: Judgements, k: int) -> float:
    """Share of the relevant documents among the first k (trec_eval: recall_k)."""
    return sum(id in relevant for id in ranked[:k]) / len(relevant)


def reciprocal_rank_at(ranked: Sequence[str], relevant: Judgements, k: int) -> float:
    """1 / rank of the first relevant document, 0 if it is not among the first k (trec_eval: recip_rank)."""
    return next((1 / rank for rank, id in enumerate(ranked[:k], start=1) if id in relevant), 0.0)


def ndcg_at(ranked: Sequence[str], relevant: Judgements, k: int) -> float:
    """Normalised discounted cumulative gain, the grade as gain (trec_eval: ndcg_cut_k; Järvelin & Kekäläinen 2002)."""
    gain = sum(relevant.get(id, 0) / math.log2(rank + 1) for rank, id in enumerate(ranked[:k], start=1))
    ideal = sum(
        grade / math.log2(rank + 1) for rank, grade in enumerate(sorted(relevant.values(), reverse=True)[:k], start=1)
    )
    return gain / ideal


def scores(ranked: Sequence[str], relevant: Judgements) -> dict[str, float]:
    """All metrics that are reported for one query."""
    return {
        "hit@1": hit_at(ranked, relevant, 1),
        "recall@5": recall_at(ranked, relevant, 5),
        "recall@10": recall_at(ranked, relevant, 10),
        "mrr@10": reciprocal_rank_at(ranked, relevant, 10),
        "ndcg@10": ndcg_at(ranked, relevant, 10),
    }
