"""Importing articles, and mirroring folders of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kbsearch.errors import (
    Conflict,
    Forbidden,
)
from kbsearch.knowledge.indexing.documents import SourceText, article_text
from kbsearch.knowledge.redaction import redacted_article
from kbsearch.knowledge.writing.article_rules import MERGED, check_role, find_own, with_language
from kbsearch.knowledge.writing.imports import changing
from kbsearch.model import (
    Article,
    DocumentKind,
    IndexedDocument,
    Scope,
    SolutionRef,
    Source,
    TenantId,
)
from kbsearch.store import articles, documents, merges
from kbsearch.store.port import Read, Write
from kbsearch.text.fixes import fingerprint
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


class ArticleImport:
    """The import of articles."""

    def __init__(self, tenant: TenantId, redactor: Redactor, by_lead: bool) -> None:
        self.tenant = tenant
        self._redactor = redactor
        self._by_lead = by_lead

    def characters(self, item: ImportedArticle) -> int:
        return len(item.article.title) + len(item.article.resolution) + sum(map(len, item.article.issue))

    def left_out(self, item: ImportedArticle) -> None:
        return None

    def cleaned(self, item: ImportedArticle) -> ImportedArticle:
        article, counts = redacted_article(item.article, self._redactor)
        return replace(item, article=with_language(article), redacted=counts)

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
        refused: dict[int, str] = {}
        merged = merges.ends(tx, [SolutionRef(self.tenant, item.article.id) for item, _ in items])
        for n, (item, document) in enumerate(items):
            article = item.article
            try:
                if SolutionRef(self.tenant, article.id) in merged:
                    raise Conflict(MERGED)
                own = None if self._by_lead else find_own(tx, self.tenant, article.id)
                check_role(tx, self.tenant, article.id, own, article.state, self._by_lead)
            except (Conflict, Forbidden) as error:
                refused[n] = str(error)
                continue
            fix = fingerprint(article.resolution)
            articles.put(tx, self.tenant, article, fix.whole, item.origin, item.origin_digest, fix.statements)
            if document is None:
                documents.remove(tx, Source(self.tenant, DocumentKind.ARTICLE, article.id))
            else:
                documents.put(tx, generation, document)
        return refused
