"""Inverted lists over many vectors: how they are made, and how many of them a search reads."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from kbsearch.index.vectors import Floats, Halves, Ids

CHUNK = 65_536
"""So many rows are held as float32 at once."""

SPARE = 80
"""So many candidates are re-scored beyond twice those that are wanted, since codes order them roughly."""

_LISTS_PER_ROOT = 2.0  # lists = 2 sqrt(rows): with it reading the lists and finding them cost about the same
_POINTS_PER_LIST = 48
_ITERATIONS = 8
_RECALL, _SAMPLES, _NEIGHBOURS = 0.99, 128, 10
_LIKENESS = 0.75  # cosine of a question with a passage that answers it
_LEAST_LISTS = 4


def clustered(vectors: Halves) -> faiss.IndexIVFPQFastScan:
    """The inverted lists of all rows; row n has id n.

    Half a byte for every two numbers of a residual (product quantisation), added up in registers: "Quicker ADC" (André,
    Kermarrec & Le Scouarnec 2019).
    """
    rows, dimension = vectors.shape
    lists = max(1, int(_LISTS_PER_ROOT * rows**0.5))
    parts = dimension // 2 if dimension % 2 == 0 else dimension
    index = faiss.index_factory(dimension, f"IVF{lists},PQ{parts}x4fsr", faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = _ITERATIONS
    index.cp.max_points_per_centroid = _POINTS_PER_LIST
    index.cp.min_points_per_centroid = 1
    index.cp.seed = 1
    sample: Any = np.random.default_rng(1).permutation(rows)[: lists * _POINTS_PER_LIST]
    sample.sort()  # the rows lie in a file
    index.train(vectors[sample].astype(np.float32))
    _fill(index, vectors)
    return index


def refilled(index: faiss.IndexIVF, vectors: Halves) -> faiss.IndexIVF:
    """A copy of an index that holds these rows instead, in the lists and codes that were trained for the other ones."""
    copy: faiss.IndexIVF = faiss.clone_index(index)
    copy.reset()
    _fill(copy, vectors)
    return copy


def _fill(index: faiss.IndexIVF, vectors: Halves) -> None:
    for start in range(0, len(vectors), CHUNK):
        index.add(vectors[start : start + CHUNK].astype(np.float32))


def lists_to_read(index: faiss.IndexIVF, vectors: Halves) -> int:
    """The fewest lists that find the nearest neighbours of a sample of questions.

    A question lies off the passages that answer it, so a row with noise stands for one.
    """
    random = np.random.default_rng(2)
    sample: Ids = random.permutation(len(vectors))[:_SAMPLES]
    noise = random.standard_normal((len(sample), vectors.shape[1]))
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    queries = (_LIKENESS * vectors[sample] + (1 - _LIKENESS**2) ** 0.5 * noise).astype(np.float32)
    best = np.full((len(sample), 0), -2.0, np.float32)
    ids = np.empty((len(sample), 0), np.int64)
    for start in range(0, len(vectors), CHUNK):
        near: Floats = queries @ vectors[start : start + CHUNK].astype(np.float32).T
        best = np.concatenate([best, near], axis=1)
        ids = np.concatenate([ids, np.full(near.shape, start, np.int64) + np.arange(len(near.T))], axis=1)
        kept = np.argpartition(-best, min(_NEIGHBOURS, best.shape[1] - 1), axis=1)[:, :_NEIGHBOURS]
        best, ids = np.take_along_axis(best, kept, 1), np.take_along_axis(ids, kept, 1)
    lists = min(_LEAST_LISTS, index.nlist)
    while lists < index.nlist:
        parameters = faiss.SearchParametersIVF(nprobe=lists)
        _, found = index.search(queries, 2 * _NEIGHBOURS + SPARE, params=parameters)
        hits = sum(len(np.intersect1d(one, right)) for one, right in zip(found, ids, strict=True))
        if hits >= _RECALL * ids.size:
            break
        lists += lists // 2
    return min(lists, index.nlist)
