"""``kbsearch keys``: who may use the server. Works on the data folder, a running server follows at once."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from kbsearch.access.keys import Keys
from kbsearch.access.people import EVERY_TENANT
from kbsearch.bootstrap import open_store
from kbsearch.cli.options import TenantType, as_this_user, data_option, existing, json_option, settings
from kbsearch.cli.output import print_json, print_table, say
from kbsearch.model import Key, Role, TenantId
from kbsearch.store.port import Store, utc_now

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _TenantOrEvery(click.ParamType[str]):
    name = "tenant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value if value == EVERY_TENANT else TenantType().convert(value, param, ctx)


@click.group()
def keys() -> None:
    """Create, list, revoke and rotate keys. After the first one, every caller needs a key."""


@keys.command()
@data_option
@click.argument("label")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="What the key may do.")
@click.option(
    "--tenant",
    "tenants",
    type=_TenantOrEvery(),
    multiple=True,
    required=True,
    help="The tenant it acts for; may be repeated. `*` is every tenant, including later ones.",
)
@click.option(
    "--days", type=click.IntRange(1, 36_500), help="Validity in days; without it the key is valid until it is revoked."
)
@json_option
def create(
    data_dir: Path | None, label: str, role: str, tenants: tuple[str, ...], days: int | None, as_json: bool
) -> None:
    """Create a key and show it once. LABEL says who has it, for example "RT, production"."""
    wanted = None if EVERY_TENANT in tenants else tuple(TenantId(one) for one in tenants)
    with _store(data_dir, may_be_new=True) as store:
        expires_at = None if days is None else utc_now() + timedelta(days=days)
        key, text = Keys(store).create(label, Role(role), wanted, expires_at)
    _show_new(key, text, as_json)


@keys.command("list")
@data_option
@json_option
def list_(data_dir: Path | None, as_json: bool) -> None:
    """List all keys, including revoked and expired ones. The keys themselves are not stored."""
    with _store(data_dir) as store:
        found = Keys(store).every()
    if as_json:
        print_json([_fields(key) for key in found])
        return
    if not found:
        say(
            "There are no keys. A server on a loopback address serves everyone who reaches it as admin of the tenant"
            " 'default'; on any other address it does not start. Create a key with 'kbsearch keys create'."
        )
        return
    rows = [
        (
            key.id, key.label, key.role, EVERY_TENANT if key.tenants is None else " ".join(key.tenants),
            _day(key.created_at), _day(key.last_used_at), _state(key),
        )
        for key in found
    ]  # fmt: skip
    print_table(("id", "label", "role", "tenants", "created", "last used", "state"), rows)


@keys.command()
@data_option
@click.argument("id")
def revoke(data_dir: Path | None, id: str) -> None:
    """Revoke a key: its next request is refused."""
    with _store(data_dir) as store:
        key = Keys(store).revoke(id)
    say(f"key {key.id} ({key.label}) is revoked")


@keys.command()
@data_option
@click.argument("id")
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 24 * 365),
    default=24,
    show_default=True,
    help="How long the old key stays valid; 0 revokes it now.",
)
@json_option
def rotate(data_dir: Path | None, id: str, overlap_hours: int, as_json: bool) -> None:
    """Replace a key by a new one with the same role and tenants, and show it once."""
    with _store(data_dir) as store:
        key, text = Keys(store).rotate(id, timedelta(hours=overlap_hours))
    _show_new(key, text, as_json)
    say(f"key {id} " + (f"is valid for another {overlap_hours} hours" if overlap_hours else "is revoked"))


@contextmanager
def _store(data_dir: Path | None, may_be_new: bool = False) -> Generator[Store]:
    configured = settings(data_dir=data_dir) if may_be_new else existing(data_dir=data_dir)
    with closing(open_store(configured)) as store, as_this_user():
        yield store


def _show_new(key: Key, text: str, as_json: bool) -> None:
    if as_json:
        print_json({**_fields(key), "key": text})
        return
    click.echo(text)
    say(f"key {key.id} ({key.label}), role {key.role}. It is shown only once: copy it now.")


def _fields(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "label": key.label,
        "role": key.role,
        "tenants": [EVERY_TENANT] if key.tenants is None else list(key.tenants),
        "created_at": _time(key.created_at),
        "expires_at": _time(key.expires_at),
        "revoked_at": _time(key.revoked_at),
        "last_used_at": _time(key.last_used_at),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _day(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _state(key: Key) -> str:
    if key.revoked_at is not None:
        return f"revoked {_day(key.revoked_at)}"
    if not key.holds(utc_now()):
        return f"expired {_day(key.expires_at)}"
    return "valid" if key.expires_at is None else f"valid until {_day(key.expires_at)}"
