"""``kbsearch audit``: who changed what."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from kbsearch.access.audit import AuditLog
from kbsearch.bootstrap import open_store
from kbsearch.cli.options import TenantType, data_option, existing, json_option
from kbsearch.cli.output import print_json, print_table
from kbsearch.model import AuditEntry, TenantId
from kbsearch.store.audit import AuditFilter


@click.command()
@data_option
@click.option("--tenant", type=TenantType(), help="Only this tenant; without it all tenants and the whole service.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]), help="Only from this time on, in UTC."
)
@click.option("--actor", help="Only changes by this actor, for example `key:ID`.")
@click.option("--action", help="Only this action, for example `ticket.erased`.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="Maximum number of entries."
)
@json_option
def audit(
    data_dir: Path | None,
    tenant: TenantId | None,
    since: datetime | None,
    actor: str | None,
    action: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Show the audit log, newest first: who did what, when. It contains ids, never texts."""
    tenants = None if tenant is None else (tenant,)
    wanted = AuditFilter(tenants, since and since.replace(tzinfo=UTC), None, actor, action)
    with closing(open_store(existing(data_dir=data_dir))) as store:
        found = AuditLog(store).page(wanted, None, limit)
    if as_json:
        print_json([_fields(entry) for entry in found])
        return
    rows = [
        (
            f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.actor, entry.tenant or "-", entry.action, entry.subject,
            entry.detail or "",
        )
        for entry in found
    ]  # fmt: skip
    print_table(("when (UTC)", "who", "tenant", "action", "what", "detail"), rows, ("when (UTC)", "what"))


def _fields(entry: AuditEntry) -> dict[str, str | None]:
    return {
        "at": entry.at.isoformat().replace("+00:00", "Z"),
        "actor": entry.actor,
        "request_id": entry.request_id,
        "tenant": entry.tenant,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
    }
