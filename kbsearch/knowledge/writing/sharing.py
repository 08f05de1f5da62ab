"""An article that a lead gives to every tenant: it becomes one of ``shared``."""

from __future__ import annotations

from kbsearch.errors import AlreadyExists, Conflict, NotFound, PreconditionFailed
from kbsearch.knowledge.indexing.documents import PassageVectors, article_text, prepare
from kbsearch.knowledge.indexing.index_generations import IndexGenerations
from kbsearch.knowledge.redaction import Redaction, redacted_article
from kbsearch.model import (
    SHARED,
    ArticleState,
    DocumentKind,
    Scope,
    SolutionRef,
    Source,
    StoredArticle,
    TenantId,
)
from kbsearch.store import articles, documents, purges, sharing, solutions
from kbsearch.store.port import Read, Store, Write
from kbsearch.text.fixes import fingerprint


class Sharing:
    """Moves articles to ``shared``. Part of the KnowledgeBase."""

    def __init__(self, store: Store, keeper: IndexGenerations, redaction: Redaction) -> None:
        self._store = store
        self._keeper = keeper
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
        moved = False
        while not moved:
            with self._store.read() as tx:
                found = _to_share(tx, tenant, id, if_version)
            if found is None:
                break
            moved = self._move(found)
        return self._keeper.revision(Scope(tenant))

    def _move(self, found: StoredArticle) -> bool:
        """Move an article as it was read. False: it, or the index generation, changed since."""
        tenant, id = found.tenant, found.article.id
        redactor = self._redaction.of_shared(tenant)
        if not self._redaction.may_be_shared(tenant, id):
            raise Conflict("the id of this article holds what redaction takes out; add it to 'shared' under another id")
        article, _ = redacted_article(found.article, redactor)
        fix = fingerprint(article.resolution)
        text = article_text(SHARED, article)
        assert text is not None, "it is not archived"
        engine = self._keeper.for_writing()
        [document] = prepare(PassageVectors(self._store), engine.embedder, [text])

        def write(tx: Write, generation: int) -> bool:
            if _to_share(tx, tenant, id, found.version) is None:
                return False
            sharing.move(tx, tenant, article, fix.whole, fix.statements)
            documents.erase(tx, Source(tenant, DocumentKind.ARTICLE, id))
            purges.ask(tx, tenant)
            documents.put(tx, generation, document)
            return True

        try:
            return bool(self._keeper.write(engine, write))
        except PreconditionFailed:
            return False


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
