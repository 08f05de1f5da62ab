"""``kbsearch import``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
from pydantic import ValidationError

from kbsearch.api.requests import ArticleIn, WriteBackLine
from kbsearch.api.routes.imports import line_error
from kbsearch.cli.options import data_option, json_option, opened, settings, tenant_option
from kbsearch.cli.output import err, print_json, progress_bar, say
from kbsearch.connectors.files import parse_record, read_lines
from kbsearch.errors import BrokenFile
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.articles import ImportedArticle
from kbsearch.knowledge.writing import ResolvedTicketIn
from kbsearch.model import TenantId

_ERRORS_PRINTED = 20


@dataclass(slots=True)
class Imported:
    """Counts over one file."""

    articles: int = 0
    tickets: int = 0
    unchanged: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@data_option
@tenant_option
@json_option
def import_(files: tuple[Path, ...], data_dir: Path | None, tenant: TenantId, as_json: bool) -> None:
    """Import resolved tickets and articles from NDJSON FILES.

    A line is a write-back or an article as the API takes them, a KB article (id, title, body), a resolved ticket
    (id, title, description, resolution) or a BEIR document. Ids that exist are replaced, lines that cannot be
    used are named and skipped, and an import that was cut off is simply started again.
    """
    missing = next((path for path in files if not path.is_file()), None)
    if missing is not None:
        raise BrokenFile(str(missing), "there is no such file")
    with opened(settings(data_dir=data_dir)) as knowledge:
        results = [(path, import_file(knowledge, tenant, path)) for path in files]
    if as_json:
        print_json(
            [
                {
                    "file": str(path),
                    "articles": result.articles,
                    "tickets": result.tickets,
                    "unchanged": result.unchanged,
                    "errors": [{"line": line, "detail": detail} for line, detail in result.errors],
                }
                for path, result in results
            ]
        )
    if any(result.errors for _, result in results):
        raise click.exceptions.Exit(1)


def import_file(knowledge: KnowledgeBase, tenant: TenantId, path: Path) -> Imported:
    """Import one file; its first errors are shown. Raises BrokenFile if it cannot be read."""
    total = sum(1 for _ in read_lines(path))
    result = Imported()
    done = 0
    with progress_bar(f"indexing {path.name}") as show:
        for is_ticket, run in itertools.groupby(_records(path), lambda record: isinstance(record[1], ResolvedTicketIn)):
            if is_ticket:
                reports = knowledge.tickets.import_lines(tenant, _tickets(run))
            else:
                reports = knowledge.articles.import_lines(tenant, _articles(run))
            accepted = unchanged = 0
            errors: tuple[tuple[int, str], ...] = ()
            for report in reports:
                accepted, unchanged, errors = report.accepted, report.unchanged, report.errors
                show(done + accepted + len(errors), total)
            done += accepted + len(errors)
            result.tickets += accepted if is_ticket else 0
            result.articles += 0 if is_ticket else accepted
            result.unchanged += unchanged
            result.errors += errors
    for line, detail in result.errors[:_ERRORS_PRINTED]:
        err.print(f"{path}:{line}: skipped: {detail}", soft_wrap=True, markup=False)
    if len(result.errors) > _ERRORS_PRINTED:
        say(f"… and {len(result.errors) - _ERRORS_PRINTED} more lines were skipped (see them all with --json)")
    say(
        f"{path}: {result.articles} articles and {result.tickets} tickets for {tenant}"
        f" ({result.unchanged} of them unchanged), {len(result.errors)} lines skipped"
    )
    return result


def _records(path: Path) -> Iterator[tuple[int, ResolvedTicketIn | ImportedArticle | str]]:
    for number, line in read_lines(path):
        try:
            wire = parse_record(line)
            if "ticket" in wire:
                ticket = WriteBackLine.model_validate(wire)
                yield number, ticket.to_resolved(ticket.ticket.id or "")
            else:
                article = ArticleIn.model_validate(wire)
                if article.id is None:
                    raise ValueError("id is missing")
                yield number, ImportedArticle(article.to_article(article.id))
        except ValidationError as error:
            yield number, line_error(error)
        except ValueError as error:
            yield number, str(error)


def _tickets(
    run: Iterator[tuple[int, ResolvedTicketIn | ImportedArticle | str]],
) -> Iterator[tuple[int, ResolvedTicketIn | str]]:
    for number, record in run:
        if not isinstance(record, ImportedArticle):
            yield number, record


def _articles(
    run: Iterator[tuple[int, ResolvedTicketIn | ImportedArticle | str]],
) -> Iterator[tuple[int, ImportedArticle | str]]:
    for number, record in run:
        if not isinstance(record, ResolvedTicketIn):
            yield number, record
