"""KB articles: reading, writing, import, flags."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

from kbsearch.errors import NotFound, PreconditionFailed
from kbsearch.knowledge.batches import ImportReport, Lines, changing, import_lines
from kbsearch.knowledge.documents import PassageVectors, SourceText, article_text, prepare
from kbsearch.knowledge.generation_keeper import GenerationKeeper
from kbsearch.knowledge.redaction import Redaction, redacted_article
from kbsearch.model import (
    Article,
    ArticleState,
    DocumentKind,
    IndexedDocument,
    Scope,
    Source,
    StoredArticle,
    TenantId,
)
from kbsearch.store import articles, documents, feedback
from kbsearch.store.database import Read, Store, Write
from kbsearch.text.fixes import fix_digest
from kbsearch.text.language import guess_language
from kbsearch.text.redaction import Redactor


@dataclass(frozen=True, slots=True)
class ImportedArticle:
    """An article to import. ``origin`` and ``origin_digest`` name the mirrored folder and file content.

    ``redacted`` counts what was taken out of it, by kind.
    """

    article: Article
    origin: str | None = None
    origin_digest: str | None = None
    redacted: dict[str, int] = field(default_factory=dict[str, int])


class Articles:
    """What can be done with articles. Part of the KnowledgeBase."""

    def __init__(self, store: Store, keeper: GenerationKeeper, redaction: Redaction) -> None:
        self._store = store
        self._keeper = keeper
        self._redaction = redaction

    def get(self, scope: Scope, id: str) -> StoredArticle:
        with self._store.read() as tx:
            found = articles.get(tx, scope, id)
        if found is None:
            raise NotFound("article", id)
        return found

    def page(
        self, scope: Scope, after: tuple[str, str] = ("", ""), limit: int = 50, state: ArticleState | None = None
    ) -> list[StoredArticle]:
        """Articles by (tenant, id), those behind ``after`` only."""
        with self._store.read() as tx:
            return articles.page(tx, scope, after, limit, state)

    def put(self, tenant: TenantId, article: Article, if_version: int | None = None) -> tuple[StoredArticle, bool, int]:
        """Add or replace an article, what must not be in it taken out. Returns it, whether it is new, and the revision.

        Raises:
            PreconditionFailed: its version is not ``if_version``.
        """
        article = _with_language(redacted_article(article, self._redaction.of_articles(tenant))[0])

        def write(tx: Write, generation: int) -> tuple[StoredArticle, bool]:
            before = articles.get(tx, Scope(tenant), article.id)
            own = before if before is not None and before.tenant == tenant else None
            if if_version is not None and (own is None or own.version != if_version):
                raise PreconditionFailed
            if own is not None and own.article == article:
                return own, False
            stored = articles.put(tx, tenant, article, fix_digest(article.resolution))
            if document is None:
                documents.remove(tx, Source(tenant, DocumentKind.ARTICLE, article.id))
            else:
                documents.put(tx, generation, document)
            return stored, own is None

        while True:
            engine = self._keeper.for_writing()
            text = article_text(tenant, article)
            document = prepare(PassageVectors(self._store), engine.embedder, [text])[0] if text else None
            written = self._keeper.write(engine, write)
            if written is not None:
                return *written, self._keeper.revision(Scope(tenant))

    def delete(self, tenant: TenantId, id: str, if_version: int | None = None) -> int:
        """Remove an article of this tenant. Returns the revision."""
        with self._store.write() as tx:
            found = articles.get(tx, Scope(tenant), id)
            if found is None or found.tenant != tenant:
                raise NotFound("article", id)
            if if_version is not None and found.version != if_version:
                raise PreconditionFailed
            articles.delete(tx, tenant, id)
            documents.remove(tx, Source(tenant, DocumentKind.ARTICLE, id))
        return self._keeper.caught_up_revision(tenant)

    def import_lines(self, tenant: TenantId, lines: Lines[ImportedArticle]) -> Generator[ImportReport]:
        """Add or replace many articles. Takes (line number, article or what is wrong with the line).

        Yields a running report after each batch, as import_tickets does.
        """
        return import_lines(
            self._store, self._keeper, _ArticleImport(tenant, self._redaction.of_articles(tenant)), lines
        )

    def mirrored(self, tenant: TenantId, origin: str) -> dict[str, tuple[str, ArticleState]]:
        """What a folder gave earlier: article id → (digest of the file, state)."""
        with self._store.read() as tx:
            return articles.mirrored(tx, tenant, origin)

    def mirroring_tenants(self, origin: str) -> list[TenantId]:
        with self._store.read() as tx:
            return articles.mirroring_tenants(tx, origin)

    def flag(
        self, tenant: TenantId, article_id: str, flag_id: str, reason: str, agent: str, comment: str | None
    ) -> int:
        """Open a flag on an article that the tenant sees. Returns the revision."""
        with self._store.write() as tx:
            found = articles.get(tx, Scope(tenant), article_id)
            if found is None:
                raise NotFound("article", article_id)
            feedback.put_flag(tx, tenant, flag_id, articles.ref(found), reason, agent, comment)
        return self._keeper.revision(Scope(tenant))


def _with_language(article: Article) -> Article:
    if article.language is not None:
        return article
    return replace(article, language=guess_language(f"{article.title}\n{article.resolution}"))


class _ArticleImport:
    """Articles as an import takes them in."""

    def __init__(self, tenant: TenantId, redactor: Redactor) -> None:
        self.tenant = tenant
        self._redactor = redactor

    def characters(self, item: ImportedArticle) -> int:
        return len(item.article.title) + len(item.article.resolution) + sum(map(len, item.article.issue))

    def cleaned(self, item: ImportedArticle) -> ImportedArticle:
        article, counts = redacted_article(item.article, self._redactor)
        return replace(item, article=_with_language(article), redacted=counts)

    def redacted(self, item: ImportedArticle) -> dict[str, int]:
        return item.redacted

    def changing(self, tx: Read, items: Sequence[ImportedArticle]) -> list[bool]:
        found = articles.many(tx, Scope(self.tenant), [item.article.id for item in items])
        stored = {ref.id: one.article for ref, one in found.items() if ref.tenant == self.tenant}
        return changing(stored, [(item.article.id, item.article) for item in items])

    def text(self, item: ImportedArticle) -> SourceText | None:
        return article_text(self.tenant, item.article)

    def write(
        self, tx: Write, generation: int, items: Sequence[tuple[ImportedArticle, IndexedDocument | None]]
    ) -> dict[int, str]:
        for item, document in items:
            article = item.article
            articles.put(tx, self.tenant, article, fix_digest(article.resolution), item.origin, item.origin_digest)
            if document is None:
                documents.remove(tx, Source(self.tenant, DocumentKind.ARTICLE, article.id))
            else:
                documents.put(tx, generation, document)
        return {}
