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
from kbsearch.cli.replays import check_plotting, draw, show_replays
from kbsearch.errors import BrokenFile
from kbsearch.evaluation.collections import Collection, read_beir, read_known_item
from kbsearch.evaluation.replay import Policy, Replay
from kbsearch.evaluation.replay import replay as run_replay
from kbsearch.evaluation.run import Report
from kbsearch.evaluation.run import evaluate as run_evaluation
from kbsearch.knowledge import KnowledgeBase


@click.command()
@click.argument("collections", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--corpus",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Read documents from this file instead of corpus.jsonl.",
)
@click.option("--where", help="Only queries with this metadata, for example `lang=it`.")
@click.option("--ask", default="title", show_default=True, help="For a KB file: the field to use as the question.")
@click.option(
    "--queries", type=click.IntRange(1), default=600, show_default=True, help="For a KB file: the number of questions."
)
@click.option("--model", help="Embedding model: `default`, a name or a folder.")
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep the indexes here and use them again."
)
@click.option(
    "--run", "run_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the ranked lists here (TREC run)."
)
@click.option("--replay", "replayed", is_flag=True, help="Replay the queries in time order: ask, write back, next.")
@click.option(
    "--policy",
    "policies",
    type=click.Choice([str(policy) for policy in Policy]),
    multiple=True,
    help="For --replay: when resolved tickets become known. Default: all policies in turn.",
)
@click.option(
    "--without-answer",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="For --replay: remove this share of the right articles, with their tickets.",
)
@click.option("--no-learning", is_flag=True, help="For --replay: never calibrate on what was written back.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="For --replay: plot success against tickets written back (PNG or SVG).",
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
    replayed: bool,
    policies: tuple[str, ...],
    without_answer: float,
    no_learning: bool,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Measure quality on judged COLLECTIONS, through the service itself.

    A collection is a folder in the BEIR layout (corpus.jsonl, queries.jsonl, qrels.tsv), or a KB file
    (NDJSON with id, title, body) for known-item search: titles are the questions, bodies are indexed.

    With --replay the queries are asked in the order of `created`. Each is answered, scored and then written back as
    resolved with its article. The figures cover the last 40 %.
    """
    log_to_stderr()
    condition = _condition(where)
    read = [_collection(path, corpus, condition, ask, queries) for path in collections]
    if replayed:
        if keep is not None:
            raise click.UsageError("--keep cannot be combined with --replay, which needs an empty knowledge base")
        wanted = [Policy(policy) for policy in policies] or list(Policy)
        if plot is not None:
            check_plotting()
        replays = [one for each in read for one in _replay(each, model, wanted, without_answer, not no_learning)]
        if plot is not None:
            draw(replays, plot)
        show_replays(replays, as_json)
        return
    reports = [_measure(collection, model, keep) for collection in read]
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


def _measure(collection: Collection, model: str | None, keep: Path | None) -> Report:
    with opened(collection, model, keep) as knowledge, progress_bars() as show:
        return run_evaluation(knowledge, collection, show)


def _replay(
    collection: Collection, model: str | None, policies: list[Policy], without_answer: float, learns: bool
) -> list[Replay]:
    with opened(collection, model, None) as knowledge, progress_bars() as show:
        return run_replay(knowledge, collection, policies, show, without_answer, learns)


def _condition(where: str | None) -> tuple[str, str] | None:
    if where is None:
        return None
    name, equals, value = where.partition("=")
    if not equals:
        raise click.UsageError("--where takes NAME=VALUE")
    return name, value


def _collection(
    path: Path, corpus: Path | None, condition: tuple[str, str] | None, ask: str, queries: int
) -> Collection:
    collection = read_known_item(path, ask, queries) if path.is_file() else read_beir(path, corpus, condition)
    if not collection.queries:
        raise BrokenFile(str(path), "no query has a relevant document in the corpus")
    return collection


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
