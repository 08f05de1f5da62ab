"""``kbsearch evaluate``."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.table import Table

from kbsearch.bootstrap import open_knowledge
from kbsearch.cli.options import json_option, settings
from kbsearch.cli.output import log_to_stderr, out, print_json, progress_bars, say
from kbsearch.errors import BrokenFile
from kbsearch.evaluation.collections import Collection, read_beir, read_known_item
from kbsearch.evaluation.run import Report
from kbsearch.evaluation.run import evaluate as run_evaluation
from kbsearch.knowledge import KnowledgeBase


@click.command()
@click.argument("collections", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--corpus", type=click.Path(dir_okay=False, path_type=Path), help="Documents from this file instead of DIR's."
)
@click.option("--where", help="Only queries whose metadata says so, as in `lang=it`.")
@click.option("--ask", default="title", show_default=True, help="For a KB file: the field that is asked.")
@click.option(
    "--queries", type=click.IntRange(1), default=600, show_default=True, help="For a KB file: how many are asked."
)
@click.option("--model", help="Embedding model: `default`, a name or a folder.")
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep the indexes here and use them again."
)
@click.option(
    "--run", "run_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the ranked lists here (TREC run)."
)
@json_option
def evaluate(
    collections: tuple[Path, ...],
    corpus: Path | None,
    where: str | None,
    ask: str,
    queries: int,
    model: str | None,
    keep: Path | None,
    run_file: Path | None,
    as_json: bool,
) -> None:
    """Measure quality on judged COLLECTIONS, through the service itself.

    A collection is a folder in the BEIR layout (corpus.jsonl, queries.jsonl, qrels.tsv), or a KB file
    (NDJSON with id, title, body) for known-item search: its titles are asked, its bodies are indexed.
    """
    log_to_stderr()
    condition = None
    if where is not None:
        name, equals, value = where.partition("=")
        if not equals:
            raise click.UsageError("--where takes NAME=VALUE")
        condition = (name, value)
    reports: list[Report] = []
    for path in collections:
        collection = read_known_item(path, ask, queries) if path.is_file() else read_beir(path, corpus, condition)
        if not collection.queries:
            raise BrokenFile(str(path), "no query has a relevant document in the corpus")
        with opened(collection, model, keep) as knowledge, progress_bars() as show:
            reports.append(run_evaluation(knowledge, collection, show))
    if run_file is not None:
        run_file.write_text("".join(_trec_lines(reports)))
    if as_json:
        print_json([report.summary() for report in reports])
        return
    print_reports(reports)


def print_reports(reports: Sequence[Report]) -> None:
    """A table of all reports, which have the same metrics."""
    names = list(reports[0].metrics)
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for column in ("collection", "n", *names, "p50 ms", "p95 ms"):
        table.add_column(column, justify="left" if column == "collection" else "right")
    for report in reports:
        figures = [f"{report.metrics[name]:.3f}" for name in names]
        times = [f"{report.latency_ms[name]:.1f}" for name in ("p50", "p95")]
        table.add_row(report.collection, str(report.n), *figures, *times)
    out.print(table)


@contextmanager
def opened(collection: Collection, model: str | None, keep: Path | None) -> Generator[KnowledgeBase]:
    """A knowledge base for a collection's articles, kept for the next run or thrown away afterwards."""
    with tempfile.TemporaryDirectory(prefix="kbsearch-evaluate-") as temporary:
        name = "".join(c if c.isalnum() else "-" for c in collection.corpus or collection.name)
        folder = keep / name if keep else Path(temporary)
        say(f"{collection.name}: {len(collection.articles)} documents, {len(collection.queries)} queries")
        knowledge = open_knowledge(settings(data_dir=folder, model=model))
        try:
            yield knowledge
        finally:
            knowledge.close()


def _trec_lines(reports: list[Report]) -> list[str]:
    return [
        f"{query} Q0 {document} {rank} {score:.6f} kbsearch\n"
        for report in reports
        for query, ranked in report.run.items()
        for rank, (document, score) in enumerate(ranked.items(), start=1)
    ]
