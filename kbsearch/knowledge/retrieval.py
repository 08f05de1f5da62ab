"""Finding documents for a query: dense and lexical candidates, each with all its signals."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kbsearch.embedding.embedder import Vectors
from kbsearch.index import lexical as bm25
from kbsearch.index.lexical import LexicalQuery
from kbsearch.knowledge.engine import Engine
from kbsearch.model import Field, Scope, Source
from kbsearch.ranking.fusion import Signals, readability, relevance
from kbsearch.store import documents, lexical
from kbsearch.store.database import Read
from kbsearch.text.passages import split
from kbsearch.text.transliteration import cyrillic_readings, looks_transliterated
from kbsearch.text.words import Query, lemma, surface

_DENSE_CANDIDATES = 150
_LEXICAL_CANDIDATES = 100
_QUERY_PASSAGES = 2
"""So many passages of a long ticket are embedded: what comes later is mostly logs and signatures."""
_READINGS_KEPT = 2
_MOST_TRANSLITERATED = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A document found. ``passage`` is its best passage's id, None where it has none."""

    document: int
    source: Source
    signals: Signals
    relevance: float
    passage: int | None


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Documents by relevance, the most relevant first, and what they were asked with."""

    found: tuple[Found, ...]
    query: LexicalQuery


@dataclass(frozen=True, slots=True)
class Embedded:
    """A question as the model has it: a vector for each passage, and how well it can read it, 0 .. 1."""

    vectors: Vectors
    readable: float


def embed(engine: Engine, text: str) -> Embedded:
    """Embed a question once, however often it is then looked up."""
    readable = readability(engine.embedder.count_tokens([text])[0], len(text))
    if looks_transliterated(surface(text)):
        readable = 0.0  # whatever a model makes of it, it is not what was meant
    return Embedded(engine.embedder.embed_query(_query_passages(engine, text)), readable)


def retrieve(tx: Read, engine: Engine, scope: Scope, asked: Embedded, query: Query, breadth: int = 1) -> Retrieved:
    """All candidates of the scope for a question.

    Args:
        tx: one view of the store for the whole answer.
        engine: caught up before ``tx`` began.
        scope: whose knowledge is searched.
        asked: the question's vectors, from embed().
        query: what is looked up; if it has phrases, only documents with every one are found.
        breadth: how many times the usual number of candidates.
    """
    generation = engine.generation.id
    looked_up = _plan(tx, generation, scope, query)
    if query.phrases or looked_up.weights:
        weights = (bm25.TITLE_WEIGHT, bm25.ISSUE_WEIGHT, bm25.RESOLUTION_WEIGHT)
        terms = [] if query.phrases else list(looked_up.weights)
        rows = lexical.match(tx, generation, scope, terms, query.phrases, weights, _LEXICAL_CANDIDATES * breadth)
    else:
        rows = []
    lexical_rows = {row.document: row for row in rows}
    near = {hit.document for hit in engine.dense.search(scope, asked.vectors, _DENSE_CANDIDATES * breadth)}
    candidates = set(lexical_rows) if query.phrases else near | set(lexical_rows)

    # Every candidate gets every signal, whichever side found it.
    unseen = [document for document in candidates if document not in lexical_rows]
    lexical_rows |= {row.document: row for row in lexical.rows(tx, generation, scope, unseen)}
    dense_hits = engine.dense.similarities(scope, asked.vectors, list(candidates))
    sources = documents.sources(tx, scope, list(candidates))
    ceiling = looked_up.ceiling or 1.0
    found: list[Found] = []
    for document, source in sources.items():
        hit, row = dense_hits.get(document), lexical_rows.get(document)
        identifiers = looked_up.identifiers_in(row) if row else frozenset[str]()
        signals = Signals(
            similarity=hit.similarity if hit else 0.0,
            lexical=looked_up.score(row) / ceiling if row else 0.0,
            identifiers=len(identifiers) / max(1, len(looked_up.identifiers)),
        )
        score = relevance(signals, asked.readable)
        found.append(Found(document, source, signals, score, hit.passage if hit else None))
    found.sort(key=lambda one: (-one.relevance, one.source.kind, one.source.tenant, one.source.id))
    return Retrieved(tuple(found), looked_up)


def _query_passages(engine: Engine, text: str) -> list[str]:
    embedder = engine.embedder
    if embedder.count_tokens([text])[0] <= embedder.max_tokens:
        return [text]
    pieces = split("", [(Field.ISSUE, text)], embedder.max_tokens, embedder.count_tokens)
    return [piece.embedded for piece in pieces[:_QUERY_PASSAGES]]


def _plan(tx: Read, generation: int, scope: Scope, query: Query) -> LexicalQuery:
    readings = _transliterated(query)
    wanted = list(dict.fromkeys((*query.terms, *(r for some in readings.values() for r in some))))
    frequencies = lexical.frequencies(tx, generation, scope, wanted)
    kept = {word: [one for one in some if one in frequencies][:_READINGS_KEPT] for word, some in readings.items()}
    known = [reading for some in kept.values() for reading in some]
    meant = {reading: query.emphasis.get(word, 1.0) for word, some in kept.items() for reading in some}
    explained = {word for word, some in kept.items() if some}
    expanded = replace(query, terms=tuple(dict.fromkeys((*query.terms, *known))), emphasis={**meant, **query.emphasis})
    documents_seen, total_length = lexical.size(tx, generation, scope)
    return bm25.plan(expanded, documents_seen, total_length, frequencies, explained)


def _transliterated(query: Query) -> dict[str, list[str]]:
    """Latin words that may be Bulgarian → the lemmas of their Cyrillic readings, likeliest first."""
    words = [term for term in query.terms if term.isascii() and term.isalnum()]
    chosen = words if looks_transliterated(surface(" ".join(query.terms))) else query.latin
    return {
        word: list(dict.fromkeys(lemma(reading) for reading in cyrillic_readings(word)))
        for word in chosen[:_MOST_TRANSLITERATED]
        if not word.isdigit()
    }
