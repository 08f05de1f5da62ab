"""``kbsearch status``."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from pydantic_core import to_jsonable_python

from kbsearch.bootstrap import open_store
from kbsearch.cli.options import data_option, existing, json_option
from kbsearch.cli.output import out, plain, print_json, print_table
from kbsearch.desk.words import counted
from kbsearch.knowledge.indexing.documents import RECIPE
from kbsearch.store import generations, status
from kbsearch.store.status import StoreStatus

_LEARNED = {"kept": "kept", "shipped": "nothing better", "undone": "undone"}


@click.command("status")
@data_option
@json_option
def status_(data_dir: Path | None, as_json: bool) -> None:
    """Show what the data folder holds: tenants, index, model, last reindex and calibration. Needs no model."""
    configured = existing(data_dir=data_dir)
    with closing(open_store(configured)) as store, store.read() as tx:
        found = status.read(tx)
        current = generations.current(tx)
        outdated = current is not None and current.recipe != RECIPE
    if as_json:
        print_json(to_jsonable_python({**asdict(found), "outdated": outdated}))
        return
    out.print(f"[bold]Data folder[/]  {plain(str(configured.data_dir))}")
    for label, text in _facts(found, outdated):
        out.print(f"[bold]{label:<11}[/]  {plain(text)}")
    out.print()
    print_table(
        ("tenant", "tickets", "articles", "revision", "ranking learned"),
        [
            (
                one.tenant,
                f"{one.tickets:,}",
                f"{one.articles:,}",
                str(one.revision),
                "never" if one.learned_at is None else f"{_day(one.learned_at)}: {_LEARNED.get(one.learned or '', '')}",
            )
            for one in found.tenants
        ],
        ("tenant",),
    )


def _facts(found: StoreStatus, outdated: bool) -> list[tuple[str, str]]:
    if found.model_id is None or found.indexed_at is None:
        return [("Index", "none yet; 'kbsearch serve' or 'kbsearch import' builds it")]
    holds = (
        f"{counted(found.documents, 'document', 'documents')}, {counted(found.passages, 'passage', 'passages')},"
        f" built {_day(found.indexed_at)}"
    )
    if outdated:
        holds += "; outdated, the next 'kbsearch serve' rebuilds it"
    reindex = "none" if found.reindex is None or found.reindex_at is None else _reindexed(found)
    erased = counted(found.erasures_pending, "erasure waits", "erasures wait") if found.erasures_pending else "none"
    return [("Index", holds), ("Model", found.model_id), ("Reindex", reindex), ("To purge", erased)]


def _reindexed(found: StoreStatus) -> str:
    assert found.reindex is not None
    assert found.reindex_at is not None
    return f"{found.reindex} {_day(found.reindex_at)}"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
