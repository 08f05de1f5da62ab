"""Which part of an exported record is what: read from a YAML file, applied to each record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, cast

import yaml
from pydantic import Field, ValidationError, model_validator

from kbsearch.errors import BrokenFile
from kbsearch.model import TenantId
from kbsearch.ticketing.exports.html_pages import page_rows
from kbsearch.ticketing.exports.mailbox import mailbox_rows
from kbsearch.ticketing.exports.servicenow import servicenow_rows
from kbsearch.ticketing.exports.tables import table_rows
from kbsearch.ticketing.fields import (
    ARTICLE_FIELDS,
    RESOLUTION_FIELDS,
    TICKET_FIELDS,
    Part,
    Rule,
    field_values,
    tenant_of,
    text_of,
    value_at,
)
from kbsearch.ticketing.records import Numbered, records

PRESETS = files("kbsearch.ticketing.exports") / "presets"


class ExportMapping(Part):
    """How the records of one kind of export become tickets or articles.

    ``record`` says where records stand: a path in JSON, the name of an element in XML. ``agents`` are endings of the
    addresses of agents in a mailbox. ``keep_if`` names the values that a record must have to be meant.
    """

    of: Literal["tickets", "articles"] = "tickets"
    format: Literal["csv", "json", "servicenow-xml", "mbox", "html"] = "csv"
    encoding: str = "auto"
    delimiter: str = "auto"
    record: str = ""
    agents: tuple[str, ...] = ()
    fields: dict[str, Rule]
    tenant: Rule | None = None
    keep_if: dict[str, tuple[str, ...]] = Field(default_factory=dict[str, tuple[str, ...]])
    id_prefix: str = ""

    @model_validator(mode="after")
    def _names_fields(self) -> ExportMapping:
        known = TICKET_FIELDS | RESOLUTION_FIELDS if self.of == "tickets" else ARTICLE_FIELDS
        unknown = sorted(self.fields.keys() - known)
        if unknown:
            raise ValueError(f"no field of {self.of} is called {unknown[0]}; there are {', '.join(sorted(known))}")
        for name in ("id", "subject" if self.of == "tickets" else "title", "resolution"):
            if name not in self.fields:
                raise ValueError(f"the field {name} is needed")
        return self


class LeftOut(Exception):
    """A record that is not meant: ``keep_if`` leaves it out."""


def read_mapping(name: str) -> ExportMapping:
    """A mapping by the name of a preset or the path of a YAML file.

    Raises:
        BrokenFile: there is none, or it does not say what a mapping says.
    """
    preset = PRESETS / f"{name}.yaml"
    is_preset = re.fullmatch(r"[a-z0-9-]+", name) is not None and preset.is_file()
    try:
        text = preset.read_text("utf-8") if is_preset else Path(name).read_text("utf-8")
        return ExportMapping.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BrokenFile(name, f"{place + ': ' if place else ''}{first['msg'].removeprefix('Value error, ')}") from None
    except yaml.YAMLError as error:
        raise BrokenFile(name, f"it is not YAML: {getattr(error, 'problem', None) or 'see its syntax'}") from None
    except (OSError, UnicodeDecodeError):
        offered = ", ".join(preset_names())
        raise BrokenFile(name, f"there is neither a mapping file nor a preset of this name ({offered})") from None


def preset_names() -> list[str]:
    """The mappings that come with kbsearch."""
    return sorted(one.name.removesuffix(".yaml") for one in PRESETS.iterdir() if one.name.endswith(".yaml"))


def rows(path: Path, mapping: ExportMapping) -> Iterator[Numbered]:
    """The records of an export as they stand in it. Raises BrokenFile."""
    try:
        if mapping.format == "csv":
            yield from table_rows(path, mapping.encoding, mapping.delimiter)
        elif mapping.format == "servicenow-xml":
            for one in servicenow_rows(path):
                if not mapping.record or (isinstance(one.record, dict) and one.record[""] == mapping.record):
                    yield one
        elif mapping.format == "mbox":
            yield from mailbox_rows(path, mapping.agents)
        elif mapping.format == "html":
            yield from page_rows(path)
        else:
            yield from _documents(path, mapping.record)
    except OSError as error:
        raise BrokenFile(str(path), error.strerror or str(error)) from error


def _documents(path: Path, place: str) -> Iterator[Numbered]:
    """JSON: the objects of a file, or those at ``place`` in each, numbered from 1."""
    number = 0
    with path.open("rb") as opened:
        for one in records(opened):
            if isinstance(one.record, str) or not place:
                yield one
                continue
            found = value_at(one.record, place)
            for record in cast("list[Any]", found) if isinstance(found, list) else [found]:
                number += 1
                known = cast("dict[str, Any]", record) if isinstance(record, dict) else "no record stands here"
                yield Numbered(number, known, one.read)


def mapped(record: Mapping[str, Any], mapping: ExportMapping) -> tuple[dict[str, Any], TenantId | None]:
    """A record in the shape of the API, and its tenant where the mapping says where that stands.

    Raises:
        LeftOut: it is not meant.
        Rejected: a value that is needed is missing, or not one that the mapping knows.
    """
    for path, wanted in mapping.keep_if.items():
        if text_of(value_at(record, path)) not in wanted:
            raise LeftOut
    given = field_values(record, mapping.fields)
    if "id" in given:
        given["id"] = mapping.id_prefix + str(given["id"])
    if mapping.of == "tickets":
        ticket = {name: value for name, value in given.items() if name in TICKET_FIELDS}
        given = {"ticket": ticket, **{name: value for name, value in given.items() if name in RESOLUTION_FIELDS}}
    return given, None if mapping.tenant is None else tenant_of(record, mapping.tenant)
