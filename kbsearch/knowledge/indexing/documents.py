"""From articles and tickets to documents ready for the index."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass

import numpy as np

from kbsearch.embedding.embedder import Embedder, Vectors
from kbsearch.index.vectors import vector_array, vector_bytes
from kbsearch.knowledge.indexing import boilerplate
from kbsearch.model import (
    SHARED,
    Article,
    ArticleState,
    DocumentKind,
    Field,
    IndexedDocument,
    IndexedPassage,
    Scope,
    Source,
    TenantId,
    Ticket,
    TicketStatus,
)
from kbsearch.store import articles, tickets
from kbsearch.store import passages as stored_passages
from kbsearch.store.port import Read, Store
from kbsearch.text.intake import Boilerplate, is_template, plain_text, plain_ticket, read, read_subject
from kbsearch.text.passages import SPLITTER, Passage, split
from kbsearch.text.term_counts import packed
from kbsearch.text.transliteration import as_meant
from kbsearch.text.words import ANALYZER, codes, id_term, surface, terms

_EMBEDDED_AT_ONCE = 64

RECIPE = f"{SPLITTER} {ANALYZER}"
"""Names how documents are made. An index made by another recipe must be rebuilt."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """What is to be indexed of a source: its title and its fields in reading order, as plain Markdown.

    ``beside`` are texts of which only codes and quoted phrases are found: earlier mails, logs.
    """

    source: Source
    title: str
    fields: tuple[tuple[Field, str], ...]
    beside: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes in UTF-8: about what it costs to index, for most scripts."""
        return len(self.title.encode()) + sum(len(text.encode()) for _, text in self.fields)


def article_text(tenant: TenantId, article: Article) -> SourceText | None:
    """None for an archived article: archived knowledge is not in the index."""
    if article.state == ArticleState.ARCHIVED:
        return None
    issue = [(Field.ISSUE, statement) for statement in article.issue]
    if not article.issue and not article.resolution.strip():
        issue = [(Field.ISSUE, article.title)]  # a draft of nothing but a title is found by it
    about = [", ".join((*article.environment, *article.tags))]
    resolution = [text for text in (article.cause, article.resolution) if text]
    fields = (*issue, *((Field.ISSUE, text) for text in about if text), (Field.RESOLUTION, "\n\n".join(resolution)))
    return SourceText(Source(tenant, DocumentKind.ARTICLE, article.id), article.title, fields)


def ticket_text(
    tenant: TenantId, ticket_id: str, ticket: Ticket, resolution: str, is_boilerplate: Boilerplate = is_template
) -> SourceText:
    ticket = plain_ticket(ticket)
    issue, fix = read(ticket.description, is_boilerplate), read(plain_text(resolution), is_boilerplate)
    subject = read_subject(ticket.subject)
    fields = ((Field.ISSUE, issue.message or subject), (Field.RESOLUTION, fix.message))
    beside = tuple(text for text in (issue.beside, fix.beside) if text)
    return SourceText(Source(tenant, DocumentKind.TICKET, ticket_id), subject, fields, beside)


def current_texts(tx: Read, sources: Sequence[Source]) -> dict[Source, SourceText]:
    """What the store holds now of those sources that should be in the index."""
    by_table: dict[tuple[TenantId, DocumentKind], list[str]] = {}
    for source in sources:
        by_table.setdefault((source.tenant, source.kind), []).append(source.id)
    found: dict[Source, SourceText] = {}
    for (tenant, kind), ids in by_table.items():
        if kind == DocumentKind.ARTICLE:
            own = (one for ref, one in articles.many(tx, Scope(tenant), ids).items() if ref.tenant == tenant)
            texts = [text for one in own if (text := article_text(tenant, one.article)) is not None]
        else:
            stored = tickets.many(tx, tenant, ids).items()
            is_boilerplate = boilerplate.of_tenant(tx, tenant)
            texts = [
                ticket_text(tenant, id, one.ticket, one.resolution.text, is_boilerplate)
                for id, one in stored
                if one.status == TicketStatus.RESOLVED
            ]
        found.update((text.source, text) for text in texts)
    return found


