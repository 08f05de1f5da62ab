"""The tickets behind a figure as CSV: one row a ticket, no person's name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from kbsearch.desk.desk import Listed

COLUMNS = (
    "client", "ticket_id", "subject", "part", "at", "created_at", "asked_at", "resolved_at", "written_at",
    "reopened_at", "verdict", "level", "reassignments", "minutes_spent", "outcome", "solution_id",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ROWS_AT_ONCE = 500


def lines(tickets: Iterable[Listed]) -> Iterator[str]:
    """The file in pieces (RFC 4180), a header first. No cell begins as a spreadsheet's formula does."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, one in enumerate(tickets, start=1):
        writer.writerow(_row(one))
        if number % _ROWS_AT_ONCE == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _row(one: Listed) -> list[str]:
    case = one.case
    cells = (
        case.tenant, case.id, one.subject, one.part, one.at, case.created_at, case.asked_at, case.resolved_at,
        case.written_at, case.reopened_at, case.verdict, case.level, case.reassignments, case.minutes_spent,
        case.outcome, case.solution and case.solution.id,
    )  # fmt: skip
    return [_cell(value) for value in cells]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
