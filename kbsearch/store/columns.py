"""Between Python values and what columns hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kbsearch.model import SolutionRef, TenantId


def time_text(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with six fractional digits, so that text order is time order."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def parse_optional_time(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text)


def object_text(values: Mapping[str, Any]) -> str:
    """JSON, with the keys in their order."""
    return json.dumps(dict(values), ensure_ascii=False)


def list_text(values: Sequence[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def parse_list(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def optional_ref(tenant: str | None, id: str | None) -> SolutionRef | None:
    """The solution that two columns name; None where one is null."""
    return None if tenant is None or id is None else SolutionRef(TenantId(tenant), id)
