"""Near-duplicate articles, proposed to the lead for merging."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kbsearch.errors import NotFound
from kbsearch.index.vectors import vector_array
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.indexing.index_generations import IndexGenerations
from kbsearch.model import SHARED, Scope, SolutionRef, Source, StoredArticle, TenantId
from kbsearch.store import articles, changes, documents, fixes, proposals
from kbsearch.store.port import Read, Store
from kbsearch.text.fixes import Comparison, compared, fingerprint
from kbsearch.text.term_counts import share_of_common_terms

LEAST_LIKENESS = 0.7
"""Common terms among all terms; below it, pairs of articles read were about different things (docs/measurements.md)."""

_CHANGES_AT_ONCE = 64
_NEAREST = 50
_QUERY_PASSAGES = 4


@dataclass(frozen=True, slots=True)
class Proposed:
    """Two articles that may be one: a tenant's own, and another one of it or a shared one."""

    article: StoredArticle
    other: StoredArticle
    likeness: float
    comparison: Comparison


class Proposals:
    """Which articles are proposed for merging. Follows the store's changes, so that it only ever looks at new ones."""

    def __init__(self, store: Store, generations: IndexGenerations) -> None:
        self._store = store
        self._generations = generations
        self._catching_up = threading.Lock()

    def catch_up(self, most_articles: int | None = None) -> None:
        """Compare the articles that changed since the last time, those of all tenants.

        Args:
            most_articles: stop after about so many; None for all.
        """
        with self._catching_up:
            done = 0
            while most_articles is None or done < most_articles:
                engine = self._generations.for_reading()
                with self._store.read() as tx:
                    batch = changes.articles_since(tx, proposals.progress(tx), _CHANGES_AT_ONCE)
                    if not batch:
                        return
                    found = {SolutionRef(one.tenant, one.id): _alike(tx, engine, one) for _, one in batch}
                with self._store.write() as write:
                    for ref, likenesses in found.items():
                        proposals.replace(write, ref, likenesses)
                    proposals.put_progress(write, batch[-1][0])
                done += len(batch)

    def is_complete(self, scope: Scope) -> bool:
        """Whether every article in scope was compared. What others have changed since does not show."""
        with self._store.read() as tx:
            return proposals.are_complete(tx, scope)

    def page(self, tenant: TenantId, start: int, limit: int) -> list[Proposed]:
        """Open proposals for a tenant's lead, the most alike first."""
        scope = Scope(tenant)
        with self._store.read() as tx:
            listed = proposals.page(tx, tenant, start, limit)
            stored = articles.many(tx, scope, [ref.id for one in listed for ref in (one.article, one.other)])
        return [
            Proposed(article, other, one.likeness, compared(_text(article), _text(other)))
            for one in listed
            if (article := stored.get(one.article)) and (other := stored.get(one.other))
        ]

    def dismiss(self, tenant: TenantId, id: str, other: str) -> None:
        """The two are not one: never propose them again.

        Raises:
            NotFound: they are not proposed.
        """
        own = SolutionRef(tenant, id)
        with self._store.write() as tx:
            if not any(proposals.dismiss(tx, own, SolutionRef(whose, other)) for whose in Scope(tenant).tenants):
                raise NotFound("proposal", id)


def _text(stored: StoredArticle) -> str:
    return "\n".join((stored.article.title, *stored.article.issue, stored.article.resolution))


def _alike(tx: Read, engine: Engine, source: Source) -> dict[SolutionRef, float]:
    """Articles that an article may be a copy of: its tenant's and shared ones; for a shared one those of any tenant.

    Each pair holds articles of one tenant, or of one and the shared ones.
    """
    entries = [one for one in documents.entries_of(tx, engine.generation.id, [source]) if one.terms is not None]
    if not entries:
        return {}
    terms = entries[0].terms
    assert terms is not None
    article = articles.get(tx, Scope(source.tenant), source.id)
    statements = fingerprint(article.article.resolution).statements if article else ()
    blobs = [vector for _, vector in entries[0].passages[:_QUERY_PASSAGES]]
    own = SolutionRef(source.tenant, source.id)
    found: dict[SolutionRef, float] = {}
    whose = articles.tenants_with_articles(tx) if source.tenant == SHARED else [source.tenant]
    for tenant in whose:
        near = _near(tx, engine, Scope(tenant), blobs, statements)
        for ref, there in documents.article_terms(tx, Scope(tenant), near).items():
            if ref == own or (source.tenant == SHARED and ref.tenant != tenant):
                continue
            alike = share_of_common_terms(terms, there)
            if alike >= LEAST_LIKENESS:
                found[ref] = alike
    return found


def _near(tx: Read, engine: Engine, scope: Scope, blobs: Sequence[bytes], statements: Sequence[bytes]) -> list[int]:
    """Documents worth comparing: those that share a sentence, and the nearest by vectors."""
    near = set(documents.of_articles(tx, engine.generation.id, fixes.sharing(tx, scope, statements)))
    if blobs:
        vectors = vector_array(blobs, engine.generation.dimension).astype(np.float32)
        near |= engine.index.candidates(scope, vectors, _NEAREST)
    return sorted(near)
