"""Finding documents for a query: dense and lexical candidates, each with all its signals."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace

from kbsearch.embedding.embedder import Vectors
from kbsearch.index import lexical as bm25
from kbsearch.index.lexical import LexicalQuery, LexicalView
from kbsearch.knowledge.engine import Engine
from kbsearch.model import Field, Scope, SolutionRef, Source
from kbsearch.model.stages import Stages
from kbsearch.ranking.fusion import Signals, readability, relevance
from kbsearch.store import documents, lexical
from kbsearch.store.database import Read
from kbsearch.text.passages import split
from kbsearch.text.transliteration import as_meant, cyrillic_readings, looks_transliterated
from kbsearch.text.words import Query, lemma, surface

_DENSE_CANDIDATES = 100
_LEXICAL_CANDIDATES = 60
_QUERY_PASSAGES = 2
"""So many passages of a long ticket are embedded: what comes later is mostly logs and signatures."""
_READINGS_KEPT = 2
_MOST_TRANSLITERATED = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A document found: ``passage`` is its best passage's id, ``solution`` what it speaks for, where it has one."""

    document: int
    source: Source
    solution: SolutionRef | None
    signals: Signals
    relevance: float
    passage: int | None


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Documents by relevance, the most relevant first, and what they were asked with."""

    found: tuple[Found, ...]
    query: LexicalQuery


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way through the model: a vector for each passage, and how well it can read it, 0 .. 1."""

    vectors: Future[Vectors]
    readable: float


def ask(engine: Engine, text: str) -> Asked:
    """Begin to embed a question: once, however often it is then looked up, and while other work goes on."""
    embedder = engine.embedder
    [text] = as_meant([text], embedder.count_tokens)
    [tokens] = embedder.count_tokens([text])
    passages = [text]
    if tokens > embedder.max_tokens:
        pieces = split("", [(Field.ISSUE, text)], embedder.max_tokens, embedder.count_tokens)
        passages = [piece.embedded for piece in pieces[:_QUERY_PASSAGES]]
    vectors = embedder.submit_query(passages)
    readable = readability(tokens, len(text))
    if looks_transliterated(surface(text)):
        readable = 0.0  # whatever a model makes of it, it is not what was meant
    return Asked(vectors, readable)


def retrieve(
    tx: Read,
    engine: Engine,
    scope: Scope,
    asked: Asked,
    query: Query,
    stages: Stages,
    breadth: int = 1,
    most: int | None = None,
) -> Retrieved:
    """The candidates of the scope for a question.

    What needs no vectors is done while the model is at work.

    Args:
        tx: one view of the store for the whole answer.
        engine: caught up before ``tx`` began.
        scope: whose knowledge is searched.
        asked: the question's vectors, from ask().
        query: what is looked up; if it has phrases, only documents with every one are found.
        stages: takes the times.
        breadth: how many times the usual number of candidates.
        most: so many are given, the most relevant; None for all.
    """
    with stages.timed("lexical"):
        view = engine.lexical.view(scope)
        looked_up, frequencies = _plan(view, query)
        matching = view.match(looked_up, frequencies)
        limit = _LEXICAL_CANDIDATES * breadth
        if query.phrases:
            candidates = lexical.with_phrases(tx, engine.generation.id, scope, query.phrases, limit)
        else:
            candidates = matching.best(limit)
        matches = matching.scores(candidates)
    with stages.timed("embedding"):
        vectors = asked.vectors.result()
    with stages.timed("dense"):
        if not query.phrases:
            near = engine.dense.candidates(scope, vectors, _DENSE_CANDIDATES * breadth).difference(candidates)
            candidates = [*candidates, *near]
            matches |= matching.scores(list(near))
        # Every candidate gets every signal, whichever side found it.
        hits = engine.dense.similarities(scope, vectors, candidates)
    with stages.timed("ranking"):
        ceiling, codes = looked_up.ceiling or 1.0, max(1, len(looked_up.identifiers))
        signals = {
            document: Signals(
                hits[document].similarity if document in hits else 0.0,
                matches[document].score / ceiling if document in matches else 0.0,
                matches[document].identifiers / codes if document in matches else 0.0,
            )
            for document in candidates
        }
        scores = {document: relevance(one, asked.readable) for document, one in signals.items()}
        chosen = sorted(candidates, key=lambda document: (-scores[document], document))[:most]
    with stages.timed("store"):
        located = documents.located(tx, scope, chosen)
    with stages.timed("ranking"):
        found = [
            Found(
                document,
                one.source,
                one.solution,
                signals[document],
                scores[document],
                hits[document].passage if document in hits else None,
            )
            for document in chosen
            if (one := located.get(document))
        ]
        found.sort(key=lambda one: (-one.relevance, one.source.kind, one.source.tenant, one.source.id))
    return Retrieved(tuple(found), looked_up)


def _plan(view: LexicalView, query: Query) -> tuple[LexicalQuery, Mapping[str, int]]:
    """What is looked up, and how frequent its terms are."""
    readings = _transliterated(query)
    wanted = list(dict.fromkeys((*query.terms, *(r for some in readings.values() for r in some))))
    frequencies = view.frequencies(wanted)
    kept = {word: [one for one in some if one in frequencies][:_READINGS_KEPT] for word, some in readings.items()}
    known = [reading for some in kept.values() for reading in some]
    meant = {reading: query.emphasis.get(word, 1.0) for word, some in kept.items() for reading in some}
    explained = {word for word, some in kept.items() if some}
    # Of an id or a code that is found whole, its parts are not missed.
    explained |= {part for code in query.identifiers if code in frequencies for part in surface(code)}
    expanded = replace(query, terms=tuple(dict.fromkeys((*query.terms, *known))), emphasis={**meant, **query.emphasis})
    documents_seen, total_length = view.size()
    return bm25.plan(expanded, documents_seen, total_length, frequencies, explained), frequencies


def _transliterated(query: Query) -> dict[str, list[str]]:
    """Latin words that may be Bulgarian → the lemmas of their Cyrillic readings, likeliest first."""
    words = [term for term in query.terms if term.isascii() and term.isalnum()]
    chosen = words if looks_transliterated(surface(" ".join(query.terms))) else query.latin
    return {
        word: list(dict.fromkeys(lemma(reading) for reading in cyrillic_readings(word)))
        for word in chosen[:_MOST_TRANSLITERATED]
        if not word.isdigit()
    }
