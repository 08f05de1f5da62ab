"""From articles and tickets to documents ready for the index."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kbsearch.embedding.embedder import Embedder
from kbsearch.model import (
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
from kbsearch.store import articles, documents, tickets
from kbsearch.store.database import Read, Store
from kbsearch.text.passages import SPLITTER, Passage, split
from kbsearch.text.words import ANALYZER, id_term, surface, terms

RECIPE = f"{SPLITTER} {ANALYZER}"
"""Names how documents are made. An index made by another recipe must be rebuilt."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """What is to be indexed of a source: its title and its fields in reading order, as plain Markdown."""

    source: Source
    title: str
    fields: tuple[tuple[Field, str], ...]


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


def ticket_text(tenant: TenantId, ticket_id: str, ticket: Ticket, resolution: str) -> SourceText:
    fields = ((Field.ISSUE, ticket.description or ticket.subject), (Field.RESOLUTION, resolution))
    return SourceText(Source(tenant, DocumentKind.TICKET, ticket_id), ticket.subject, fields)


def current_text(tx: Read, source: Source) -> SourceText | None:
    """What the store holds now of a source that should be in the index, else None."""
    if source.kind == DocumentKind.ARTICLE:
        stored = articles.get(tx, Scope(source.tenant), source.id)
        if stored is None or stored.tenant != source.tenant:  # a shared one of the same id
            return None
        return article_text(source.tenant, stored.article)
    resolved = tickets.get(tx, source.tenant, source.id)
    if resolved is None or resolved.status != TicketStatus.RESOLVED:
        return None
    return ticket_text(source.tenant, source.id, resolved.ticket, resolved.resolution.text)


def prepare(store: Store, embedder: Embedder, texts: Sequence[SourceText]) -> list[IndexedDocument]:
    """Split, analyse and embed. Vectors that the store has for the same text and model are used again.

    Never called inside a transaction: embedding takes long.
    """
    split_texts = [split(text.title, text.fields, embedder.max_tokens, embedder.count_tokens) for text in texts]
    digests = [[_digest(passage) for passage in passages] for passages in split_texts]
    unique = {
        digest: passage.embedded
        for passages, some in zip(split_texts, digests, strict=True)
        for passage, digest in zip(passages, some, strict=True)
    }
    with store.read() as tx:
        vectors = documents.known_vectors(tx, embedder.model_id, list(unique))
    missing = [digest for digest in unique if digest not in vectors]
    if missing:
        embedded = embedder.embed_documents([unique[digest] for digest in missing]).astype("<f4", copy=False)
        vectors.update(zip(missing, (row.tobytes() for row in embedded), strict=True))
    return [
        _document(text, passages, some, vectors)
        for text, passages, some in zip(texts, split_texts, digests, strict=True)
    ]


def vector_array(blobs: Sequence[bytes], dimension: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Stored vectors as a float32 array of shape (n, dimension)."""
    return np.frombuffer(b"".join(blobs), "<f4").reshape(len(blobs), dimension).astype(np.float32, copy=False)


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
    return IndexedDocument(
        source=text.source,
        title=" ".join(title if id is None else (*title, id)),
        issue=" ".join(streams[Field.ISSUE]),
        resolution=" ".join(streams[Field.RESOLUTION]),
        surface=" ".join(words),
        length=len(title) + sum(map(len, streams.values())),
        passages=tuple(
            IndexedPassage(passage.field, passage.text, digest, vectors[digest])
            for passage, digest in zip(passages, digests, strict=True)
        ),
    )


def _digest(passage: Passage) -> bytes:
    return hashlib.blake2b(passage.embedded.encode(), digest_size=16).digest()
