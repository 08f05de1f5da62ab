"""``kbsearch articles``."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import click
from pydantic import ValidationError

from kbsearch.api.records import article_record, record_error
from kbsearch.cli.importing import import_file
from kbsearch.cli.options import data_option, existing, json_option, opened, settings, tenant_option
from kbsearch.cli.output import print_json, progress_bar, say
from kbsearch.errors import BrokenFile
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.indexing.pace import Pace
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.model import ArticleState, Scope, TenantId
from kbsearch.ticketing.article_folder import (
    MARKDOWN,
    TICKETS_FILE,
    ArticleFile,
    article_files,
    files_of_nobody,
    tenant_folders,
)
from kbsearch.ticketing.article_writing import file_name, file_text


@dataclass(slots=True)
class Synced:
    """Counts of one sync; ``errors`` lists the files that were left out, with reasons.

    ``merged`` lists files with new text for an article that was merged into another one; the text is not taken over.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    merged: int = 0
    errors: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class _There:
    """The files of a tenant in a folder: the ids whose article stays, and whether any of them is an article."""

    ids: set[str] = field(default_factory=set[str])
    any_read: bool = False


@click.group()
def articles() -> None:
    """Articles: kept as Markdown files, shared with every tenant."""


@articles.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@data_option
@click.option("--prune", is_flag=True, help="Archive a tenant's articles even if the folder has no more files of it.")
@click.option("--replace", "replaces", is_flag=True, help="Also replace articles that were written elsewhere.")
@json_option
def sync(folder: Path, data_dir: Path | None, prune: bool, replaces: bool, as_json: bool) -> None:
    """Mirror FOLDER/<tenant>/<slug>.<language>.md: add, change and archive articles.

    Files that cannot be read are named, and their articles stay as they are. Articles that do not come from this
    folder, or were changed elsewhere since, are changed only with --replace. A running server shows the changes at
    once.
    """
    with opened(settings(data_dir=data_dir)) as knowledge:
        synced = sync_folder(knowledge, folder, prune, replaces)
    if as_json:
        print_json({name: getattr(synced, name) for name in Synced.__slots__})
    else:
        say(_summary(synced))
    if synced.errors:
        raise click.exceptions.Exit(1)


@articles.command()
@click.argument("article_id")
@data_option
@tenant_option
@json_option
def share(article_id: str, data_dir: Path | None, tenant: TenantId, as_json: bool) -> None:
    """Move the article ARTICLE_ID of a tenant to `shared`, so that every tenant sees it.

    What redaction takes out of shared articles goes. Tickets, feedback and former versions stay the tenant's own. An
    article that is shared already is left as it is. A running server shows the change at once.
    """
    with opened(existing(data_dir=data_dir)) as knowledge:
        knowledge.sharing.share(tenant, article_id)
        stored = knowledge.articles.get(Scope(tenant), article_id)
    if as_json:
        print_json({"id": stored.article.id, "tenant": stored.tenant, "version": stored.version})
    else:
        say(f"every tenant sees {stored.article.id} now")


@articles.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@data_option
@tenant_option
@json_option
def export(folder: Path, data_dir: Path | None, tenant: TenantId, as_json: bool) -> None:
    """Write the tenant's own articles to FOLDER/<tenant>, as `articles sync` reads them.

    What is there is replaced if it has the name of an article, else left. Merged articles are left out, and so are
    those whose id no file can have, which are named.
    """
    target = folder / tenant
    target.mkdir(parents=True, exist_ok=True)
    written, unnamed = 0, list[str]()
    with opened(existing(data_dir=data_dir)) as knowledge:
        for article in knowledge.articles.own(tenant):
            name = file_name(article.id)
            if name is None:
                unnamed.append(article.id)
                say(f"left out: no file can be named {article.id}")
                continue
            (target / name).write_text(file_text(article), "utf-8", newline="\n")
            written += 1
    if as_json:
        print_json({"written": written, "left_out": unnamed})
    else:
        say(f"{written} articles written to {target}")
    if unnamed:
        raise click.exceptions.Exit(1)


def sync_folder(knowledge: KnowledgeBase, folder: Path, prune: bool = False, replaces: bool = False) -> Synced:
    """Mirror a folder and show errors as they occur. Raises BrokenFile if the folder itself cannot be used.

    Args:
        knowledge: what the articles are put into.
        folder: holds one folder a tenant.
        prune: whether a tenant of which the folder has no file now loses the articles that it had from it.
        replaces: whether a file replaces an article of its id that was written elsewhere.
    """
    origin = str(folder.resolve())
    folders = tenant_folders(folder)
    for path in files_of_nobody(folder):
        say(f"left out: {path} is in no folder of a tenant")
    synced = Synced()
    kept = {tenant: _There() for tenant in knowledge.articles.mirroring_tenants(origin)}
    for tenant, path in folders:
        kept[tenant] = _sync_tenant(knowledge, tenant, path, origin, replaces, synced)
    for tenant, files in kept.items():
        there = knowledge.articles.mirrored(tenant, origin).items()
        gone = [id for id, one in there if id not in files.ids and one.state != ArticleState.ARCHIVED]
        gone = [id for id in gone if id not in knowledge.articles.merged(tenant, gone)]
        if gone and not files.any_read and not prune:
            _note(
                synced,
                f"{folder / tenant}: no article can be read there any more; --prune archives the {len(gone)} that were",
            )
            continue
        archived = (
            ImportedArticle(
                replace(knowledge.articles.get(Scope(tenant), id).article, state=ArticleState.ARCHIVED), origin
            )
            for id in gone
        )
        for _ in knowledge.articles.import_lines(tenant, enumerate(archived, start=1)):
            pass
        synced.removed += len(gone)
    return synced


