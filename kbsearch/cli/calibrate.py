"""``kbsearch calibrate``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from rich.table import Table

from kbsearch.cli.options import data_option, existing, json_option, opened, tenant_option
from kbsearch.cli.output import out, print_json, say
from kbsearch.knowledge.calibration import LEAST_TICKETS, SHIPPED
from kbsearch.model import TenantId


@click.command()
@data_option
@tenant_option
@click.option("--forget", is_flag=True, help="Forget what was learned; rank with the shipped weights again.")
@json_option
def calibrate(data_dir: Path | None, tenant: TenantId, forget: bool, as_json: bool) -> None:
    """Learn the ranking from the desk's own resolved tickets.

    What was learned is judged on the newest fifth of the tickets and kept only if it ranks them better than the
    shipped weights do; a server on the same data folder follows at once. Worth running once a week.
    """
    with opened(existing(data_dir=data_dir)) as knowledge:
        if forget:
            knowledge.forget_learned(tenant)
            say("forgotten; the shipped weights rank again")
            return
        result = knowledge.calibrate(tenant, say)
    if as_json:
        print_json(asdict(result))
        return
    if not result.judged:
        say(f"{result.tickets} resolved tickets, {LEAST_TICKETS} are needed; the shipped weights rank")
        return
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for column in ("on the newest tickets", "hit@1", "gain@10", "surprise"):
        table.add_column(column, justify="left" if column == "on the newest tickets" else "right")
    for name, judged in result.judged.items():
        kept = " (kept)" if name == result.kept else ""
        table.add_row(name + kept, f"{judged.first:.3f}", f"{judged.gain:.3f}", f"{judged.surprise:.3f}")
    out.print(table)
    if result.kept == SHIPPED:
        say("nothing learned was better; the shipped weights rank")
