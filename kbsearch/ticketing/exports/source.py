"""An export as a source of records in the shape of the API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kbsearch.model import TenantId
from kbsearch.ticketing.exports.mapping import ExportMapping, LeftOut, mapped, rows
from kbsearch.ticketing.fields import Rejected
from kbsearch.ticketing.records import Numbered


@dataclass(slots=True)
class Survey:
    """What an export holds: how many records become something, how many of them have each field, what does not fit."""

    records: int = 0
    left_out: int = 0
    filled: Counter[str] = field(default_factory=Counter[str])
    tenants: Counter[TenantId | None] = field(default_factory=Counter[TenantId | None])
    rejected: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


def wires(
    path: Path, mapping: ExportMapping, tenant: TenantId | None, with_rejected: bool = True
) -> Iterator[Numbered]:
    """The records of one tenant in the shape of the API, or what is wrong with them; without a tenant those of all."""
    for row in rows(path, mapping):
        record, owner = _wire(row, mapping)
        if record is None or (isinstance(record, str) and not with_rejected):
            continue
        if isinstance(record, str) or tenant is None or owner in (None, tenant):
            yield Numbered(row.number, record, row.read)


def survey(path: Path, mapping: ExportMapping) -> Survey:
    """Read an export without importing it."""
    found = Survey()
    for row in rows(path, mapping):
        record, owner = _wire(row, mapping)
        if record is None:
            found.left_out += 1
        elif isinstance(record, str):
            found.rejected.append((row.number, record))
        else:
            found.records += 1
            found.tenants[owner] += 1
            found.filled.update({**record.get("ticket", {}), **record}.keys() - {"ticket"})
    return found


def raw(path: Path, mapping: ExportMapping, numbers: Collection[int]) -> Iterator[tuple[int, Any]]:
    """The records of these numbers as they stand in the export."""
    for row in rows(path, mapping):
        if row.number in numbers:
            yield row.number, row.record


def _wire(row: Numbered, mapping: ExportMapping) -> tuple[dict[str, Any] | str | None, TenantId | None]:
    """A record in the shape of the API and its tenant, or what is wrong with it; None where it is not meant."""
    if isinstance(row.record, str):
        return row.record, None
    try:
        return mapped(row.record, mapping)
    except LeftOut:
        return None, None
    except Rejected as reason:
        return str(reason), None
