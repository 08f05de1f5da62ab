"""``kbsearch reindex``."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType

import click

from kbsearch.cli.options import data_option, existing, json_option, opened
from kbsearch.cli.output import print_json, progress_bar, say
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.indexing.reindex import Cancelled
from kbsearch.model import Generation


@click.command()
@data_option
@click.option("--model", help="Change to this embedding model: `default`, a name or a folder.")
@json_option
def reindex(data_dir: Path | None, model: str | None, as_json: bool) -> None:
    """Build a new index beside the old one, then switch to it.

    A server on the same data folder keeps answering and follows by itself. After kill -9 the next run continues where
    this one stopped; vectors of unchanged text are not computed again.
    """
    with opened(existing(data_dir=data_dir)) as knowledge:
        try:
            generation = rebuild(knowledge, model)
        except Cancelled:
            say("stopped; the next reindex continues from here, and the old index stays current")
            raise click.exceptions.Exit(130) from None
        documents, passages = knowledge.count()
    if as_json:
        print_json(
            {"generation": generation.id, "model": generation.model_id, "documents": documents, "passages": passages}
        )
    else:
        say(f"generation {generation.id} is current: {documents} documents, {passages} passages, {generation.model_id}")


def rebuild(knowledge: KnowledgeBase, model: str | None) -> Generation:
    """Reindex with a progress bar. SIGTERM stops it after its current batch: Cancelled is raised."""
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with progress_bar("reindexing") as show:

            def progress(done: int, total: int, seconds_left: float | None) -> bool:
                show(done, total, seconds_left)
                return stopping

            return knowledge.reindexing.run(model, progress)
    finally:
        signal.signal(signal.SIGTERM, before)
