"""``kbsearch connectors``: connected ticket systems, looked at without changing anything."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import click

from kbsearch.bootstrap import open_store
from kbsearch.cli.options import data_option, existing, json_option, settings
from kbsearch.cli.output import print_json, print_table, say
from kbsearch.errors import BrokenFile, InvalidInput
from kbsearch.store import inbox as stored
from kbsearch.ticketing.connector import Connector, connectors_in, preset_names, secrets_of
from kbsearch.ticketing.events import NoEvent, event_of
from kbsearch.ticketing.fields import FieldRule, Rejected

_REFUSALS_SHOWN = 20


@click.group()
def connectors() -> None:
    """Look at connected ticket systems: a YAML file each in KBSEARCH_CONNECTORS_DIR."""


_folder_option = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the connectors' files (KBSEARCH_CONNECTORS_DIR).",
)


@connectors.command("list")
@_folder_option
@json_option
def list_(folder: Path | None, as_json: bool) -> None:
    """List the connectors and the presets."""
    found = connectors_in(_folder(folder))
    if as_json:
        print_json([{"name": one.name, "preset": one.preset} for one in found.values()])
        return
    print_table(("connector", "preset"), [(one.name, one.preset or "-") for one in found.values()])
    say(f"presets: {', '.join(preset_names())}")


@connectors.command()
@_folder_option
@click.argument("name")
def check(folder: Path | None, name: str) -> None:
    """Say in words what the connector NAME does, and what is missing."""
    connector = _named(folder, name)
    secrets = secrets_of(connector)
    proof = "a signature" if connector.verify.kind == "hmac" else "a token"
    say(f"{name}: messages of {connector.preset or 'a system of its own'}, sent to /v1/hooks/{name}")
    say(f"proven by {proof} in the header {connector.verify.header}; {len(secrets)} of 2 secrets set")
    if connector.verify.timestamp_header is not None:
        say(f"messages older than {connector.verify.max_age_s} s are refused")
    elif connector.verify.kind == "hmac":
        say("messages carry no time: one that was overheard could be sent again, and is recognised by its id only")
    say(f"client: {_tenant_words(connector.tenant)}")
    for rule in connector.kinds:
        when = "; ".join(f"{place} is {' or '.join(wanted)}" for place, wanted in rule.when.items())
        say(f"{rule.kind}: {when}")
    if not connector.resolution:
        say("no resolution is named: no fix is taken from this system")
    if not connector.own_accounts:
        say("own_accounts is empty: name the account that kbsearch uses there, so that its own notes are no events")


@connectors.command("try")
@_folder_option
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--header", "given", multiple=True, metavar="NAME:VALUE", help="A header; may be repeated.")
@json_option
def try_(folder: Path | None, name: str, file: Path, given: tuple[str, ...], as_json: bool) -> None:
    """Show what the connector NAME makes of a message in FILE. The signature is not looked at."""
    connector = _named(folder, name)
    try:
        payload: Any = json.loads(file.read_bytes())
    except ValueError:
        raise BrokenFile(str(file), "this is no JSON") from None
    if not isinstance(payload, dict):
        raise BrokenFile(str(file), "this is no JSON object")
    pairs = (one.partition(":") for one in given)
    headers = {key.strip().lower(): value.strip() for key, _, value in pairs}
    try:
        event = event_of(connector, cast("dict[str, Any]", payload), headers)
    except NoEvent as reason:
        say(f"nothing is done: {reason}")
        return
    except Rejected as reason:
        say(f"refused: {reason}")
        raise click.exceptions.Exit(1) from None
    fields: dict[str, Any] = {
        "kind": event.kind, "client": event.tenant, "actor": event.actor, "delivery_id": event.delivery_id,
        "occurred_at": event.occurred_at, **{f"ticket.{key}": value for key, value in event.ticket.items()},
        **event.resolution,
    }  # fmt: skip
    if as_json:
        print_json(fields)
        return
    print_table(("field", "value"), [(key, _short(value)) for key, value in fields.items() if value is not None])
    if event.kind == "resolved" and not event.resolution.get("resolution"):
        say("the message holds no text of the fix: the ticket would wait for review")


@connectors.command()
@data_option
@json_option
def inbox(data_dir: Path | None, as_json: bool) -> None:
    """Show how many messages wait, were worked off or refused, and why the latest were refused."""
    with closing(open_store(existing(data_dir=data_dir))) as store, store.read() as tx:
        counts, refusals = stored.counts(tx), stored.refusals(tx, _REFUSALS_SHOWN)
    if as_json:
        print_json(
            {
                "counts": [{"connector": name, "state": state, "messages": n} for (name, state), n in counts.items()],
                "refused": [
                    {"connector": one.connector, "delivery": one.delivery, "reason": one.reason} for one in refusals
                ],
            }
        )
        return
    rows = [(name, state, str(n)) for (name, state), n in sorted(counts.items())]
    print_table(("connector", "state", "messages"), rows)
    for one in refusals:
        say(f"{one.received_at:%Y-%m-%d %H:%M} {one.connector} {one.delivery}: {one.reason}")


def _named(folder: Path | None, name: str) -> Connector:
    found = connectors_in(_folder(folder))
    if name not in found:
        raise InvalidInput("", f"there is no connector {name}; there are: {', '.join(found) or 'none'}")
    return found[name]


def _folder(given: Path | None) -> Path:
    folder = given or settings().connectors_dir
    if folder is None:
        raise InvalidInput("", "name the folder of the connectors with --folder or KBSEARCH_CONNECTORS_DIR")
    if not folder.is_dir():
        raise InvalidInput("", f"there is no folder {folder}")
    return folder


def _tenant_words(rule: FieldRule) -> str:
    if rule.value is not None:
        return f"always {rule.value}"
    place = rule.path or " or ".join(rule.first)
    if not rule.map:
        return f"the value of {place}, as it is; messages without it are refused"
    return f"by {place}: " + ", ".join(f"{key} is {value}" for key, value in rule.map.items()) + "; others are refused"


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 100 else f"{text[:99]}…"
