"""What a page's form sends."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from kbsearch.api.problems import validation_errors
from kbsearch.errors import InvalidInput, UnsupportedMediaType

FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100
_BETWEEN = re.compile(r"[\n;,]+")
_Model = TypeVar("_Model", bound=BaseModel)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form; of a name that comes several times the last one.

    Raises:
        UnsupportedMediaType: it is not sent as a form of a page.
        InvalidInput: it cannot be read.
    """
    body = await request.body()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and media_type != FORM:
        raise UnsupportedMediaType(FORM)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise InvalidInput("", "the form cannot be read") from None
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


FormDep = Annotated[dict[str, str], Depends(read_form)]


def listed(text: str) -> list[str]:
    """The entries of a field that takes several: a line, a comma or a semicolon ends one."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def checked(model: type[_Model], values: dict[str, Any]) -> _Model:
    """The values as the API takes them. Raises InvalidInput for the first that it does not take."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = validation_errors(error.errors())[0]
        raise InvalidInput(first["pointer"], first["detail"]) from error
