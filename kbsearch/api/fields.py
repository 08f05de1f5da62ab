"""Field types of requests and answers: texts, ids, times."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from kbsearch.text.language_tags import language_tag

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
_CONTROLS_AND_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")

SUBJECT_CHARACTERS = 500
TEXT_CHARACTERS = 50_000
MOST_RESULTS = 50
NO_LANGUAGE = "not a language; write 'bg', 'en-GB' or 'Bulgarian'"
_TAKEN_ADDRESSES = frozenset({"draft", "flags"})  # these addresses are not articles
MOST_STATEMENTS = 50


def _clean(value: Any) -> Any:
    """Control characters (a log pasted from a terminal) become spaces; half characters are refused."""
    return cleaned_text(value) if isinstance(value, str) else value


def cleaned_text(value: str) -> str:
    """The text with spaces in place of control characters. Raises ValueError for half characters."""
    if _SURROGATES.search(value):
        raise ValueError("it contains an unpaired surrogate, which is not a character")
    return _CONTROLS.sub(" ", value)


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("it must not be empty")
    return value


def _plain_id(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # ticket systems number their tickets
    if isinstance(value, str) and (
        _CONTROLS_AND_BREAKS.search(value) or _SURROGATES.search(value) or value != value.strip()
    ):
        raise ValueError("an id must not contain control characters or start or end with a space")
    return value


def reachable(value: str) -> str:
    """The id itself. Raises ValueError for an id that clients would turn into another address."""
    if not {".", ".."}.isdisjoint(value.split("/")):
        raise ValueError("an id must not have '.' or '..' between slashes: no address leads to it")
    return value


def _no_other_address(value: str) -> str:
    if value in _TAKEN_ADDRESSES or value.endswith("/versions"):
        raise ValueError("this id is reserved; choose another one")
    return value


def _language(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    tag = language_tag(value)
    if tag is None:
        raise ValueError(NO_LANGUAGE)
    return tag


def _written_time(value: Any) -> Any:
    if value is not None and not isinstance(value, str | datetime):
        raise ValueError("not a time; write 2026-11-23T09:30:00Z")
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the year must be between 1 and 9999 in UTC") from None


def rfc3339(moment: datetime) -> str:
    """A time as answers show it, exact to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")


Id = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(_plain_id)]
NewId = Annotated[Id, AfterValidator(reachable)]
"""The id of what is made: one that an address leads to."""
NewArticleId = Annotated[NewId, AfterValidator(_no_other_address)]
Title = Annotated[
    str, Field(min_length=1, max_length=SUBJECT_CHARACTERS), BeforeValidator(_clean), AfterValidator(_not_blank)
]
Text = Annotated[str, Field(max_length=TEXT_CHARACTERS), BeforeValidator(_clean)]
FilledText = Annotated[
    str, Field(min_length=1, max_length=TEXT_CHARACTERS), BeforeValidator(_clean), AfterValidator(_not_blank)
]
Label = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(_clean), AfterValidator(_not_blank)]
Labels = Annotated[list[Label], Field(max_length=50)]
Language = Annotated[
    str,
    BeforeValidator(_language),
    Field(max_length=35, description="A BCP 47 tag such as `bg` or `en-GB`; names and other spellings are normalised."),
]
Time = Annotated[
    AwareDatetime,
    BeforeValidator(_written_time),
    AfterValidator(_in_utc),
    PlainSerializer(rfc3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Limit = Annotated[int, Field(ge=1, le=MOST_RESULTS, strict=True)]


class In(BaseModel):
    """A request body: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(from_attributes=True)


class WarningOut(Out):
    """A value that was left out or changed; the rest was accepted."""

    pointer: Annotated[str, Field(description="JSON Pointer (RFC 6901) into the body.")]
    detail: str


Warnings = Annotated[
    list[WarningOut], Field(exclude_if=lambda warnings: not warnings, description="Absent where there are none.")
]
