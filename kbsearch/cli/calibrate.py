"""``kbsearch calibrate``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.table import Table

from kbsearch.cli.options import data_option, existing, json_option, opened, tenant_option
from kbsearch.cli.output import out, print_json, say
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.learning.calibration import LEAST_TICKETS, SHIPPED
from kbsearch.model import TenantId
from kbsearch.store import learning


@click.command()
@data_option
@tenant_option
@click.option("--forget", is_flag=True, help="Forget what was learned and use the shipped weights again.")
@click.option("--status", is_flag=True, help="Only show when the ranking was last learned, and the outcome.")
@json_option
def calibrate(data_dir: Path | None, tenant: TenantId, forget: bool, status: bool, as_json: bool) -> None:
    """Learn the ranking from a tenant's resolved tickets.

    The result is judged on the newest fifth of the tickets and kept only if it ranks them better than the shipped
    weights. A server on the same data folder follows at once. A server also learns by itself when there is enough new
    history; this command does it now.
    """
    with opened(existing(data_dir=data_dir)) as knowledge:
        if status:
            _say_status(knowledge, tenant, as_json)
            return
        if forget:
            knowledge.forget_learned(tenant)
            say("forgotten; the shipped weights are used again")
            return
        result = knowledge.calibrate(tenant, say)
    if as_json:
        print_json(asdict(result))
        return
    if not result.judged:
        say(f"{_nothing_to_learn_from(result.tickets)}; the shipped weights are used")
        return
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for column in ("on the newest tickets", "hit@1", "gain@10", "surprise"):
        table.add_column(column, justify="left" if column == "on the newest tickets" else "right")
    for name, judged in result.judged.items():
        kept = " (kept)" if name == result.kept else ""
        table.add_row(name + kept, f"{judged.first:.3f}", f"{judged.gain:.3f}", f"{judged.surprise:.3f}")
    out.print(table)
    if result.kept == SHIPPED:
        say("nothing that was learned is better; the shipped weights are used")


def _nothing_to_learn_from(tickets: int) -> str:
    if tickets < LEAST_TICKETS:
        return f"{tickets} resolved tickets, {LEAST_TICKETS} are needed"
    return (
        f"there is nothing to learn from: each of the {tickets} resolved tickets has a solution of its own. Learning"
        " needs solutions that were used again: several tickets with the same one, or tickets solved with an article"
    )


def _say_status(knowledge: KnowledgeBase, tenant: TenantId, as_json: bool) -> None:
    with knowledge.store.read() as tx:
        last = learning.get(tx, tenant)
    if as_json:
        print_json(None if last is None else asdict(last))
    elif last is None:
        say("nothing was learned yet; the shipped weights are used")
    else:
        say(f"learned at {last.created_at} from {last.tickets} resolved tickets in {last.seconds} s: {last.outcome}")
        if not json.loads(last.measured):
            say(_nothing_to_learn_from(last.tickets))
        if last.since:
            gain = last.gained / last.since
            say(f"judged on {last.since} tickets since: gain@10 {gain:+.3f} compared with the shipped weights")
