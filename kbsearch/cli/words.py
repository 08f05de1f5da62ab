"""``kbsearch words``: what a tenant's people type, and the names that are meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from rich.table import Table

from kbsearch.cli.options import as_this_user, data_option, existing, json_option, opened, tenant_option
from kbsearch.cli.output import out, print_json, say
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import TenantId, TradeWord

_PAGE = 200


@click.group()
def words() -> None:
    """Words of a tenant's trade: what people type, and the name that is meant."""


@words.command("list")
@data_option
@tenant_option
@json_option
def list_(data_dir: Path | None, tenant: TenantId, as_json: bool) -> None:
    """Show the tenant's own words, and from how many tickets those were learned that no lead set."""
    with opened(existing(data_dir=data_dir)) as knowledge:
        found = list(_all(knowledge, tenant))
    if as_json:
        print_json(
            [{"word": one.word, "name": one.name, "origin": one.origin, "tickets": one.tickets} for one in found]
        )
        return
    table = Table("word", "name", "origin", "tickets")
    for one in found:
        table.add_row(one.word, one.name, one.origin, str(one.tickets) if one.tickets else "-")
    out.print(table)


@words.command("set")
@click.argument("word")
@click.argument("name")
@data_option
@tenant_option
def set_(word: str, name: str, data_dir: Path | None, tenant: TenantId) -> None:
    """Read WORD, whatever ending it has, as NAME from the next question on. WORD may be several words."""
    with opened(existing(data_dir=data_dir)) as knowledge, as_this_user():
        written, _ = knowledge.words.put(tenant, word, name)
    say(f"{written.word} is read as {written.name}")


@words.command()
@click.argument("word")
@data_option
@tenant_option
def remove(word: str, data_dir: Path | None, tenant: TenantId) -> None:
    """Take WORD away. A word that was learned from tickets is not learned again."""
    with opened(existing(data_dir=data_dir)) as knowledge, as_this_user():
        knowledge.words.drop(tenant, word)
    say(f"{word} is read as written")


@words.command()
@data_option
@tenant_option
def learn(data_dir: Path | None, tenant: TenantId) -> None:
    """Learn from the tenant's tickets now. A server does so by itself."""
    with opened(existing(data_dir=data_dir)) as knowledge, as_this_user():
        say(f"{knowledge.learn_words(tenant)} words learned")


def _all(knowledge: KnowledgeBase, tenant: TenantId) -> Iterator[TradeWord]:
    after = ""
    while page := knowledge.words.page(tenant, after, _PAGE):
        yield from page
        after = page[-1].word
