"""Sharing an article: a lead moves it to the tenant ``shared``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kbsearch.errors import AlreadyExists, Conflict, NotFound, PreconditionFailed
from kbsearch.knowledge.indexing.documents import PassageVectors, article_text, prepare
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.indexing.index_generations import IndexGenerations
from kbsearch.knowledge.redaction import Redaction, redacted_article
from kbsearch.model import (
    SHARED,
    Article,
    ArticleState,
    DocumentKind,
    IndexedDocument,
    Scope,
    SolutionRef,
    Source,
    StoredArticle,
    TenantId,
)
from kbsearch.store import articles, documents, purges, sharing, solutions
from kbsearch.store.port import Read, Store, Write
from kbsearch.text.fixes import fingerprint


@dataclass(frozen=True, slots=True)
class _Shareable:
    """An article as it was read, as it is shared, and what the index takes of it."""

    found: StoredArticle
    redacted: Article
    document: IndexedDocument


class Sharing:
    """Moves articles to ``shared``. Part of the KnowledgeBase."""

    def shared_by(self, tenant: TenantId, ids: Sequence[str]) -> set[str]:
        """Those of the ids whose article the tenant gave to every tenant, and of which it has no edition."""
        with self._store.read() as tx:
            return sharing.shared_by(tx, tenant, ids)

    def __init__(self, store: Store, generations: IndexGenerations, redaction: Redaction) -> None:
        self._store = store
        self._generations = generations
        self._redaction = redaction

    def share(self, tenant: TenantId, id: str, if_version: int | None = None) -> int:
        """Move an article of the tenant to ``shared``, redacted as what every tenant sees. Returns the revision.

        Its tickets and what agents said stay evidence for the tenant alone. An article that is shared already is left
        as it is.

        Args:
            tenant: whose article it is.
            id: the article's.
            if_version: the version to share; None for any.

        Raises:
            NotFound: the tenant sees no such article.
            PreconditionFailed: its version is not ``if_version``.
            AlreadyExists: ``shared`` has a solution of this id.
            Conflict: it is archived, merged or mirrored from a folder, or its id must not be seen by others.
        """

        def prepared(engine: Engine) -> _Shareable | None:
            with self._store.read() as tx:
                found = _to_share(tx, tenant, id, if_version)
            return None if found is None else self._shareable(engine, found)

        def write(tx: Write, generation: int, article: _Shareable | None) -> bool | None:
            if article is None:
                return False
            if _to_share(tx, tenant, id, if_version) != article.found:
                return None
            fix = fingerprint(article.redacted.resolution)
            sharing.move(tx, tenant, article.redacted, fix.whole, fix.statements)
            documents.erase(tx, Source(tenant, DocumentKind.ARTICLE, id))
            purges.ask(tx, tenant)
            documents.put(tx, generation, article.document)
            return True

        self._generations.write(prepared, write)
        return self._generations.revision(Scope(tenant))

    def _shareable(self, engine: Engine, found: StoredArticle) -> _Shareable:
        if not self._redaction.may_be_shared(found.tenant, found.article.id):
            raise Conflict("the id of this article holds what redaction takes out; add it to 'shared' under another id")
        article, _ = redacted_article(found.article, self._redaction.of_shared(found.tenant))
        text = article_text(SHARED, article)
        assert text is not None, "it is not archived"
        [document] = prepare(PassageVectors(self._store), engine.embedder, [text])
        return _Shareable(found, article, document)


def _to_share(tx: Read, tenant: TenantId, id: str, if_version: int | None) -> StoredArticle | None:
    """The tenant's article, None where it is shared already. Raises what share() raises."""
    found = articles.get(tx, Scope(tenant), id)
    if found is None:
        raise NotFound("article", id)
    if found.tenant == SHARED:
        return None
    if if_version is not None and found.version != if_version:
        raise PreconditionFailed
    if found.merged_into is not None or found.article.state == ArticleState.ARCHIVED:
        raise Conflict("this article is merged or archived; only what is shown can be shared")
    if articles.is_mirrored(tx, articles.ref(found)):
        raise Conflict("this article is mirrored from a folder; move its file to the folder 'shared' instead")
    if solutions.exists(tx, SolutionRef(SHARED, id)):
        raise AlreadyExists("'shared' has a solution of this id already; this article is the tenant's edition of it")
    return found
