"""A second index behind the port: everything in dictionaries, every question answered by looking at all of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from kbsearch.errors import SnapshotInvalid
from kbsearch.index import bm25
from kbsearch.index.bm25 import LexicalMatch
from kbsearch.index.port import Contents
from kbsearch.index.vectors import Cosines, centre, typicality, vector_array
from kbsearch.text.term_counts import term_hash, unpacked


class ExactVectors:
    """The vectors of one generation. A snapshot keeps nothing of them, as if they lay in a database."""

    kind = "exact"

    def __init__(self, dimension):
        self._dimension = dimension
        self._rows = {}  # passage → (tenant, document, vector)

    def replace(self, tenant, removed, vectors, passages, documents):
        gone = set(removed)
        kept = {id: row for id, row in self._rows.items() if row[0] != tenant or row[1] not in gone}
        new = zip(passages.tolist(), documents.tolist(), vectors, strict=True)
        self._rows = kept | {id: (tenant, document, vector) for id, document, vector in new}

    def _seen(self, scope, documents=None):
        """(document, passage, vector) of what a scope sees, by document and passage."""
        return sorted(
            (
                (document, id, vector)
                for id, (tenant, document, vector) in self._rows.items()
                if tenant in scope.tenants and (documents is None or document in documents)
            ),
            key=lambda row: row[:2],
        )

    def candidates(self, scope, queries, k):
        near = [(-float((queries @ vector).max()), id, document) for document, id, vector in self._seen(scope)]
        return {document for _, _, document in sorted(near)[:k]}

    def cosines(self, scope, queries, documents):
        rows = self._seen(scope, set(documents))
        vectors = np.array([vector for _, _, vector in rows], np.float64).reshape(len(rows), self._dimension)
        return Cosines(
            np.array([id for _, id, _ in rows], np.int64),
            np.array([document for document, _, _ in rows], np.int64),
            np.round(vectors @ queries.T, 6),
        )

    def _total(self, scope):
        vectors = [vector for _, _, vector in self._seen(scope)]
        return np.sum(np.array(vectors, np.float64).reshape(-1, self._dimension), axis=0), len(vectors)

    def centre(self, scope):
        return centre(*self._total(scope))

    def typicality(self, scope, queries):
        total, count = self._total(scope)
        return typicality(total / max(1, count), queries)

    def passages(self):
        return Counter(document for _, document, _ in self._rows.values())

    def __len__(self):
        return len(self._rows)

    def compact(self):
        return False

    def forget(self, documents):
        gone = set(documents.tolist())
        self._rows = {id: row for id, row in self._rows.items() if row[1] not in gone}

    def parts(self):
        return {}

    def load(self, folder, parts, removed):
        pass


@dataclass(frozen=True)
class PlainWords:
    """The documents of a scope: (document, length, term hash → weighted count)."""

    documents: list

    def size(self):
        return len(self.documents), sum(length for _, length, _ in self.documents)

    def frequencies(self, terms):
        found = {term: sum(term_hash(term) in counts for _, _, counts in self.documents) for term in terms}
        return {term: count for term, count in found.items() if count}

    def match(self, query, frequencies):
        terms = sorted(query.weights, key=lambda term: (frequencies[term], term))
        return PlainMatching(self, query, terms)


@dataclass(frozen=True)
class PlainMatching:
    words: PlainWords
    query: bm25.LexicalQuery
    terms: list

    def contributions(self, documents):
        wanted, found = set(documents), {}
        for document, length, counts in self.words.documents:
            if document in wanted:
                there = np.array([counts.get(term_hash(term), 0) for term in self.terms], np.uint8)
                weights = bm25.weights(self.query, self.terms)
                brought = bm25.saturated(weights, there, np.uint32(length), self.query.average_length)
                found[document] = {t: score for t, score in zip(self.terms, brought.tolist(), strict=True) if score}
        return found

    def scores(self, documents):
        return {
            document: LexicalMatch(sum(brought.values()), len(brought.keys() & self.query.identifiers))
            for document, brought in self.contributions(documents).items()
        }

    def best(self, k):
        found = self.scores([document for document, _, _ in self.words.documents])
        likely = sorted((-match.score, document) for document, match in found.items() if match.score > 0)
        return [document for _, document in likely[:k]]


class ExactIndex:
    def __init__(self, kept, generation, entries=None, applied=0, saved=0):
        self._kept, self._generation = kept, generation
        self._entries = entries or {}
        self.applied, self.saved = applied, saved
        self._vectors = ExactVectors(generation.dimension)
        self._index(self._entries.values())

    def vocabulary(self, scope):
        return PlainWords(
            [
                (one.document, one.length, dict(zip(*(a.tolist() for a in unpacked(one.terms)), strict=True)))
                for one in self._entries.values()
                if one.tenant in scope.tenants and one.terms is not None
            ]
        )

    def candidates(self, scope, queries, k):
        return self._vectors.candidates(scope, queries, k)

    def cosines(self, scope, queries, documents):
        return self._vectors.cosines(scope, queries, documents)

    def centre(self, scope):
        return self._vectors.centre(scope)

    def typicality(self, scope, queries):
        return self._vectors.typicality(scope, queries)

    def take_in(self, entries, last):
        self._entries = self._entries | {entry.document: entry for entry in entries}
        self._index(entries)
        self.applied = last

    def _index(self, entries):
        for entry in entries:
            rows = [(id, vector) for id, vector in entry.passages]
            vectors = vector_array([vector for _, vector in rows], self._generation.dimension)
            ids = np.array([id for id, _ in rows], np.int64)
            owners = np.full(len(rows), entry.document, np.int64)
            self._vectors.replace(entry.tenant, [entry.document], vectors, ids, owners)

    def forget(self, documents):
        gone = set(documents)
        self._entries = {id: entry for id, entry in self._entries.items() if id not in gone}
        self._vectors.forget(np.array(sorted(gone), np.int64))

    def compact(self):
        return False

    def size(self):
        return sum(entry.terms is not None for entry in self._entries.values()), len(self._vectors)

    def contents(self):
        words = Counter(entry.document for entry in self._entries.values() if entry.terms is not None)
        return Contents(self._vectors.passages(), words)

    def save(self):
        self._kept[self._generation.id] = (self._generation, dict(self._entries), self.applied)
        self.saved = self.applied
        return self.applied


@dataclass
class ExactIndexes:
    """Snapshots are kept in a dictionary."""

    kept: dict = field(default_factory=dict)

    def create(self, generation):
        return ExactIndex(self.kept, generation)

    def open(self, generation, last_change):
        try:
            return self.examine(generation, last_change())
        except SnapshotInvalid:
            self.discard(generation.id)
            return None

    def examine(self, generation, last_change):
        if generation.id not in self.kept:
            return None
        of, entries, applied = self.kept[generation.id]
        if applied > last_change or of.model_id != generation.model_id:
            raise SnapshotInvalid("dictionary", "it is of another store or model")
        return ExactIndex(self.kept, generation, dict(entries), applied, applied)

    def discard(self, generation):
        self.kept.pop(generation, None)

    def saved(self):
        return list(self.kept)

    def keep_only(self, generations):
        for id in set(self.kept) - set(generations):
            del self.kept[id]

    def holds_any(self, generation, documents):
        return generation in self.kept and not self.kept[generation][1].keys().isdisjoint(documents)

    def erase(self, generation, documents):
        if self.holds_any(generation, documents):
            self.discard(generation)
        return True
