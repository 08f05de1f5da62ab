"""Records of imports, over HTTP and by commands, in the shape of the API.

A secondary field that cannot be used is left out with a warning, so that the record is not lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from kbsearch.api.problems import validation_errors
from kbsearch.api.requests.articles import ArticleIn
from kbsearch.api.requests.tickets import WriteBackLine
from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.ticketing.records import NO_OBJECT

SIDE_FIELDS = frozenset(
    {
        "language", "priority", "created_at", "respond_by", "responded_at", "resolve_by", "environment", "tags",
        "audience", "metadata", "resolved_by", "level", "resolved_at", "minutes_spent", "reassignments",
        "suggestion_id",
    }
)  # fmt: skip
_LISTS = ("issue", "environment", "tags")

_Model = TypeVar("_Model", bound=BaseModel)

Warn = Callable[[str], None]
"""Called with the pointer and reason of each field that is left out."""


def ticket_record(
    wire: Mapping[str, Any], warn: Warn, lies_ahead: Callable[[datetime | None], bool]
) -> ResolvedTicketIn:
    """A resolved ticket to import.

    Args:
        wire: the JSON object.
        warn: see Warn.
        lies_ahead: whether a time of resolution lies too far in the future to be stored.

    Raises:
        ValidationError: a field that is not secondary is wrong.
    """
    parsed = _parsed(WriteBackLine, wire, warn)
    for one in parsed.ticket.warnings:
        warn(f"{one.pointer}: {one.detail}")
    given = parsed.to_resolved(parsed.ticket.id or "")
    if lies_ahead(given.resolution.resolved_at):
        warn("/resolved_at: left out: it lies more than a day in the future")
    return given


def article_record(
    wire: Mapping[str, Any], warn: Warn, origin: str | None = None, digest: str | None = None
) -> ImportedArticle:
    """An article to import; ``origin`` and ``digest`` as in ImportedArticle. Raises ValidationError as above."""
    parsed = _parsed(ArticleIn, wire, warn)
    if parsed.id is None:
        raise ValidationError.from_exception_data(
            "article", [{"type": "missing", "loc": ("id",), "input": None}], hide_input=True
        )
    return ImportedArticle(parsed.to_article(parsed.id), origin, digest)


def record_error(error: ValidationError) -> str:
    """What is wrong with a record, without its text."""
    found = validation_errors([dict(one) for one in error.errors(include_input=False, include_url=False)])
    if any(one["type"] == "json_invalid" for one in error.errors(include_input=False)):
        return NO_OBJECT
    return "; ".join(f"{one['pointer']}: {one['detail']}" if one["pointer"] else one["detail"] for one in found)


def _parsed(model: type[_Model], wire: Mapping[str, Any], warn: Warn) -> _Model:
    plain = _plain(wire)
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        places = {place for one in error.errors() if (place := _side_field(one["loc"])) is not None}
        if any(_side_field(one["loc"]) is None for one in error.errors()):
            raise
        said = validation_errors([dict(one) for one in error.errors(include_input=False, include_url=False)])
        checked = model.model_validate(_without(plain, places))
    for one in said:
        warn(f"{one['pointer']}: left out: {one['detail']}")
    return checked


def _side_field(place: Sequence[int | str]) -> tuple[str, ...] | None:
    """Where the side field stands that an error is about."""
    names = tuple(str(one) for one in place[:2] if isinstance(one, str))
    if names[:1] == ("ticket",) and len(names) > 1 and names[1] in SIDE_FIELDS:
        return names
    return names[:1] if names and names[0] in SIDE_FIELDS else None


def _plain(wire: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers as ids are texts; an empty list or text of a side field is none."""
    changed = dict(wire)
    for name in ("id", "solution_id", "suggestion_id"):
        if isinstance(changed.get(name), int) and not isinstance(changed[name], bool):
            changed[name] = str(changed[name])
    for name in _LISTS:
        if name in changed:
            changed[name] = _listed(changed[name])
    if changed.get("metadata") in ("", [], {}, None):
        changed.pop("metadata", None)
    for name in SIDE_FIELDS.difference(_LISTS):
        if changed.get(name) in ("", [], {}):
            changed[name] = None
    if isinstance(changed.get("ticket"), dict):
        changed["ticket"] = _plain(cast("dict[str, Any]", changed["ticket"]))
    return changed


def _listed(value: Any) -> Any:
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        entries = cast("list[Any]", value)
        return [str(one) if isinstance(one, int | float) else one for one in entries if one not in (None, "")]
    return value


def _without(wire: dict[str, Any], places: set[tuple[str, ...]]) -> dict[str, Any]:
    left = {name: value for name, value in wire.items() if (name,) not in places}
    if "ticket" in left and any(len(place) > 1 for place in places):
        ticket = cast("dict[str, Any]", left["ticket"])
        left["ticket"] = {name: value for name, value in ticket.items() if ("ticket", name) not in places}
    return left
