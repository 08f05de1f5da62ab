"""Values of other systems' records: where they stand, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from kbsearch.errors import InvalidTenant
from kbsearch.model import SHARED, TenantId

TICKET_FIELDS = frozenset(
    {
        "id", "subject", "description", "environment", "language", "priority", "created_at", "respond_by",
        "responded_at", "resolve_by",
    }
)  # fmt: skip
RESOLUTION_FIELDS = frozenset(
    {"resolution", "cause", "resolved_by", "level", "resolved_at", "minutes_spent", "reassignments", "solution_id"}
)
ARTICLE_FIELDS = frozenset(
    {"id", "title", "issue", "environment", "cause", "resolution", "tags", "language", "audience", "state"}
)

_LISTS = frozenset({"environment", "issue", "tags"})
_TIMES = frozenset({"created_at", "respond_by", "responded_at", "resolve_by", "resolved_at", "occurred_at"})
_NUMBERS = frozenset({"level", "minutes_spent", "reassignments"})
_STEP = re.compile(r"([^.\[\]]+)|\[(-?\d+|\*)\]")
_BETWEEN = re.compile(r"[\n;,]+")


class Part(BaseModel):
    """A part of a file that an administrator writes: what it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldRule(Part):
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


Rule = Annotated[FieldRule, BeforeValidator(_rule)]
"""A rule, or the path alone."""


class Rejected(Exception):
    """A record that becomes nothing; the text says why, without the record's own text."""


def value_at(record: Any, path: str) -> Any:
    """The value at a path such as ``issue.comments[-1].body`` or ``changelog.items[*].field``, a list for ``[*]``.

    A column of this very name goes first. A single value is a list of one: a column that comes several times in one
    export comes once in another.
    """
    if isinstance(record, Mapping) and path in record:
        return cast("Mapping[str, Any]", record)[path]
    return _followed(record, _STEP.findall(path))


def _followed(found: Any, steps: Sequence[tuple[str, str]]) -> Any:
    for place, (name, index) in enumerate(steps):
        if not index:
            found = cast("Mapping[str, Any]", found).get(name) if isinstance(found, Mapping) else None
            continue
        listed: list[Any] = cast("list[Any]", found) if isinstance(found, list) else [found]
        if index == "*":
            return [_followed(one, steps[place + 1 :]) for one in listed]
        found = listed[int(index)] if -len(listed) <= int(index) < len(listed) else None
    return found


def tenant_of(record: Mapping[str, Any], rule: FieldRule) -> TenantId:
    """The tenant of a record. A record without one is never anybody's, and never everybody's. Raises Rejected."""
    text = field_value(record, "tenant", rule)
    if not text:
        raise Rejected("tenant: nothing stands there, so it is not known whose record this is")
    try:
        tenant = TenantId(str(text))
    except InvalidTenant:
        raise Rejected("tenant: this is no id of a tenant; map names to ids") from None
    if tenant == SHARED:
        raise Rejected("tenant: what another system sends is never shared")
    return tenant


def field_values(
    record: Mapping[str, Any], rules: Mapping[str, FieldRule], names: Iterable[str] | None = None
) -> dict[str, Any]:
    """The values of the fields that are filled, all or those of these names. Raises Rejected."""
    wanted = rules.keys() if names is None else [name for name in rules if name in {*names}]
    values = {name: field_value(record, name, rules[name]) for name in wanted}
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def field_value(record: Mapping[str, Any], name: str, rule: FieldRule) -> Any:
    """The value of a field, None where nothing stands there. Raises Rejected for one that cannot be used."""
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
        texts = [text_of(one) for one in cast("list[Any]", value)] if isinstance(value, list) else [text_of(value)]
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


def text_of(value: Any) -> str:
    """A single value as text, empty for none and for what holds others."""
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()
