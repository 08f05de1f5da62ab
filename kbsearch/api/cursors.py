"""Opaque cursors of lists."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import datetime

from kbsearch.errors import InvalidInput

_LARGEST = 2**53
"""No number of ours is larger. SQLite takes 64 bits."""


def write_cursor(*parts: str | int) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def write_time(moment: datetime | None) -> str:
    """A part of a cursor that read_time() reads."""
    return "" if moment is None else moment.isoformat()


def read_time(part: str | int) -> datetime:
    """Raises InvalidInput for what write_time() did not write."""
    with suppress(ValueError):
        moment = datetime.fromisoformat(str(part))
        if moment.tzinfo is not None:
            return moment
    raise _foreign()


def _foreign() -> InvalidInput:
    return InvalidInput("/cursor", "this is not a cursor of this list; take next_cursor from the page before")


def read_cursor(text: str, *kinds: type) -> list[str | int]:
    """The parts of a cursor. Raises InvalidInput for a cursor that was not written here."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if [type(part) for part in parts] != list(kinds):
            raise ValueError
        if any(isinstance(part, int) and not 0 <= part <= _LARGEST for part in parts):
            raise ValueError
        "".join(map(str, parts)).encode()  # half surrogates cannot be looked up
    except (ValueError, TypeError, RecursionError):
        raise _foreign() from None
    return parts
