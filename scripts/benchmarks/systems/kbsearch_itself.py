"""kbsearch as a library in one process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kbsearch.bootstrap import open_knowledge
from kbsearch.evaluation.collections import ticket_of
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.model import Article, Scope, TenantId
from kbsearch.settings import Settings
from scripts.benchmarks.systems.system import Document

_TENANT = TenantId("default")
_K = 10


class InProcess:
    """The service without HTTP, suggesting for a ticket."""

    def __init__(self, folder: Path) -> None:
        self._scope = Scope(_TENANT)
        self._knowledge = open_knowledge(Settings(data_dir=folder / "data"))

    def add(self, documents: Sequence[Document]) -> None:
        articles = (Article(id=one.id, title=one.title, resolution=one.text) for one in documents)
        lines = enumerate((ImportedArticle(article) for article in articles), start=1)
        for report in self._knowledge.articles.import_lines(_TENANT, lines):
            if report.errors:
                raise RuntimeError(str(report.errors[0]))

    def ask(self, text: str) -> list[str]:
        suggestion = self._knowledge.suggest(self._scope, ticket_of(text), _K)
        return [one.solution.ref.id for one in suggestion.solutions]

    def ranked(self, text: str) -> list[str]:
        """The whole ranking: ``suggest`` leaves out what is unlikely, which no peer does."""
        return [one.ref.id for one in self._knowledge.rank(self._scope, ticket_of(text))[:_K]]

    def pid(self) -> int | str:
        return "self"

    def close(self) -> None:
        self._knowledge.close()
