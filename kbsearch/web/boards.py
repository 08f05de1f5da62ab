"""What the lead's board is about: which clients, which period, and the addresses of the tickets behind its figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from kbsearch.desk.measures import Measure
from kbsearch.desk.period import LONGEST_DAYS, USUAL_DAYS, Period
from kbsearch.errors import InvalidInput
from kbsearch.model import TenantId
from kbsearch.store.desk import Case

LENGTHS = (7, 28, 90, 365)
"""Days that may be chosen by one click."""


@dataclass(frozen=True, slots=True)
class View:
    """A period and a client, as they stand in the address of a page of the board.

    Attributes:
        client: the client that is named; None: all that the reader may see.
        period: the period that the figures are of.
        days: its length where it ends now; None where both ends are given.
    """

    client: TenantId | None
    period: Period
    days: int | None

    @classmethod
    def of(cls, client: TenantId | None, given: Mapping[str, str], now: datetime) -> View:
        """From the parameters ``days``, ``from`` and ``to``; a day that ends a period belongs to it.

        Raises:
            InvalidInput: they make no period.
        """
        since, until = (_moment(given.get(name, ""), name) for name in ("from", "to"))
        if until is not None and len(given["to"]) == len("2026-01-31"):
            until += timedelta(days=1)
        if since is not None or until is not None:
            return cls(client, Period.of(since, until, now), None)
        text = given.get("days", "") or str(USUAL_DAYS)
        if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= LONGEST_DAYS):
            raise InvalidInput("/days", f"a period has 1 to {LONGEST_DAYS} days")
        return cls(client, Period.of(now - timedelta(days=int(text)), now, now), int(text))

    @property
    def last_day(self) -> date:
        """The last day of the period."""
        return (self.period.until - timedelta(microseconds=1)).date()

    def address(self, path: str, **more: str | Iterable[str]) -> str:
        """A page about the same tickets: the period has fixed ends, so that its counts are those of this page."""
        fixed = {"from": _text(self.period.since), "to": _text(self.period.until)}
        query = {"client": self.client or "", **fixed, **more}
        return f"{path}?{urlencode({name: value for name, value in query.items() if value}, doseq=True)}"

    def tickets(self, measure: Measure, *parts: str, path: str = "/desk/tickets") -> str:
        """The tickets behind parts of a figure; behind all of them where none is named."""
        return self.address(path, figure=measure.name, part=parts)

    def counted(self, measure: Measure) -> str:
        """The tickets behind the numerator."""
        return self.tickets(measure, *(part for part in measure.parts if part in measure.counted))

    def grouped(self, kind: str, case: Case, path: str = "/desk/tickets") -> str:
        """The tickets of the gap or outbreak (``kind``) that a ticket belongs to."""
        return self.address(path, **{kind: case.id, "of": case.tenant})


def _moment(text: str, name: str) -> datetime | None:
    """A day (its beginning) or a time, in UTC where it has no other zone; None for an empty text."""
    if not text:
        return None
    try:
        if len(text) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(f"/{name}", "this is neither a day nor a time") from None


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
