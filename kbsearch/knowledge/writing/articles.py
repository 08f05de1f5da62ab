"""KB articles: reading, writing, import, flags."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import datetime

from kbsearch.errors import (
    AlreadyExists,
    Conflict,
    InvalidInput,
    NotFound,
    PreconditionFailed,
)
from kbsearch.knowledge.indexing.documents import PassageVectors, article_text, prepare
from kbsearch.knowledge.indexing.engine import Engine
from kbsearch.knowledge.indexing.index_generations import IndexGenerations
from kbsearch.knowledge.redaction import Redaction, redacted_article
from kbsearch.knowledge.writing.article_imports import ArticleImport, ImportedArticle
from kbsearch.knowledge.writing.article_rules import MERGED, check_role, find_own, own_article, with_language
from kbsearch.knowledge.writing.article_wordings import all_with_wordings, with_wordings, without_wordings
from kbsearch.knowledge.writing.drafts import DraftSources
from kbsearch.knowledge.writing.erasing import erase_article
from kbsearch.knowledge.writing.imports import ImportReport, Lines, import_lines
from kbsearch.model import (
    Article,
    ArticleState,
    ArticleVersion,
    DocumentKind,
    Evidence,
    Flag,
    IndexedDocument,
    Scope,
    SolutionRef,
    Source,
    StoredArticle,
    TenantId,
)
from kbsearch.store import articles, documents, feedback, merges, solutions, tenants, versions
from kbsearch.store.port import Store, Write
from kbsearch.text.fixes import fingerprint


class Articles:
    """What can be done with articles. Part of the KnowledgeBase."""

    def __init__(self, store: Store, generations: IndexGenerations, redaction: Redaction) -> None:
        self._store = store
        self._generations = generations
        self._redaction = redaction

    def get(self, scope: Scope, id: str) -> StoredArticle:
        with self._store.read() as tx:
            found = articles.get(tx, scope, id)
            if found is None:
                raise NotFound("article", id)
            return with_wordings(tx, scope, found)

    def page(
        self, scope: Scope, after: tuple[str, str] = ("", ""), limit: int = 50, state: ArticleState | None = None
    ) -> list[StoredArticle]:
        """Articles by (tenant, id), those behind ``after`` only."""
        with self._store.read() as tx:
            return all_with_wordings(tx, scope, articles.page(tx, scope, after, limit, state))

    def own(self, tenant: TenantId) -> Iterator[Article]:
        """The tenant's own articles by id, without those that were merged into another one."""
        after = ""
        while page := [one for one in self.page(Scope(tenant), (tenant, after)) if one.tenant == tenant]:
            yield from (one.article for one in page if one.merged_into is None)
            after = page[-1].article.id

    def own_with_evidence(
        self, tenant: TenantId, state: ArticleState, after: str = "", limit: int = 200
    ) -> list[tuple[StoredArticle, Evidence]]:
        """The tenant's own articles of a state by id, those behind ``after`` only, each with how it fared."""
        scope = Scope(tenant)
        with self._store.read() as tx:
            own = [one for one in articles.page(tx, scope, (tenant, after), limit, state) if one.tenant == tenant]
            found = solutions.many(tx, scope, [SolutionRef(tenant, one.article.id) for one in own])
        return [(one, found[ref].evidence) for one in own if (ref := SolutionRef(tenant, one.article.id)) in found]

    def put(
        self,
        tenant: TenantId,
        article: Article,
        if_version: int | None = None,
        by_lead: bool = True,
        drafted_from: DraftSources | None = None,
    ) -> tuple[StoredArticle, bool, int]:
        """Add or replace an article, what must not be in it taken out. Returns it, whether it is new, and the revision.

        Args:
            tenant: whose it is.
            article: as it is sent.
            if_version: the version to replace; 0 to add it only.
            by_lead: whether a lead does this.
            drafted_from: the tickets and suggestions whose text it was begun with.

        Raises:
            PreconditionFailed: its version is not ``if_version``.
            Forbidden: only a lead may.
            Conflict: it was merged into another one.
        """
        article = self._cleaned(tenant, article)
        fix = fingerprint(article.resolution)

        def prepared(engine: Engine) -> IndexedDocument | None:
            text = article_text(tenant, article)
            return prepare(PassageVectors(self._store), engine.embedder, [text])[0] if text else None

        def write(tx: Write, generation: int, document: IndexedDocument | None) -> tuple[StoredArticle, bool]:
            own = find_own(tx, tenant, article.id)
            if if_version is not None and (own.version if own else 0) != if_version:
                raise PreconditionFailed
            check_role(tx, tenant, article.id, own, article.state, by_lead)
            if own is not None and own.merged_into is not None:
                raise Conflict(MERGED)
            if drafted_from is not None:
                drafted_from.note(tx, tenant, article.id)
            if own is not None and own.article == article:
                return with_wordings(tx, Scope(tenant), own), False
            stored = articles.put(tx, tenant, article, fix.whole, statements=fix.statements)
            stored = with_wordings(tx, Scope(tenant), stored)
            if document is None:
                documents.remove(tx, Source(tenant, DocumentKind.ARTICLE, article.id))
            else:
                documents.put(tx, generation, document)
            return stored, own is None

        stored, is_new = self._generations.write(prepared, write)
        return stored, is_new, self._generations.revision(Scope(tenant))

    def add(
        self,
        tenant: TenantId,
        article: Article,
        by_lead: bool = True,
        again: bool = False,
        drafted_from: DraftSources | None = None,
    ) -> tuple[StoredArticle, int]:
        """Add an article. Returns it and the revision.

        With ``again`` the request may be a repetition: the same article is answered as it was the first time. put()
        adds editions of shared articles, so that nobody hides a shared article by accident.

        Raises:
            AlreadyExists: the tenant sees one of this id.
            Forbidden: only a lead may.
        """
        with self._store.read() as tx:
            seen = articles.get(tx, Scope(tenant), article.id)
        if seen is not None and seen.tenant != tenant:
            raise AlreadyExists("there is a shared article of this id; PUT adds an edition of your own")
        try:
            stored, _, revision = self.put(tenant, article, 0, by_lead, drafted_from)
        except PreconditionFailed:
            cleaned = self._cleaned(tenant, article)
            with self._store.read() as tx:
                own = find_own(tx, tenant, article.id)
                if not again or own is None or own.article != cleaned:
                    raise AlreadyExists("there is an article of this id already; PUT replaces it") from None
                stored, revision = with_wordings(tx, Scope(tenant), own), tenants.revision(tx, Scope(tenant))
        return stored, revision

    def preview(self, tenant: TenantId, article: Article) -> tuple[Article, dict[str, int]]:
        """What would be stored of an article, and what would be taken out: kind → how often. Nothing is written."""
        return redacted_article(article, self._redaction.of_articles(tenant))

    def _cleaned(self, tenant: TenantId, article: Article) -> Article:
        """As it is stored."""
        with self._store.read() as tx:
            article = without_wordings(tx, tenant, article)
        return with_language(redacted_article(article, self._redaction.of_articles(tenant))[0])

    def versions(self, scope: Scope, id: str, before: int, limit: int) -> list[ArticleVersion]:
        """What an article that the scope sees was before its latest changes, the latest first.

        Args:
            scope: the tenant's.
            id: the article's.
            before: only versions with a lower number.
            limit: at most so many.

        Raises:
            NotFound: the tenant sees no such article.
        """
        with self._store.read() as tx:
            found = articles.get(tx, scope, id)
            if found is None:
                raise NotFound("article", id)
            return versions.page(tx, scope, articles.ref(found), before, limit)

    def merge(self, tenant: TenantId, id: str, into: str, agent: str) -> tuple[StoredArticle, int]:
        """Merge an article of the tenant into another one of it, or a shared one. Returns that and the revision.

        Tickets and feedback move along. The article stays in the index: what finds it leads to the other one.

        Raises:
            NotFound, Forbidden, Conflict: there is no such article; it is shared; it was archived, or merged into
                another one than this.
            InvalidInput: the other one cannot take it in.
        """
        with self._store.write() as tx:
            source = own_article(tx, tenant, id)
            target = articles.get(tx, Scope(tenant), into)
            merged = merges.get(tx, articles.ref(source))
            if merged is not None and target is not None and merged.into == articles.ref(target):
                return with_wordings(tx, Scope(tenant), target), tenants.revision(tx, Scope(tenant))  # said again
            if merged is not None or source.article.state == ArticleState.ARCHIVED:
                raise Conflict("this article is merged or archived already")
            if target is None:
                raise InvalidInput("/into", "there is no such article")
            if articles.ref(target) == articles.ref(source):
                raise InvalidInput("/into", "an article cannot be merged into itself")
            if target.merged_into is not None or target.article.state == ArticleState.ARCHIVED:
                raise InvalidInput("/into", "that article is merged or archived")
            merges.put(tx, articles.ref(source), articles.ref(target), agent)
            tenants.raise_revision(tx, tenant)
            target = with_wordings(tx, Scope(tenant), target)
        return target, self._generations.revision(Scope(tenant))

    def unmerge(self, tenant: TenantId, id: str) -> tuple[StoredArticle, int]:
        """Take a merge back: the article answers for itself again, with what came along with it.

        Tickets that were linked to the other article since stay there. An article that is not merged is left as it is:
        the request may come a second time. Returns the article and the revision.

        Raises:
            NotFound, Forbidden: there is no such article; it is shared.
        """
        with self._store.write() as tx:
            own_article(tx, tenant, id)
            merge = merges.get(tx, SolutionRef(tenant, id))
            if merge is not None:
                merges.undo(tx, merge)
                tenants.raise_revision(tx, tenant)
            freed = with_wordings(tx, Scope(tenant), own_article(tx, tenant, id))
        return freed, self._generations.revision(Scope(tenant))

    def delete(self, tenant: TenantId, id: str, if_version: int | None = None, by_lead: bool = True) -> int:
        """Remove an article of this tenant. Returns the revision.

        Raises:
            NotFound, PreconditionFailed: there is none; its version is not ``if_version``.
            Forbidden: only a lead may.
        """
        with self._store.write() as tx:
            found = find_own(tx, tenant, id)
            if found is None:
                raise NotFound("article", id)
            check_role(tx, tenant, id, found, None, by_lead)
            if if_version is not None and found.version != if_version:
                raise PreconditionFailed
            erase_article(tx, tenant, id)
        return self._generations.caught_up_revision(tenant)

    def import_lines(
        self, tenant: TenantId, lines: Lines[ImportedArticle], by_lead: bool = True
    ) -> Generator[ImportReport]:
        """Add or replace many articles. Takes (line number, article or what is wrong with the line).

        Yields a running report after each batch, as import_tickets does. What only a lead may do is refused line by
        line where ``by_lead`` is false.
        """
        importing = ArticleImport(tenant, self._redaction.of_articles(tenant), by_lead)
        return import_lines(self._store, self._generations, importing, lines)

    def mirrored(self, tenant: TenantId, origin: str) -> dict[str, articles.Mirrored]:
        """What a folder gave earlier, by article id."""
        with self._store.read() as tx:
            return articles.mirrored(tx, tenant, origin)

    def written_elsewhere(self, tenant: TenantId, origin: str, ids: Sequence[str]) -> set[str]:
        """Those of the ids whose article was written over the API or came from another folder."""
        with self._store.read() as tx:
            return articles.written_elsewhere(tx, tenant, origin, ids)

    def merged(self, tenant: TenantId, ids: Sequence[str]) -> dict[str, str]:
        """Those of the tenant's articles that were merged, and the ids of the articles that answer in their place."""
        with self._store.read() as tx:
            ends = merges.ends(tx, [SolutionRef(tenant, id) for id in ids])
        return {ref.id: end.id for ref, end in ends.items()}

    def set_origins(self, tenant: TenantId, origin: str, digests: Mapping[str, str]) -> None:
        """Note what files of a folder say; ``digests`` are by article id."""
        with self._store.write() as tx:
            articles.set_origins(tx, tenant, origin, digests)

    def mirroring_tenants(self, origin: str) -> list[TenantId]:
        with self._store.read() as tx:
            return articles.mirroring_tenants(tx, origin)

    def flag(
        self, tenant: TenantId, article_id: str, flag_id: str, reason: str, agent: str, comment: str | None
    ) -> int:
        """Open a flag on an article that the tenant sees, personal data taken out. Returns the revision."""
        reason = self._redaction.of_comment(tenant, reason) or ""
        comment = self._redaction.of_comment(tenant, comment)
        with self._store.write() as tx:
            found = articles.get(tx, Scope(tenant), article_id)
            if found is None:
                raise NotFound("article", article_id)
            feedback.put_flag(tx, tenant, flag_id, articles.ref(found), reason, agent, comment)
        return self._generations.revision(Scope(tenant))

    def flags(self, scope: Scope, after: tuple[datetime, str] | None = None, limit: int = 50) -> list[Flag]:
        """The tenant's open flags by (time, id), the oldest first, those behind ``after`` only."""
        with self._store.read() as tx:
            return feedback.flags(tx, scope.tenant, after, limit)

    def close_flag(self, tenant: TenantId, flag_id: str) -> int:
        """Close a flag of the tenant. Returns the revision. Raises NotFound."""
        with self._store.write() as tx:
            if not feedback.drop_flag(tx, tenant, flag_id):
                raise NotFound("flag", flag_id)
        return self._generations.revision(Scope(tenant))
