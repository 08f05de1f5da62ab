"""Which part of an exported record is what: read from a YAML file, applied to each record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from kbsearch.errors import BrokenFile, InvalidTenant
from kbsearch.model import SHARED, TenantId
from kbsearch.ticketing.exports.html_pages import page_rows
from kbsearch.ticketing.exports.mailbox import mailbox_rows
from kbsearch.ticketing.exports.servicenow import servicenow_rows
from kbsearch.ticketing.exports.tables import table_rows
from kbsearch.ticketing.records import Numbered, records

PRESETS = files("kbsearch.ticketing.exports") / "presets"

TICKET_FIELDS = frozenset(
    {
        "id", "subject", "description", "environment", "language", "priority", "created_at", "respond_by",
        "responded_at", "resolve_by", "resolution", "cause", "resolved_by", "level", "resolved_at", "minutes_spent",
        "reassignments", "solution_id",
    }
)  # fmt: skip
ARTICLE_FIELDS = frozenset(
    {"id", "title", "issue", "environment", "cause", "resolution", "tags", "language", "audience", "state"}
)
_OF_TICKET = TICKET_FIELDS - {
    "resolution", "cause", "resolved_by", "level", "resolved_at", "minutes_spent", "reassignments", "solution_id",
}  # fmt: skip
_LISTS = frozenset({"environment", "issue", "tags"})
_TIMES = frozenset({"created_at", "respond_by", "responded_at", "resolve_by", "resolved_at"})
_NUMBERS = frozenset({"level", "minutes_spent", "reassignments"})
_STEP = re.compile(r"([^.\[\]]+)|\[(-?\d+)\]")
_BETWEEN = re.compile(r"[\n;,]+")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldRule(_Part):
    """Where the value of a field stands, and how it is read.

    ``first`` names several places: the first that is filled counts. ``map`` replaces values; what it does not name
    stays, unless ``on_missing`` is ``reject``. ``after`` leaves out that many parts of a cell with ``;`` between, as in
    Jira's comments ``date;author;text``. ``formats`` are those of ``strptime``, or ``iso`` or ``unix``.
    """

    path: str | None = None
    first: tuple[str, ...] = ()
    value: str | None = None
    map: dict[str, str] = Field(default_factory=dict[str, str])
    on_missing: Literal["keep", "reject"] = "keep"
    required: bool = False
    after: int = 0
    formats: tuple[str, ...] = ("iso",)
    timezone: str = "UTC"

    @model_validator(mode="after")
    def _is_one(self) -> FieldRule:
        if sum((self.path is not None, bool(self.first), self.value is not None)) != 1:
            raise ValueError("a field has one of path, first and value")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"there is no time zone {self.timezone}") from None
        return self


def _rule(given: object) -> object:
    return {"path": given} if isinstance(given, str) else given


class ExportMapping(_Part):
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
    fields: dict[str, Annotated[FieldRule, BeforeValidator(_rule)]]
    tenant: Annotated[FieldRule | None, BeforeValidator(_rule)] = None
    keep_if: dict[str, tuple[str, ...]] = Field(default_factory=dict[str, tuple[str, ...]])
    id_prefix: str = ""

    @model_validator(mode="after")
    def _names_fields(self) -> ExportMapping:
        known = TICKET_FIELDS if self.of == "tickets" else ARTICLE_FIELDS
        unknown = sorted(self.fields.keys() - known)
        if unknown:
            raise ValueError(f"no field of {self.of} is called {unknown[0]}; there are {', '.join(sorted(known))}")
        for name in ("id", "subject" if self.of == "tickets" else "title", "resolution"):
            if name not in self.fields:
                raise ValueError(f"the field {name} is needed")
        return self


class Rejected(Exception):
    """A record that becomes nothing; the text says why, without the record's own text."""


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


