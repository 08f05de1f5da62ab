"""Looks for what was erased in every byte of a data folder: words, vectors, hashes of words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kbsearch.model import DocumentKind, TenantId
from kbsearch.store.sqlite.database import SQLiteStore
from kbsearch.text.term_counts import term_hash
from kbsearch.text.words import terms

_PREFIX = 3  # FTS5 writes of a word only what differs from the word before it
_LEAST = 6


@dataclass(frozen=True)
class Traces:
    """What must not be found: words that nothing else has, and vectors of one source."""

    words: tuple[str, ...]
    vectors: tuple[bytes, ...] = ()

    def patterns(self) -> Iterator[tuple[str, bytes]]:
        """(what it is, the bytes as they would stand in a file), text in lower case."""
        for word in self.words:
            assert len(word) >= _PREFIX + _LEAST, "a shorter word may be found by chance"
            for text in (word.casefold()[_PREFIX:], ascii(word.casefold())[1:-1]):
                yield f"the word {word}", text.encode()
            for term in terms(word):
                yield f"the hash of {word}", term_hash(term).to_bytes(8, "little")
        for vector in self.vectors:
            yield "a vector", vector
            yield "a vector", np.frombuffer(vector, "<f2").astype("<f4").tobytes()


def traces(store: SQLiteStore, tenant: TenantId, kind: DocumentKind, id: str, words: Collection[str]) -> Traces:
    """Those of a source that is still there, in every generation."""
    with store.read() as tx:
        rows = tx.rows(
            "SELECT vector FROM passages JOIN documents ON documents.id = document"
            " WHERE tenant = ? AND kind = ? AND source_id = ?",
            (tenant, kind, id),
        )
    return Traces(tuple(words), tuple(row["vector"] for row in rows))


def residue(folder: Path, erased: Iterable[Traces]) -> list[str]:
    """What is left of it, as "file: what", in any file under the folder."""
    patterns = [pattern for one in erased for pattern in one.patterns()]
    found: list[str] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        lowered = content.decode("utf-8", "surrogateescape").lower().encode("utf-8", "surrogateescape")
        for what, pattern in patterns:
            if pattern in (lowered if what.startswith("the word") else content):
                found.append(f"{path.relative_to(folder)}: {what}")
    return sorted(set(found))
