"""``kbsearch backup`` and ``kbsearch restore``."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from kbsearch.cli.options import data_option, settings
from kbsearch.cli.output import progress_bar, say
from kbsearch.errors import StorageError
from kbsearch.store.sqlite import backup as backups
from kbsearch.store.sqlite.database import FILE_NAME
from kbsearch.store.sqlite.folder_use import alone_in

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@data_option
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def backup(file: Path, data_dir: Path | None, force: bool) -> None:
    """Copy all knowledge to one FILE while a server goes on serving.

    The file holds the state of one moment, checked: tickets, articles, feedback, jobs and vectors. The
    index is rebuilt from it; models, settings and KBSEARCH_RAW_KEY are not in it.
    """
    folder = settings(data_dir=data_dir).data_dir
    if file.exists() and not force:
        raise StorageError(f"{file}: there is a file already; --force replaces it")
    with progress_bar("copying, pages") as show:
        backups.back_up(folder, file, show)
    say(f"{file}: {file.stat().st_size // 1024} KiB, checked")


@click.command()
@click.argument("file", type=_FILE)
@data_option
@click.option("--force", is_flag=True, help="Replace the store that is in the data folder.")
def restore(file: Path, data_dir: Path | None, force: bool) -> None:
    """Put a backup FILE into the data folder, which nothing may use meanwhile.

    The file is checked before anything is changed. The next start builds the index from it.
    """
    folder = settings(data_dir=data_dir).data_dir
    backups.check_backup(file)
    with alone_in(folder):
        if (folder / FILE_NAME).exists() and not force:
            raise StorageError(f"{folder}: there is a store already; --force replaces it")
        # Its snapshots are of another history, whose numbers mean something else.
        shutil.rmtree(folder / "index", ignore_errors=True)
        backups.restore(file, folder)
    say(f"{folder} holds what was in {file}; the next start builds the index")