def load_folder(knowledge: KnowledgeBase, folder: Path) -> None:
    """Mirror the articles of a folder and import the tickets beside them."""
    say(_summary(sync_folder(knowledge, folder)))
    for tenant, path in tenant_folders(folder):
        tickets = path / TICKETS_FILE
        if tickets.is_file():
            import_file(knowledge, tenant, tickets)


def _sync_tenant(
    knowledge: KnowledgeBase, tenant: TenantId, path: Path, origin: str, replaces: bool, synced: Synced
) -> _There:
    before = knowledge.articles.mirrored(tenant, origin)
    there = _There()
    fresh: dict[str, ImportedArticle] = {}
    paths: dict[str, Path] = {}
    for file in article_files(tenant, path):
        if isinstance(file, BrokenFile):
            _note(synced, str(file))
            # What cannot be read says nothing of its article, a folder nothing of any.
            there.ids |= before.keys() if Path(file.path).is_dir() else _ids_of(Path(file.path))
            continue
        id = file.path.stem
        there.ids.add(id)
        there.any_read = True
        if id in before and before[id].digest == file.digest:
            synced.unchanged += 1
            continue
        try:
            fresh[id] = article_record(file.wire, partial(_warn, file), origin, file.digest)
        except ValidationError as error:
            _note(synced, f"{file.path}: {record_error(error)}")
        paths[id] = file.path
    _leave_out(knowledge, tenant, origin, replaces, synced, fresh, paths)
    if fresh:
        for id, detail in _index(knowledge, tenant, list(fresh.values())).items():
            del fresh[id]
            _note(synced, f"{paths[id]}: {detail}")
        knowledge.articles.set_origins(tenant, origin, {id: one.origin_digest or "" for id, one in fresh.items()})
        after = knowledge.articles.mirrored(tenant, origin)
        for id in fresh:
            synced.added += id not in before
            synced.changed += id in before and after[id].version != before[id].version
            synced.unchanged += id in before and after[id].version == before[id].version
    return there


def _leave_out(
    knowledge: KnowledgeBase,
    tenant: TenantId,
    origin: str,
    replaces: bool,
    synced: Synced,
    fresh: dict[str, ImportedArticle],
    paths: Mapping[str, Path],
) -> None:
    """Take out of ``fresh`` what is not taken over: articles that were merged, shared, or written elsewhere."""
    for id, into in knowledge.articles.merged(tenant, list(fresh)).items():
        del fresh[id]
        synced.merged += 1
        say(f"{paths[id]}: its article was merged into {into}, so its text is not taken over")
    if not replaces:
        for id in knowledge.sharing.shared_by(tenant, list(fresh)):
            del fresh[id]
            _note(
                synced,
                f"{paths[id]}: its article is shared with every tenant now; move the file to the folder 'shared', or"
                " --replace makes an edition of the tenant's own",
            )
        for id in knowledge.articles.written_elsewhere(tenant, origin, list(fresh)):
            del fresh[id]
            _note(synced, f"{paths[id]}: its article was written or changed elsewhere; --replace takes the file's text")


def _index(knowledge: KnowledgeBase, tenant: TenantId, fresh: list[ImportedArticle]) -> dict[str, str]:
    """Returns the reasons for articles that were refused, by id."""
    refused: dict[str, str] = {}
    sizes = [0, *itertools.accumulate(len(one.article.resolution) for one in fresh)]
    pace = Pace()
    with (
        progress_bar(f"indexing articles of {tenant}") as show,
        closing(knowledge.articles.import_lines(tenant, enumerate(fresh, start=1))) as reports,
    ):
        for report in reports:
            show(report.line, len(fresh), pace.seconds_left(time.monotonic(), sizes[report.line], sizes[-1]))
            refused = {fresh[line - 1].article.id: detail for line, detail in report.errors}
    return refused


def _warn(file: ArticleFile, detail: str) -> None:
    say(f"{file.path}: {detail}")


def _ids_of(path: Path) -> set[str]:
    return {path.stem} if path.suffix.lower() in MARKDOWN else set()


def _note(synced: Synced, text: str) -> None:
    synced.errors.append(text)
    say(f"left out: {text}")


def _summary(synced: Synced) -> str:
    counts: Iterator[str] = (
        f"{count} {name}"
        for name, count in (
            ("added", synced.added),
            ("changed", synced.changed),
            ("archived", synced.removed),
            ("unchanged", synced.unchanged),
            ("merged into another one", synced.merged),
            ("left out", len(synced.errors)),
        )
        if count
    )
    return f"articles: {', '.join(counts) or 'none'}"