def value_at(record: Any, path: str) -> Any:
    """The value at a path such as ``issue.fields.comments[-1].body``; a column of this very name goes first.

    A single value is a list of one: a column that comes several times in one export comes once in another.
    """
    if isinstance(record, Mapping) and path in record:
        return cast("Mapping[str, Any]", record)[path]
    found: Any = cast("Any", record)
    for name, place in _STEP.findall(path):
        if place:
            listed: list[Any] = cast("list[Any]", found) if isinstance(found, list) else [found]
            found = listed[int(place)] if -len(listed) <= int(place) < len(listed) else None
        else:
            found = cast("Mapping[str, Any]", found).get(name) if isinstance(found, Mapping) else None
    return found


def mapped(record: Mapping[str, Any], mapping: ExportMapping) -> tuple[dict[str, Any], TenantId | None]:
    """A record in the shape of the API, and its tenant where the mapping says where that stands.

    Raises:
        LeftOut: it is not meant.
        Rejected: a value that is needed is missing, or not one that the mapping knows.
    """
    for path, wanted in mapping.keep_if.items():
        if _text(value_at(record, path)) not in wanted:
            raise LeftOut
    values = {name: _value(record, name, rule) for name, rule in mapping.fields.items()}
    if values.get("id"):
        values["id"] = mapping.id_prefix + str(values["id"])
    given = {name: value for name, value in values.items() if value not in (None, "", [])}
    if mapping.of == "tickets":
        ticket = {name: value for name, value in given.items() if name in _OF_TICKET}
        given = {"ticket": ticket, **{name: value for name, value in given.items() if name not in _OF_TICKET}}
    return given, None if mapping.tenant is None else _tenant(record, mapping.tenant)


def _tenant(record: Mapping[str, Any], rule: FieldRule) -> TenantId:
    """The tenant of a record. A record without one is never anybody's, and never everybody's."""
    text = _value(record, "tenant", rule)
    if not text:
        raise Rejected("tenant: nothing stands there, so it is not known whose record this is")
    try:
        tenant = TenantId(str(text))
    except InvalidTenant:
        raise Rejected("tenant: this is no id of a tenant; map names to ids") from None
    if tenant == SHARED:
        raise Rejected("tenant: a record of an export is never shared")
    return tenant


def _value(record: Mapping[str, Any], name: str, rule: FieldRule) -> Any:
    found = _found(record, rule, name in _LISTS)
    if not found:
        if rule.required:
            raise Rejected(f"{name}: nothing stands there")
        return None
    if isinstance(found, list):
        return found
    text = found.split(";", rule.after)[-1].strip() if rule.after else found
    if rule.map and text not in rule.map and rule.on_missing == "reject":
        raise Rejected(f"{name}: the mapping does not know this value")
    text = rule.map.get(text, text)
    if name in _TIMES:
        return _time(text, rule)
    return int(float(text)) if name in _NUMBERS and re.fullmatch(r"\d+(\.\d+)?", text) else text


def _found(record: Mapping[str, Any], rule: FieldRule, as_list: bool) -> str | list[str]:
    """What stands at the first of a field's places that is filled."""
    if rule.value is not None:
        return [rule.value] if as_list else rule.value
    for place in (rule.path,) if rule.path is not None else rule.first:
        value = value_at(record, place)
        texts = [_text(one) for one in cast("list[Any]", value)] if isinstance(value, list) else [_text(value)]
        if as_list:
            texts = [part.strip() for text in texts for part in _BETWEEN.split(text)]
        texts = [text for text in texts if text]
        if texts:
            return texts if as_list else "\n\n".join(texts)
    return []


def _time(text: str, rule: FieldRule) -> str:
    """RFC 3339; what cannot be read stays as it is: the import leaves it out with a warning."""
    for form in rule.formats:
        try:
            if form == "unix":
                return datetime.fromtimestamp(float(text), UTC).isoformat()
            moment = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007
        except (ValueError, OverflowError, OSError):
            continue
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(rule.timezone))).isoformat()
    return text


def _text(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()
