"""How well a document fits a query: dense and lexical evidence on one scale.

A weighted sum of the cosine and of BM25F as a share of the best score the query could get. The
weights follow how well the model can read the query: in a language it was not trained on, a
tokenizer breaks words into letters, and its vectors then mislead (equal weights are worse than
BM25 alone for Bulgarian with an English model; see docs/measurements.md).
"""

from __future__ import annotations

from dataclasses import dataclass

# Tokens a character: English 0.20-0.29, Italian or Czech 0.32-0.40. Bulgarian 0.2 with the default model, with MiniLM's
# own vocabulary 0.7 and more.
_READS_WELL, _READS_LETTERS = 0.27, 0.40
_LEAST_DENSE_SHARE = 0.05
# Also the best for Bulgarian on Bulgarian; for Bulgarian on English it hardly matters (docs/measurements.md).
_DENSE_SHARE = 0.65
_IDENTIFIER_BONUS = 0.03


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of one document for one query.

    Attributes:
        similarity: nearness of its passages, about -1 .. 1 (see nearness); 0 where it has none.
        lexical: BM25F as a share of what a document with every word of the query would get, 0 .. 1.
        identifiers: share of the query's identifiers (error codes, hosts) found in it, 0 .. 1.
        nearest: highest cosine of a passage, 0 where it has none.
        mapped: the same with the mapped query (see residual_map); ``nearest`` where there is no map.
        issue: highest cosine of a passage of its issue, 0 where it has none.
        mapped_issue: the same with the mapped query.
    """

    similarity: float
    lexical: float
    identifiers: float
    nearest: float = 0.0
    mapped: float = 0.0
    issue: float = 0.0
    mapped_issue: float = 0.0


def readability(tokens: int, characters: int) -> float:
    """How well a model reads a text, 0 .. 1, by how many tokens it needs for its characters."""
    fertility = tokens / max(1, characters)
    return min(1.0, max(0.0, (_READS_LETTERS - fertility) / (_READS_LETTERS - _READS_WELL)))


def relevance(similarity: float, lexical: float, identifiers: float, readable: float) -> float:
    """A score that orders documents of one query, about 0 .. 1.

    Args:
        similarity: see Signals, as are the next two.
        lexical: 0 .. 1.
        identifiers: 0 .. 1.
        readable: from readability().
    """
    dense_share = _LEAST_DENSE_SHARE + (_DENSE_SHARE - _LEAST_DENSE_SHARE) * readable
    fused = dense_share * max(0.0, similarity) + (1 - dense_share) * lexical
    return fused + _IDENTIFIER_BONUS * identifiers
