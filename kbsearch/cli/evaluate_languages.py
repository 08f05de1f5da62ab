"""``kbsearch evaluate-languages``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from kbsearch.cli.evaluate import opened, print_reports
from kbsearch.cli.options import json_option
from kbsearch.cli.output import log_to_stderr, out, print_json, progress_bars
from kbsearch.evaluation.collections import Collection
from kbsearch.evaluation.languages import in_other_languages, known_items, new_issue_auroc, read_unanswerable, tickets
from kbsearch.evaluation.run import TENANT, Report, evaluate


@click.command("evaluate-languages")
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--language", "languages", multiple=True, default=("bg",), show_default=True, help="Of KB files; repeat.")
@click.option("--only", multiple=True, help="Only collections whose name begins so; repeat.")
@click.option("--queries", type=click.IntRange(1), default=600, show_default=True, help="How many titles are asked.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which titles are asked.")
@click.option("--model", help="Embedding model: `default`, a name or a folder.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep the indexes and use them again.")
@json_option
def evaluate_languages(
    data: Path,
    languages: tuple[str, ...],
    only: tuple[str, ...],
    queries: int,
    seed: int,
    model: str | None,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Measure questions in one language on knowledge in the same or another, through the service itself.

    DATA has kb/LANGUAGE.jsonl (id, title, english_title, body), and may have bg_tickets and sumo_kb in the
    BEIR layout. For each corpus it is also measured how well tickets without an answer are recognised.
    """
    log_to_stderr()
    reports: list[Report] = []
    aurocs: dict[str, float] = {}
    for collection in _collections(data, languages, queries, seed):
        if only and not collection.name.startswith(only):
            continue
        with opened(collection, model, keep) as knowledge, progress_bars() as show:
            reports.append(evaluate(knowledge, collection, show))
            unanswerable = data / "bg_tickets" / "unanswerable.jsonl"
            if collection.name in ("bg_tickets -> bg", "bg_tickets -> en") and unanswerable.is_file():
                auroc = new_issue_auroc(knowledge, TENANT, collection.queries, read_unanswerable(unanswerable))
                aurocs[collection.name] = auroc
    if not reports:
        raise click.UsageError("there is no such collection")
    if as_json:
        print_json({"collections": [report.summary() for report in reports], "new_issue_auroc": aurocs})
        return
    print_reports(reports)
    for name, auroc in aurocs.items():
        out.print(f"{name}: tickets without an answer are recognised with AUROC {auroc:.3f}")


def _collections(data: Path, languages: tuple[str, ...], queries: int, seed: int) -> Iterator[Collection]:
    for language in languages:
        yield from known_items(data / "kb" / f"{language}.jsonl", queries, seed)
    if (data / "bg_tickets").is_dir():
        for corpus in ("en", "bg"):
            yield from tickets(data / "bg_tickets", data / "kb" / f"{corpus}.jsonl")
    if (data / "sumo_kb").is_dir():
        yield in_other_languages(data / "sumo_kb")
