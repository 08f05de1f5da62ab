"""Finding documents for a query: dense and lexical candidates, each with all its signals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from kbsearch.embedding.embedder import Vectors
from kbsearch.index import bm25
from kbsearch.index.bm25 import LexicalMatch, LexicalQuery
from kbsearch.index.port import Matching, Vocabulary
from kbsearch.knowledge.indexing.documents import field_vectors
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.model import DocumentKind, Field, IndexedDocument, Scope, SolutionRef, Source
from kbsearch.model.stages import Stages
from kbsearch.ranking.fusion import Signals, readability, relevance
from kbsearch.ranking.languages import in_own_language
from kbsearch.ranking.nearness import Ids, Nearness, Numbers, highest, nearness
from kbsearch.ranking.residual_map import Floats, mapped
from kbsearch.ranking.weights import Familiarity
from kbsearch.store import documents
from kbsearch.store import passages as stored_passages
from kbsearch.store.port import Read
from kbsearch.text.intake import telling
from kbsearch.text.transliteration import looks_transliterated, text_as_meant
from kbsearch.text.words import Query, surface

DENSE_CANDIDATES = 100
LEXICAL_CANDIDATES = 60
STORED_PASSAGES = 2
"""So many passages of a stored ticket's issue stand for its question."""
_NO_MATCH = LexicalMatch(0.0, 0)
_FAR = (0.0, 0.0, 0.0, None)


@dataclass(frozen=True, slots=True)
class Found:
    """A document found: ``passage`` is the id of its best passage, ``solution`` the solution that it supports.

    ``relevance`` counts its language in (ranking.languages).
    """

    document: int
    source: Source
    solution: SolutionRef | None
    signals: Signals
    relevance: float
    passage: int | None
    language: str | None


@dataclass(frozen=True, slots=True)
class EmbeddedQuery:
    """A question being embedded: a vector for each passage, and how well the model reads it, 0 .. 1."""

    vectors: Future[Vectors]
    readable: float


def ask(engine: Engine, scope: Scope, text: str) -> EmbeddedQuery:
    """Start to embed a question, once for all later look-ups, while other work continues.

    Of a text longer than the model's limit, the sentences with the rarest words of the scope are used.
    """
    embedder = engine.embedder
    text, tokens = _as_embedded(engine, text)
    if tokens > embedder.max_tokens:
        weigh = partial(_rarity, engine.index.vocabulary(scope))
        text = telling(text, embedder.max_tokens, embedder.count_tokens, weigh)
        [tokens] = embedder.count_tokens([text])
    return EmbeddedQuery(embedder.submit_query([text], scope.tenant), reads(engine, text, tokens))


def asked_with(engine: Engine, scope: Scope, text: str, document: IndexedDocument) -> EmbeddedQuery:
    """A question with known vectors: ``document`` will be indexed and has the same text as its issue."""
    found = field_vectors(document, Field.ISSUE, STORED_PASSAGES, engine.generation.dimension)
    if not len(found):
        return ask(engine, scope, text)
    vectors: Future[Vectors] = Future()
    vectors.set_result(found)
    return EmbeddedQuery(vectors, reads(engine, *_as_embedded(engine, text)))


def _rarity(vocabulary: Vocabulary, terms: Sequence[str]) -> dict[str, float]:
    """How rare each term is among the scope's documents (idf); terms of none are left out."""
    documents_seen, _ = vocabulary.size()
    return {term: math.log(1 + documents_seen / count) for term, count in vocabulary.frequencies(terms).items()}


def _as_embedded(engine: Engine, text: str) -> tuple[str, int]:
    """The text in the alphabet that the model gets, and its number of tokens."""
    count_tokens = engine.embedder.count_tokens
    [tokens] = count_tokens([text])
    meant = text_as_meant(text, tokens, count_tokens)
    return (text, tokens) if meant == text else (meant, count_tokens([meant])[0])


