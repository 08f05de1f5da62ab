"""``kbsearch tenants``."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from kbsearch.bootstrap import open_store
from kbsearch.cli.options import TenantType, data_option, existing, json_option, opened
from kbsearch.cli.output import print_json, print_table, say
from kbsearch.knowledge.tenant_erasing import ErasedTenant, check_erasable, erase_tenant
from kbsearch.model import TenantId
from kbsearch.settings import Settings
from kbsearch.store import holdings


@click.group()
def tenants() -> None:
    """Client companies."""


@tenants.command()
@click.argument("tenant", type=TenantType())
@data_option
@click.option("--yes", is_flag=True, help="Erase without asking.")
@json_option
def erase(tenant: TenantId, data_dir: Path | None, yes: bool, as_json: bool) -> None:
    """Erase all data of TENANT: knowledge, tickets, what was learned, settings. Keys for this tenant are revoked.

    Works beside a running server. Only a backup brings the data back. The audit log stays; it contains ids and no
    texts. Exit code 1 if files of the data folder still contain some of the data after a minute.
    """
    configured = existing(data_dir=data_dir)
    _ask(configured, tenant, yes)
    with opened(configured) as knowledge:
        erased = erase_tenant(knowledge.store, knowledge.purges, tenant)
    _report(tenant, erased, as_json)
    if not erased.purged:
        raise click.exceptions.Exit(1)


def _ask(configured: Settings, tenant: TenantId, yes: bool) -> None:
    """Ends the command unless there is such a tenant and the user wants it erased."""
    with closing(open_store(configured)) as store, store.read() as tx:
        check_erasable(tx, tenant)
        rows = holdings.count(tx, tenant)
    question = f"Erase all data of {tenant} ({rows['tickets']} tickets, {rows['solutions']} articles and solutions)?"
    if not yes and not click.confirm(question, err=True):
        say("nothing was erased")
        raise click.exceptions.Exit(1)


def _report(tenant: TenantId, erased: ErasedTenant, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "tenant": tenant,
                "erased": dict(erased.rows),
                "keys_revoked": erased.keys_revoked,
                "keys_narrowed": erased.keys_narrowed,
                "purged": erased.purged,
            }
        )
        return
    if erased.nothing:
        say(f"nothing is stored for {tenant}")
    else:
        counts = {
            **erased.rows,
            "keys revoked": erased.keys_revoked,
            "keys that lost the tenant": erased.keys_narrowed,
        }
        print_table(("erased", "count"), [(name.replace("_", " "), str(n)) for name, n in counts.items()])
    if erased.purged:
        say("no file of the data folder contains what was erased")
    else:
        say(
            "files of the data folder may still contain what was erased, because something reads the store or writes"
            " the index. A running server removes the rest; without one, run the command again"
        )
