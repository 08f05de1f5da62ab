"""``kbsearch check``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from kbsearch.bootstrap import local_indexes, open_store
from kbsearch.cli.options import data_option, existing, json_option
from kbsearch.cli.output import print_json, say
from kbsearch.knowledge.indexing import checking


@click.command()
@data_option
@click.option("--mend", is_flag=True, help="Delete an index that differs from the store; the next start rebuilds it.")
@json_option
def check(data_dir: Path | None, mend: bool, as_json: bool) -> None:
    """Verify the database, and the index against it. Needs no model and works beside a server.

    Exit code 0 if everything is sound or was repaired, 1 otherwise.
    """
    settings = existing(data_dir=data_dir)
    store, indexes = open_store(settings), local_indexes(settings)
    try:
        found = checking.check(store, indexes)
        mended = mend and found.index is not None
        if mended:
            checking.throw_away_index(store, indexes)
    finally:
        store.close()
    if as_json:
        print_json({**asdict(found), "mended": mended})
    _tell(found, mended)
    if found.damage or found.unindexed or (found.index is not None and not mended):
        raise click.exceptions.Exit(1)


def _tell(found: checking.Checked, mended: bool) -> None:
    for text in found.damage:
        say(f"the store is damaged: {text}")
    if found.damage:
        say("restore a backup: kbsearch restore FILE --force")
        return
    if found.unindexed:
        say(f"{found.unindexed} tickets or articles differ between store and index; 'kbsearch reindex' repairs it")
    if found.index is not None:
        advice = (
            "it is deleted, and the next start rebuilds it"
            if mended
            else "--mend deletes it, and the next start rebuilds it"
        )
        say(f"the index differs from the store ({found.index}); {advice}")
    if found.is_sound:
        say(f"sound: {found.documents} documents, {found.passages} passages")
