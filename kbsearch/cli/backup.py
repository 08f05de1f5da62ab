"""``kbsearch backup`` and ``kbsearch restore``."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from kbsearch.cli.options import data_option, settings
from kbsearch.cli.output import progress_bar, say
from kbsearch.errors import StorageError
from kbsearch.store.sqlite import backup as backups
from kbsearch.store.sqlite.files import has_store
from kbsearch.store.sqlite.folder_use import alone_in

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@data_option
@click.option("--force", is_flag=True, help="Replace an existing file.")
def backup(file: Path, data_dir: Path | None, force: bool) -> None:
    """Back up the database to one FILE, beside a running server.

    The file contains tickets, articles, feedback, keys and vectors of all tenants, as of one moment, and is
    verified. It does not contain models, settings and KBSEARCH_RAW_KEY.
    """
    folder = settings(data_dir=data_dir).data_dir
    if file.exists() and not force:
        raise StorageError(f"{file}: the file exists; --force replaces it")
    with progress_bar("copying, pages") as show:
        backups.back_up(folder, file, show)
    say(f"{file}: {file.stat().st_size // 1024} KiB, verified")


@click.command()
@click.argument("file", type=_FILE)
@data_option
@click.option("--force", is_flag=True, help="Replace an existing database.")
def restore(file: Path, data_dir: Path | None, force: bool) -> None:
    """Restore a backup FILE into the data folder. Stop the server first.

    The file is verified before anything is changed. The next start rebuilds the index.
    """
    folder = settings(data_dir=data_dir).data_dir
    backups.check_backup(file)
    with alone_in(folder):
        if has_store(folder) and not force:
            raise StorageError(f"{folder}: the folder has a database; --force replaces it")
        # Its snapshots are of another history, whose numbers mean something else.
        shutil.rmtree(folder / "index", ignore_errors=True)
        backups.restore(file, folder)
    say(f"{file} is restored to {folder}; the next start rebuilds the index")
