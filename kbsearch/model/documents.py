"""What the index holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kbsearch.model.tenant import TenantId


class DocumentKind(StrEnum):
    """What the index holds: articles and resolved tickets."""

    ARTICLE = "article"
    TICKET = "ticket"


class Field(StrEnum):
    """The part of a document that a passage is taken from. A title is no passage, but something may match it."""

    ISSUE = "issue"
    RESOLUTION = "resolution"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Source:
    """What a document was made from: an article or a ticket of a tenant."""

    tenant: TenantId
    kind: DocumentKind
    id: str


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage ready for the index.

    Attributes:
        text: what a person is shown.
        digest: 16 bytes naming the text that was embedded (title and heading included).
        vector: the unit vector as little-endian float16.
    """

    field: Field
    text: str
    digest: bytes
    vector: bytes


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """A document ready for the index: terms for BM25, passages with their vectors.

    ``terms`` are packed (text.term_counts), ``surface`` holds the words as written, joined by single
    spaces; ``length`` counts the terms.
    """

    source: Source
    terms: bytes
    surface: str
    length: int
    passages: tuple[IndexedPassage, ...]


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What the index takes of a stored document.

    ``terms`` are packed (text.term_counts), None for a document that was removed; ``length`` counts the words,
    ``passages`` are (id, vector as little-endian float16).
    """

    document: int
    tenant: TenantId
    length: int
    terms: bytes | None
    passages: tuple[tuple[int, bytes], ...]
