"""A document's distinct terms, packed: what BM25 needs of it.

A term is kept as a 64-bit hash, so that no dictionary of words has to be held: among ten million terms two that
collide are to be expected with a probability of 3 in 1,000,000. The count is BM25F's weighted sum over the fields.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from kbsearch.text.remembered import remembered

Hashes = NDArray[np.uint64]
Counts = NDArray[np.uint8]

TITLE_WEIGHT, ISSUE_WEIGHT, RESOLUTION_WEIGHT = 3, 1, 1
_MOST = 255
_HASH_BYTES = 8


@remembered
def term_hash(term: str) -> int:
    """64 bits of BLAKE2b."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=_HASH_BYTES).digest(), "little")


def packed(title: Iterable[str], issue: Iterable[str], resolution: Iterable[str]) -> bytes:
    """The terms of a document's fields as bytes: all hashes, ascending, then a count for each, at most 255."""
    counts: Counter[int] = Counter()
    for terms, weight in ((title, TITLE_WEIGHT), (issue, ISSUE_WEIGHT), (resolution, RESOLUTION_WEIGHT)):
        for term in terms:
            counts[term_hash(term)] += weight
    hashes = np.array(sorted(counts), "<u8")
    return hashes.tobytes() + bytes(min(_MOST, counts[term]) for term in hashes.tolist())


def share_of_common_terms(one: bytes, other: bytes) -> float:
    """Distinct terms of both documents among those of either (Jaccard), 0 .. 1."""
    here, there = unpacked(one)[0], unpacked(other)[0]
    common = len(np.intersect1d(here, there, assume_unique=True))
    return common / max(1, len(here) + len(there) - common)


def unpacked(terms: bytes) -> tuple[Hashes, Counts]:
    """(hashes, ascending; counts), each of shape (distinct terms,)."""
    distinct = len(terms) // (_HASH_BYTES + 1)
    return np.frombuffer(terms, "<u8", distinct), np.frombuffer(terms, np.uint8, distinct, distinct * _HASH_BYTES)