class PassageVectors:
    """The vectors of passages. Batches that are prepared at the same time compute none of them twice.

    What was computed is remembered until the store has it: call ``forget`` when it does.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._claimed: dict[tuple[str, bytes], Future[bytes]] = {}

    def of(
        self,
        embedder: Embedder,
        texts: Mapping[bytes, str],
        of_tenants: Collection[TenantId],
        abandoned: threading.Event | None = None,
    ) -> dict[bytes, bytes]:
        """Digest → vector of each text. Those stored for the same text and model, or in work, are not computed.

        ``of_tenants``: whose texts they are; only vectors of these and of shared documents are used again.

        Raises:
            CancelledError: ``abandoned`` was set meanwhile.
        """
        model = embedder.model_id
        with self._lock:
            mine = [digest for digest in texts if (model, digest) not in self._claimed]
            self._claimed.update(((model, digest), Future()) for digest in mine)
            futures = {digest: self._claimed[model, digest] for digest in texts}
        try:
            # Claimed first, read second: what another batch has forgotten by now is in the store.
            with self._store.read() as tx:
                known = stored_passages.known_vectors(tx, model, mine, sorted({*of_tenants, SHARED}))
            for digest, vector in known.items():
                futures[digest].set_result(vector)
            missing = sorted((digest for digest in mine if digest not in known), key=lambda one: len(texts[one]))
            for start in range(0, len(missing), _EMBEDDED_AT_ONCE):
                if abandoned is not None and abandoned.is_set():
                    raise CancelledError
                some = missing[start : start + _EMBEDDED_AT_ONCE]
                meant = as_meant([texts[digest] for digest in some], embedder.count_tokens)
                embedded = vector_bytes(embedder.embed_documents(meant))
                for digest, vector in zip(some, embedded, strict=True):
                    futures[digest].set_result(vector)
        except BaseException as error:
            for digest in mine:  # other threads must not wait for a vector that is never made
                if not futures[digest].done():
                    futures[digest].set_exception(error)
            raise
        return {digest: future.result() for digest, future in futures.items()}

    def forget(self, embedder: Embedder, prepared: Iterable[IndexedDocument]) -> None:
        """Drop the vectors of documents that are stored by now."""
        with self._lock:
            for document in prepared:
                for passage in document.passages:
                    self._claimed.pop((embedder.model_id, passage.digest), None)


def prepare(
    vectors: PassageVectors,
    embedder: Embedder,
    texts: Sequence[SourceText],
    abandoned: threading.Event | None = None,
) -> list[IndexedDocument]:
    """Split, analyse and embed. Never called inside a transaction: embedding takes long.

    Args:
        vectors: gives those that are known; one for all batches of a run.
        embedder: makes the others.
        texts: one for each document.
        abandoned: CancelledError is raised soon after it was set.
    """
    split_texts = [split(text.title, text.fields, embedder.max_tokens, embedder.count_tokens) for text in texts]
    digests = [[_digest(passage) for passage in passages] for passages in split_texts]
    embedded = {
        digest: passage.embedded
        for passages, some in zip(split_texts, digests, strict=True)
        for passage, digest in zip(passages, some, strict=True)
    }
    found = vectors.of(embedder, embedded, {text.source.tenant for text in texts}, abandoned)
    return [
        _document(text, passages, some, found) for text, passages, some in zip(texts, split_texts, digests, strict=True)
    ]


def field_vectors(document: IndexedDocument, field: Field, most: int, dimension: int) -> Vectors:
    """The vectors of a field's first ``most`` passages, shape (n, dimension)."""
    blobs = [one.vector for one in document.passages if one.field == field][:most]
    return vector_array(blobs, dimension).astype(np.float32)


def _document(
    text: SourceText, passages: Sequence[Passage], digests: Sequence[bytes], vectors: dict[bytes, bytes]
) -> IndexedDocument:
    id = id_term(text.source.id)
    title = terms(text.title)
    streams: dict[Field, list[str]] = {Field.ISSUE: [], Field.RESOLUTION: []}
    words = [*surface(text.source.id), *surface(text.title)]
    for field, content in text.fields:
        words += surface(content)
        if content != text.title:
            streams[field] += terms(content)
    for content in text.beside:
        words += surface(content)
        streams[Field.ISSUE] += codes(content)
    return IndexedDocument(
        source=text.source,
        terms=packed(title if id is None else (*title, id), streams[Field.ISSUE], streams[Field.RESOLUTION]),
        surface=" ".join(words),
        length=len(title) + sum(map(len, streams.values())),
        passages=tuple(
            IndexedPassage(passage.field, passage.text, digest, vectors[digest])
            for passage, digest in zip(passages, digests, strict=True)
        ),
    )


def _digest(passage: Passage) -> bytes:
    return hashlib.blake2b(passage.embedded.encode(), digest_size=16).digest()