def reads(engine: Engine, text: str, tokens: int | None = None) -> float:
    """How well the model can read a text, 0 .. 1. ``tokens`` are the text's, if they are counted already."""
    if looks_transliterated(surface(text)):
        return 0.0  # whatever a model makes of it, it is not what was meant
    return readability(engine.embedder.count_tokens([text])[0] if tokens is None else tokens, len(text))


class _Judged(NamedTuple):
    """A candidate by meaning and words alone; see Found and Signals."""

    document: int
    relevance: float
    similarity: float
    lexical: float
    identifiers: float
    nearest: float
    mapped: float
    passage: int | None


class Retrieval:
    """The result of look_up(); found() scores documents.

    Attributes:
        scope: whose knowledge is searched.
        candidates: documents that may answer it, in no order.
        query: what is looked up, as the index has it.
        matching: the documents that its words match.
        language: what it is written in.
    """

    def __init__(
        self,
        engine: Engine,
        scope: Scope,
        asked: EmbeddedQuery,
        query: LexicalQuery,
        matching: Matching,
        language: str,
        matrix: Floats | None,
        lexical: Sequence[int],
        dense: int,
    ) -> None:
        """``lexical`` are candidates by words; ``dense`` says how many of the nearest passages give further ones."""
        self._engine, self.scope = engine, scope
        self.matching = matching
        self.language = language
        self._readable = asked.readable
        self._vectors: Floats = asked.vectors.result()
        self._mapped = mapped(self._vectors, matrix)
        self._is_mapped = matrix is not None
        centre = engine.index.centre(scope).astype(np.float32)
        self._probes: Floats = np.concatenate([self._vectors, self._mapped, centre[None]])
        self.query = query
        near: set[int] = set()
        if dense:
            near = near.union(*(engine.index.candidates(scope, one, dense) for one in self.questions))
        self.candidates = [*lexical, *near.difference(lexical)]

    @property
    def vectors(self) -> Floats:
        """The question's own, shape (passages, dimension)."""
        return self._vectors

    @property
    def familiarity(self) -> Familiarity:
        """How familiar the question's subject is to the scope."""
        return Familiarity(self.query.coverage, self._engine.index.typicality(self.scope, self._vectors))

    @property
    def questions(self) -> list[Floats]:
        """The vectors by which candidates are found: the question's, and those of the mapped question."""
        return [self._vectors, self._mapped] if self._is_mapped else [self._vectors]

    def by_words(self, breadth: int) -> list[int]:
        """Candidates by words alone, the best first; ``breadth`` times the usual number."""
        return self.matching.best(LEXICAL_CANDIDATES * breadth)

    def found(
        self, tx: Read, documents_asked: Sequence[int], stages: Stages, most: int | None = None, issues: bool = False
    ) -> list[Found]:
        """Documents with all their signals, the most relevant first.

        Args:
            tx: the view of the store.
            documents_asked: those out of scope or removed in the meantime are left out.
            stages: records the durations.
            most: so many, the most relevant by the question or by the mapped one; None for all.
            issues: whether to tell apart which of a ticket's passages are its issue.
        """
        with stages.timed("lexical"):
            matches = self.matching.scores(documents_asked)
        with stages.timed("dense"):
            near = self._engine.index.cosines(self.scope, self._probes, documents_asked)
            count = len(self._vectors)
            cosines = near.values[:, :count].max(axis=1)
            mapped_cosines = near.values[:, count:-1].max(axis=1)
            by_document = nearness(near.documents, near.passages, cosines, mapped_cosines, near.values[:, -1])
        with stages.timed("ranking"):
            rows = self._judged(documents_asked, by_document, matches, most)
        with stages.timed("store"):
            located = documents.located(tx, self.scope, [row.document for row in rows])
            tickets = [id for id, one in located.items() if issues and one.source.kind == DocumentKind.TICKET]
            fixes = stored_passages.fix_passages(tx, tickets) if tickets else set[int]()
        with stages.timed("ranking"):
            kept = ~np.isin(near.passages, list(fixes)) & np.isin(near.documents, tickets)
            of_issues = _of_issues(near.documents[kept], cosines[kept], mapped_cosines[kept])
            found = [
                Found(
                    row.document,
                    one.source,
                    one.solution,
                    Signals(
                        row.similarity, row.lexical, row.identifiers, row.nearest, row.mapped,
                        *of_issues.get(row.document, (0.0, 0.0)),
                    ),
                    in_own_language(row.relevance, one.language, self.language),
                    row.passage,
                    one.language,
                )
                for row in rows
                if (one := located.get(row.document))
            ]  # fmt: skip
            found.sort(key=lambda one: (-one.relevance, one.source.kind, one.source.tenant, one.source.id))
        return found

    def _judged(
        self, wanted: Sequence[int], near: Nearness, matches: Mapping[int, LexicalMatch], most: int | None
    ) -> list[_Judged]:
        """The most promising: by the relevance that a document has or would have, were the mapped question asked."""
        ceiling, codes = self.query.ceiling or 1.0, max(1, len(self.query.identifiers))
        columns = (near.similarity, near.nearest, near.mapped, near.passages)
        cosines = dict(zip(near.documents.tolist(), zip(*(one.tolist() for one in columns), strict=True), strict=True))
        rows: list[tuple[float, _Judged]] = []
        for document in wanted:
            match = matches.get(document, _NO_MATCH)
            similarity, nearest, nearest_mapped, passage = cosines.get(document, _FAR)
            lexical, identifiers = match.score / ceiling, match.identifiers / codes
            score = relevance(similarity, lexical, identifiers, self._readable)
            row = _Judged(document, score, similarity, lexical, identifiers, nearest, nearest_mapped, passage)
            rows.append((score + max(0.0, nearest_mapped - nearest), row))
        rows.sort(key=lambda one: (-one[0], one[1].document))
        return [row for _, row in rows[:most]]


