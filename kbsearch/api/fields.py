"""Field types of the wire: what a text, an id, a time may be."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")

SUBJECT_CHARACTERS = 500
TEXT_CHARACTERS = 50_000
MOST_RESULTS = 50


def _clean(value: Any) -> Any:
    """Control characters (a log pasted from a terminal) become spaces; half characters are refused."""
    if not isinstance(value, str):
        return value
    if _SURROGATES.search(value):
        raise ValueError("it contains half of a surrogate pair, which is no character")
    return _CONTROLS.sub(" ", value)


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("it must not be empty")
    return value


def _plain_id(value: Any) -> Any:
    if isinstance(value, str) and (_CONTROLS.search(value) or _SURROGATES.search(value) or value != value.strip()):
        raise ValueError("an id has no control characters and no spaces around it")
    return value


def _written_time(value: Any) -> Any:
    if value is not None and not isinstance(value, str | datetime):
        raise ValueError("a time is written as in 2026-11-23T09:30:00Z")
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("it lies outside of the years 1 to 9999 in UTC") from None


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")


Id = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(_plain_id)]
Title = Annotated[
    str, Field(min_length=1, max_length=SUBJECT_CHARACTERS), BeforeValidator(_clean), AfterValidator(_not_blank)
]
Text = Annotated[str, Field(max_length=TEXT_CHARACTERS), BeforeValidator(_clean)]
FilledText = Annotated[
    str, Field(min_length=1, max_length=TEXT_CHARACTERS), BeforeValidator(_clean), AfterValidator(_not_blank)
]
Label = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(_clean), AfterValidator(_not_blank)]
Labels = Annotated[list[Label], Field(max_length=50)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
Time = Annotated[
    AwareDatetime,
    BeforeValidator(_written_time),
    AfterValidator(_in_utc),
    PlainSerializer(_rfc3339, return_type=str),
]
Limit = Annotated[int, Field(ge=1, le=MOST_RESULTS, strict=True)]


class In(BaseModel):
    """What a caller sends: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What is answered."""

    model_config = ConfigDict(from_attributes=True)
