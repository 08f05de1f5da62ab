"""``kbsearch import``."""

from __future__ import annotations

import itertools
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import click
from pydantic import ValidationError

from kbsearch.api.records import Warn, article_record, record_error, ticket_record
from kbsearch.cli.options import data_option, json_option, opened, settings, tenant_option
from kbsearch.cli.output import print_json, progress_bar, say
from kbsearch.cli.surveys import show_surveys, write_rejects
from kbsearch.errors import BrokenFile
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.indexing.pace import Pace
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.knowledge.writing.imports import ImportReport
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import TenantId
from kbsearch.ticketing.exports.mapping import ExportMapping, preset_names, read_mapping
from kbsearch.ticketing.exports.source import survey, wires
from kbsearch.ticketing.files import Wire, shaped
from kbsearch.ticketing.records import Numbered, records

_ERRORS_PRINTED = 20

_Numbered = tuple[int, ResolvedTicketIn | ImportedArticle | str]


@dataclass(slots=True)
class Imported:
    """Counts over one file."""

    articles: int = 0
    tickets: int = 0
    unchanged: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    warnings: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    redacted: Counter[str] = field(default_factory=Counter[str])


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@data_option
@tenant_option
@click.option(
    "--mapping",
    "mapping_name",
    help="FILES are exports of a ticket system or its knowledge base; NAME is a YAML file that says which column is "
    "what, or a preset: " + ", ".join(preset_names()) + ".",
    metavar="NAME",
)
@click.option("--dry-run", is_flag=True, help="With --mapping: read the files, show what is filled, import nothing.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --mapping: write the records that were skipped to this file, as NDJSON with the reason.",
)
@json_option
def import_(
    files: tuple[Path, ...],
    data_dir: Path | None,
    tenant: TenantId,
    mapping_name: str | None,
    dry_run: bool,
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Import resolved tickets and articles from FILES: NDJSON or a JSON array, plain or gzipped.

    A record is a write-back or an article as in the API, a KB article (id, title, body), a resolved ticket (id, title,
    description, resolution) or a BEIR document. Existing ids are replaced. Records that cannot be used are listed and
    skipped; secondary fields that cannot be used are left out with a warning. Repeat an import that was interrupted.
    """
    missing = next((path for path in files if not path.is_file()), None)
    if missing is not None:
        raise BrokenFile(str(missing), "there is no such file")
    mapping = None if mapping_name is None else read_mapping(mapping_name)
    if mapping is None and (dry_run or rejects is not None):
        raise click.UsageError("--dry-run and --rejects need --mapping")
    if mapping is not None and dry_run:
        show_surveys(files, mapping, as_json)
        return
    with opened(settings(data_dir=data_dir)) as knowledge:
        if mapping is None:
            results = [(path, import_file(knowledge, tenant, path)) for path in files]
        else:
            results = [one for path in files for one in _import_export(knowledge, tenant, path, mapping)]
    if mapping is not None and rejects is not None:
        write_rejects(rejects, mapping, {path: dict(result.errors) for path, result in results if result.errors})
    if as_json:
        print_json(
            [
                {
                    "file": str(path),
                    "articles": result.articles,
                    "tickets": result.tickets,
                    "unchanged": result.unchanged,
                    "redacted": dict(result.redacted),
                    "errors": [{"line": line, "detail": detail} for line, detail in result.errors],
                    "warnings": [{"line": line, "detail": detail} for line, detail in result.warnings],
                }
                for path, result in results
            ]
        )
    if any(result.errors for _, result in results):
        raise click.exceptions.Exit(1)


def _import_export(
    knowledge: KnowledgeBase, tenant: TenantId, path: Path, mapping: ExportMapping
) -> list[tuple[Path, Imported]]:
    """Import the records of each tenant of an export; what is wrong with records is told once."""
    owners = [tenant] if mapping.tenant is None else sorted(one for one in survey(path, mapping).tenants if one)
    sources = [partial(wires, path, mapping, owner, place == 0) for place, owner in enumerate(owners or [tenant])]
    return [
        (path, import_file(knowledge, owner, path, source))
        for owner, source in zip(owners or [tenant], sources, strict=True)
    ]


def import_file(
    knowledge: KnowledgeBase, tenant: TenantId, path: Path, source: Callable[[], Iterator[Numbered]] | None = None
) -> Imported:
    """Import one file; its first errors are shown. Raises BrokenFile if it cannot be read.

    Args:
        knowledge: where to.
        tenant: whose the records are.
        path: the file.
        source: gives its records; None reads NDJSON or a JSON array.
    """
    reading = _Reading(path, source, knowledge.tickets.lies_ahead)
    pace = Pace()
    result = Imported()
    with progress_bar(f"indexing {path.name}, KiB") as show:
        for is_ticket, run in itertools.groupby(reading.records(), reading.is_ticket):
            if is_ticket:
                reports = knowledge.tickets.import_lines(tenant, _tickets(run))
            else:
                reports = knowledge.articles.import_lines(tenant, _articles(run))
            last = ImportReport(0, 0, (), 0)
            with closing(reports):
                for last in reports:
                    done = reading.bytes_up_to(last.line)
                    left = pace.seconds_left(time.monotonic(), done, reading.size)
                    show(done // 1024, reading.size // 1024, left)
            result.tickets += last.accepted if is_ticket else 0
            result.articles += 0 if is_ticket else last.accepted
            result.unchanged += last.unchanged
            result.errors += last.errors
            result.redacted.update(last.redacted)
    result.warnings = reading.warnings
    for line, detail in result.warnings[:_ERRORS_PRINTED]:
        say(f"{path}:{line}: warning: {detail}")
    for line, detail in result.errors[:_ERRORS_PRINTED]:
        say(f"{path}:{line}: skipped: {detail}")
    if len(result.errors) > _ERRORS_PRINTED:
        say(f"… and {len(result.errors) - _ERRORS_PRINTED} more lines were skipped (see them all with --json)")
    say(
        f"{path}: {result.articles} articles and {result.tickets} tickets for {tenant}"
        f" ({result.unchanged} of them unchanged), {len(result.errors)} lines skipped"
    )
    if result.redacted:
        say(f"redacted: {', '.join(f'{count} {kind}' for kind, count in result.redacted.most_common())}")
    return result


class _Reading:
    """Reads a file's records and knows at which byte each of the lines read ahead ends."""

    def __init__(
        self,
        path: Path,
        source: Callable[[], Iterator[Numbered]] | None,
        lies_ahead: Callable[[datetime | None], bool],
    ) -> None:
        self._path = path
        self._source = source or self._lines
        self._lies_ahead = lies_ahead
        self.size = path.stat().st_size
        self._ends: deque[tuple[int, int]] = deque()
        self._taken_in = 0
        self._in_tickets = False
        self.warnings: list[tuple[int, str]] = []

    def records(self) -> Iterator[_Numbered]:
        for one in self._source():
            self._ends.append((one.number, one.read))
            yield one.number, self._record(one)

    def _lines(self) -> Iterator[Numbered]:
        try:
            with self._path.open("rb") as opened:
                yield from records(opened)
        except OSError as error:
            raise BrokenFile(str(self._path), error.strerror or str(error)) from error

    def _record(self, one: Numbered) -> ResolvedTicketIn | ImportedArticle | str:
        def warn(detail: str) -> None:
            self.warnings.append((one.number, detail))

        return one.record if isinstance(one.record, str) else self._parsed(shaped(one.record), warn)

    def _parsed(self, wire: Wire, warn: Warn) -> ResolvedTicketIn | ImportedArticle | str:
        try:
            return ticket_record(wire, warn, self._lies_ahead) if "ticket" in wire else article_record(wire, warn)
        except ValidationError as error:
            return record_error(error)

    def is_ticket(self, record: _Numbered) -> bool:
        """Whether it belongs with the tickets; a line that cannot be used belongs with the ones before it."""
        if not isinstance(record[1], str):
            self._in_tickets = isinstance(record[1], ResolvedTicketIn)
        return self._in_tickets

    def bytes_up_to(self, line: int) -> int:
        """The number of bytes up to the end of this line. Lines are requested in order."""
        while self._ends and self._ends[0][0] <= line:
            self._taken_in = self._ends.popleft()[1]
        return self._taken_in


def _tickets(run: Iterator[_Numbered]) -> Iterator[tuple[int, ResolvedTicketIn | str]]:
    for number, record in run:
        if not isinstance(record, ImportedArticle):
            yield number, record


def _articles(run: Iterator[_Numbered]) -> Iterator[tuple[int, ImportedArticle | str]]:
    for number, record in run:
        if not isinstance(record, ResolvedTicketIn):
            yield number, record