def look_up(
    tx: Read,
    engine: Engine,
    scope: Scope,
    asked: EmbeddedQuery,
    query: Query,
    language: str,
    stages: Stages,
    breadth: int = 1,
    matrix: Floats | None = None,
) -> Retrieval:
    """Find the candidates of the scope for a question.

    Work without vectors runs while the model computes.

    Args:
        tx: one view of the store for the whole answer.
        engine: caught up before ``tx`` began.
        scope: whose knowledge is searched.
        asked: the question's vectors, from ask().
        query: what is looked up; if it has phrases, only documents with every one are found.
        language: what the question is written in; documents in it come before others about as relevant.
        stages: records the durations.
        breadth: how many times the usual number of candidates; 0 to look for none.
        matrix: the tenant's map of questions.
    """
    with stages.timed("lexical"):
        vocabulary = engine.index.vocabulary(scope)
        planned, frequencies = _plan(vocabulary, query)
        matching = vocabulary.match(planned, frequencies)
        limit = LEXICAL_CANDIDATES * breadth
        if query.phrases:
            candidates = documents.with_phrases(tx, engine.generation.id, scope, query.phrases, limit)
        else:
            candidates = matching.best(limit) if breadth else []
    with stages.timed("embedding"):
        asked.vectors.result()
    with stages.timed("dense"):
        dense = 0 if query.phrases else DENSE_CANDIDATES * breadth
        return Retrieval(engine, scope, asked, planned, matching, language, matrix, candidates, dense)


def _of_issues(owners: Ids, cosines: Numbers, mapped_cosines: Numbers) -> dict[int, tuple[float, float]]:
    """Documents, ascending, with the highest cosines of their issues' passages, bare and mapped."""
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    columns = (highest(cosines, starts).tolist(), highest(mapped_cosines, starts).tolist())
    return dict(zip(owners[starts].tolist(), zip(*columns, strict=True), strict=True))


def _plan(vocabulary: Vocabulary, query: Query) -> tuple[LexicalQuery, Mapping[str, int]]:
    """What is looked up, and how frequent its terms are."""
    frequencies = vocabulary.frequencies(query.terms)
    # Of an id or a code that is found whole, its parts are not missed.
    parts = {part for code in query.identifiers if code in frequencies for part in surface(code)}
    documents_seen, total_length = vocabulary.size()
    return bm25.plan(query, documents_seen, total_length, frequencies, query.explained | parts), frequencies
