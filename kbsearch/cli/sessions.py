"""``kbsearch sessions``: who is signed in to the pages. Works on the data folder, a running server follows at once."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from kbsearch.bootstrap import open_store
from kbsearch.cli.options import as_this_user, data_option, existing, json_option
from kbsearch.cli.output import print_json, print_table, say
from kbsearch.store import sessions as stored


@click.group()
def sessions() -> None:
    """List and end sessions of the pages."""


@sessions.command("list")
@data_option
@json_option
def list_(data_dir: Path | None, as_json: bool) -> None:
    """List who is signed in, and until when. WHO is the id of a key or a person."""
    with closing(open_store(existing(data_dir=data_dir))) as store, store.read() as tx:
        found = stored.every(tx)
    if as_json:
        print_json([{"who": who, "expires_at": f"{until:%Y-%m-%dT%H:%M:%SZ}"} for who, until in found])
    elif found:
        print_table(("who", "until (UTC)"), [(who, f"{until:%Y-%m-%d %H:%M}") for who, until in found])
    else:
        say("nobody is signed in")


@sessions.command()
@data_option
@click.argument("who", required=False)
@click.option("--all", "everyone", is_flag=True, help="End the sessions of everyone.")
def end(data_dir: Path | None, who: str | None, everyone: bool) -> None:
    """End the sessions of WHO, as `kbsearch sessions list` names them: the next click leads to the sign-in."""
    if (who is None) != everyone:
        raise click.UsageError("name a person or key, or give --all")
    with closing(open_store(existing(data_dir=data_dir))) as store, as_this_user(), store.write() as tx:
        ended = stored.end_of(tx, who)
    say(f"{ended} session{'' if ended == 1 else 's'} ended")
