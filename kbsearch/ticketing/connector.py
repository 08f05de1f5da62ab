"""A connected ticket system as one YAML file: a preset, and what is different here."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import Field, ValidationError, model_validator

from kbsearch.errors import BrokenFile
from kbsearch.ticketing.fields import RESOLUTION_FIELDS, TICKET_FIELDS, Part, Rule
from kbsearch.ticketing.verifying import Verification

PRESETS = files("kbsearch.ticketing") / "presets"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_FEWEST_SECRET_BYTES = 16
_FILE = "file:"


class EventKind(StrEnum):
    """What happened to a ticket, as far as kbsearch does something about it."""

    CREATED = "created"
    CHANGED = "changed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    MERGED = "merged"
    IGNORED = "ignored"


class KindRule(Part):
    """A kind, and the values by which its messages are known: all places, each with one of its values.

    A place that holds a list has to have one of the values in it. ``*`` is any value.
    """

    kind: EventKind
    when: dict[str, tuple[str, ...]]


class Connector(Part):
    """How one ticket system's messages are verified and read.

    Places are paths in the message's JSON; ``header.x-name`` is a header. ``secrets`` are names of environment
    variables, or ``file:/path``; the first that is set signs for now, the second while it is exchanged.
    ``own_accounts`` are those that kbsearch itself acts with there: what they do is no event.
    """

    name: str = ""
    preset: str | None = None
    secrets: tuple[str, ...] = Field(default=(), max_length=2)
    verify: Verification
    tenant: Rule
    ticket: dict[str, Rule]
    resolution: dict[str, Rule] = Field(default_factory=dict[str, Rule])
    kinds: tuple[KindRule, ...]
    actor: Rule | None = None
    delivery_id: Rule | None = None
    occurred_at: Rule | None = None
    own_accounts: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Connector:
        for named, known in ((self.ticket, TICKET_FIELDS), (self.resolution, RESOLUTION_FIELDS)):
            unknown = sorted(named.keys() - known)
            if unknown:
                raise ValueError(f"no field is called {unknown[0]}; there are {', '.join(sorted(known))}")
        for name in ("id", "subject"):
            if name not in self.ticket:
                raise ValueError(f"the ticket's {name} is needed")
        if self.tenant.map and self.tenant.on_missing != "reject":
            raise ValueError("tenant: on_missing must be reject, so that nothing goes to the wrong client")
        return self


def read_connector(path: Path) -> Connector:
    """A connector's file over its preset.

    Raises:
        BrokenFile: it cannot be read, or does not say what a connector says.
    """
    given = _yaml(path.read_text("utf-8") if path.is_file() else None, str(path))
    name = path.name.removesuffix(".yaml")
    if not _NAME.fullmatch(name):
        raise BrokenFile(str(path), "the name of the file is the name of the connector: a-z, 0-9 and -")
    preset = given.get("preset")
    base: dict[str, Any] = {}
    if preset is not None:
        source = PRESETS / f"{preset}.yaml"
        if preset not in preset_names():
            raise BrokenFile(str(path), f"preset: there is none of this name; there are {', '.join(preset_names())}")
        base = _yaml(source.read_text("utf-8"), f"preset {preset}")
    try:
        return Connector.model_validate({**_merged(base, given), "name": name})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        detail = first["msg"].removeprefix("Value error, ")
        raise BrokenFile(str(path), f"{place}: {detail}" if place else detail) from None


def preset_names() -> list[str]:
    """The presets that come with kbsearch."""
    return sorted(one.name.removesuffix(".yaml") for one in PRESETS.iterdir() if one.name.endswith(".yaml"))


def connectors_in(folder: Path) -> dict[str, Connector]:
    """Every connector of a folder by name. Raises BrokenFile for the first that cannot be read."""
    return {one.name: one for one in (read_connector(path) for path in sorted(folder.glob("*.yaml")))}


def secrets_of(connector: Connector, environment: Mapping[str, str] = os.environ) -> list[bytes]:
    """The secrets that are set.

    Raises:
        BrokenFile: none is set, or one is too short to be one.
    """
    found: list[bytes] = []
    for name in connector.secrets:
        if name.startswith(_FILE):
            path = Path(name.removeprefix(_FILE))
            secret = path.read_bytes().strip() if path.is_file() else b""
        else:
            secret = environment.get(name, "").encode()
        if secret and len(secret) < _FEWEST_SECRET_BYTES:
            raise BrokenFile(connector.name, f"the secret {name} has fewer than {_FEWEST_SECRET_BYTES} characters")
        if secret:
            found.append(secret)
    if not found:
        named = " or ".join(connector.secrets) or "none is named under secrets"
        raise BrokenFile(connector.name, f"there is no secret ({named}): anybody could send it messages")
    return found


def _yaml(text: str | None, name: str) -> dict[str, Any]:
    if text is None:
        raise BrokenFile(name, "there is no such file")
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BrokenFile(name, f"it is not YAML: {getattr(error, 'problem', None) or 'see its syntax'}") from None
    if not isinstance(found, dict):
        raise BrokenFile(name, "it holds no names and values")
    return cast("dict[str, Any]", found)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Values of ``over`` go first; only ``verify``, ``ticket`` and ``resolution`` are merged name by name."""
    merged = {**base, **over}
    for name in ("verify", "ticket", "resolution"):
        if isinstance(base.get(name), dict) and isinstance(over.get(name), dict):
            merged[name] = {**base[name], **over[name]}
    return merged
